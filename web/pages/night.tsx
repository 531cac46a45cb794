/** One night: its steps and digest, the pyramid it published, its inputs, and what a correction would have changed. */
import { ArrowLeftOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { Button } from 'antd'
import type { Output } from '../../src/contract/endpoint.ts'
import { readNight, readPyramid } from '../../src/contract/nights.ts'
import { reading } from '../api.ts'
import { countText, spanText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { Instant } from '../parts/figures.tsx'
import { NightStatus } from '../parts/night-status.tsx'
import { Fact, Facts, Figure, Page, Panel } from '../parts/page.tsx'
import { PyramidChart } from '../parts/pyramid.tsx'
import { SmallTable } from '../parts/small-table.tsx'
import { Answered } from '../parts/state.tsx'
import { WouldHaveBeen } from '../parts/would-have-been.tsx'
import { useMay } from '../session.ts'

type OneNight = Output<typeof readNight>

export default function NightPage() {
  const { copy } = useLanguage()
  const may = useMay()
  const navigate = useNavigate()
  const { id } = useParams({ from: '/desk/nights/$id' })
  const night = useQuery({ ...reading(readNight, { params: { id: Number(id) } }), enabled: may('nights.read') })
  const back = () => navigate({ to: '/nights' })
  return (
    <Page
      title={night.data ? `${copy.nights.one} ${night.data.day}` : copy.nights.one}
      needs="nights.read"
      actions={[{ key: 'B', label: copy.common.back, run: back, panelOnly: true }]}
      before={<Button type="text" icon={<ArrowLeftOutlined />} aria-label={copy.common.back} onClick={back} />}
      aside={night.data && <NightStatus night={night.data} />}
    >
      <Answered query={night}>{(found) => <Content key={found.id} night={found} />}</Answered>
    </Page>
  )
}

function Content({ night }: { night: OneNight }) {
  const { copy, code } = useLanguage()
  const words = copy.nights
  const may = useMay()
  return (
    <>
      <div className="figures">
        <Figure name={words.customers} value={night.customers === null ? '—' : countText(night.customers)} />
        <Figure
          name={words.took}
          value={night.finishedAt ? spanText(night.startedAt, night.finishedAt) : '—'}
          note={<Instant at={night.startedAt} />}
        />
        <Figure name={words.policy} value={night.policyVersion} note={night.scheme} />
        <Figure
          name={words.published}
          value={
            <span className="figure-small">
              <Instant at={night.publishedAt} />
            </span>
          }
        />
      </div>
      {night.failure && (
        <div className="note note-warn">
          <b>{words.failure}</b> {code === 'en' ? night.failure.en : night.failure.zh}
        </div>
      )}
      {night.staleSince && <div className="note note-warn">{words.staleDetail}</div>}
      <div className="grid">
        <div className="span-7 stack">
          {night.status === 'published' && may('pyramid.read') && <NightPyramid id={night.id} />}
          {night.staleSince && may('customers.read') && <WouldHaveBeen night={night.id} />}
        </div>
        <div className="span-5 stack">
          <Steps night={night} />
          <Manifest night={night} />
        </div>
      </div>
    </>
  )
}

function NightPyramid({ id }: { id: number }) {
  const { copy } = useLanguage()
  const pyramid = useQuery(reading(readPyramid, { params: { id } }))
  return (
    <Panel title={copy.nights.pyramid}>
      <Answered query={pyramid}>{(found) => <PyramidChart pyramid={found} linked={false} />}</Answered>
    </Panel>
  )
}

function Steps({ night }: { night: OneNight }) {
  const { copy } = useLanguage()
  const words = copy.nights
  return (
    <Panel title={words.steps} flush>
      <SmallTable<OneNight['steps'][number]>
        label={words.steps}
        rows={night.steps}
        keyOf={(step) => step.name}
        columns={[
          { key: 'name', title: words.step, render: (_, step) => words.stepNames[step.name] ?? step.name },
          {
            key: 'seconds',
            title: words.seconds,
            align: 'right',
            render: (_, step) => (step.seconds === null ? '—' : `${step.seconds.toFixed(2)} s`),
          },
          {
            key: 'digest',
            title: words.digest,
            render: (_, step) => step.digest && <code title={step.digest}>{step.digest.slice(0, 16)}</code>,
          },
        ]}
      />
    </Panel>
  )
}

const shownInputsMax = 6

/** The manifest's entries as they are kept; long lists of files by their first ones and a count. */
function Manifest({ night }: { night: OneNight }) {
  const { copy } = useLanguage()
  const words = copy.nights
  const entries = night.manifest && typeof night.manifest === 'object' ? Object.entries(night.manifest) : []
  return (
    <Panel title={words.manifest}>
      <p className="quiet">{words.manifestNote}</p>
      <Facts>
        <Fact name={words.digest}>{night.digest && <code className="breakable">{night.digest}</code>}</Fact>
        {night.replayOf !== null && <Fact name={words.status}>{words.replayOf(night.replayOf)}</Fact>}
        {entries.map(([name, value]) => (
          <Fact key={name} name={name}>
            <code className="breakable">{brief(value)}</code>
          </Fact>
        ))}
      </Facts>
    </Panel>
  )
}

function brief(value: unknown): string {
  if (Array.isArray(value)) {
    const files = value
      .slice(0, shownInputsMax)
      .map((one) =>
        one && typeof one === 'object' && 'sha256' in one ? String(one.sha256).slice(0, 12) : JSON.stringify(one),
      )
    return `${value.length}: ${files.join(' ')}${value.length > shownInputsMax ? ' …' : ''}`
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
