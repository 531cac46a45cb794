/** Home: where the customers stand, who moved, what runs, and what to mend first. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { listLoads } from '../../src/contract/loads.ts'
import { listNights, readFlows, readPyramid } from '../../src/contract/nights.ts'
import { listProposals } from '../../src/contract/proposals.ts'
import { mendFirst, readQuality } from '../../src/contract/quality.ts'
import { readingOn } from '../api.ts'
import { countText, partOf, percentText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { Instant, Money } from '../parts/figures.tsx'
import { FlowsPanel } from '../parts/flows.tsx'
import { NightStatus } from '../parts/night-status.tsx'
import { Figure, Page, Panel } from '../parts/page.tsx'
import { PyramidChart } from '../parts/pyramid.tsx'
import { Running } from '../parts/running.tsx'
import { Answered, Nothing } from '../parts/state.tsx'
import { UnitSelect } from '../parts/unit-select.tsx'
import { useMay } from '../session.ts'

export default function Home() {
  const copy = useCopy()
  const may = useMay()
  const search = useSearch({ from: '/desk/' })
  const navigate = useNavigate()
  const { unit, night, from } = search
  const go = (change: { unit?: string | undefined; from?: number }) => {
    const next = { ...search, ...change }
    navigate({
      to: '/',
      search: Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)),
      replace: true,
    })
  }
  const pyramid = useQuery({
    ...readingOn(readPyramid, { params: { id: night ?? 'current' }, query: unit ? { unit } : {} }),
    enabled: may('pyramid.read'),
  })
  const actions = [
    {
      key: 'U',
      label: copy.common.unit,
      run: () => document.querySelector<HTMLInputElement>('.home-unit input')?.focus(),
      panelOnly: true,
    },
  ]
  return (
    <Page
      title={copy.home.title}
      needs="pyramid.read"
      actions={actions}
      aside={
        <span className="home-unit">
          <UnitSelect value={unit} onChange={(code) => go({ unit: code })} />
        </span>
      }
    >
      <Running />
      <Figures unit={unit} night={night} from={from} />
      <div className="grid">
        <div className="span-7 stack">
          <Panel title={copy.home.pyramid}>
            <Answered query={pyramid}>
              {(found) => <PyramidChart pyramid={found} linked={may('customers.read')} />}
            </Answered>
          </Panel>
          {/* Ranked by the customers concerned, so nothing for whoever sees none */}
          {may('quality.read') && may('customers.read') && <MendFirst />}
        </div>
        <div className="span-5 stack">
          <FlowsPanel night={night} from={from} unit={unit} onFrom={(id) => go({ from: id })} />
          {may('nights.read') && <Nights />}
          {may('loads.read') && <Loads />}
        </div>
      </div>
    </Page>
  )
}

interface Scope {
  unit: string | undefined
  night: number | undefined
  from: number | undefined
}

function Figures({ unit, night, from }: Scope) {
  const copy = useCopy()
  const may = useMay()
  const params = { id: night ?? ('current' as const) }
  const query = unit ? { unit } : {}
  const pyramid = useQuery(readingOn(readPyramid, { params, query })).data
  const flows = useQuery(readingOn(readFlows, { params, query: { ...query, ...(from ? { from } : {}) } })).data
  const proposals = useQuery({
    ...readingOn(listProposals, { query: { limit: 1, ...query } }),
    enabled: may('proposals.read'),
  }).data
  const quality = useQuery({ ...readingOn(readQuality, { query: {} }), enabled: may('quality.read') }).data
  if (!pyramid) return null
  const top = pyramid.tiers.filter((row) => row.tier.ordinal > 0).slice(0, 2)
  const topAssets = top.reduce((sum, row) => sum + BigInt(row.assetsFen), 0n)
  return (
    <div className="figures">
      <Figure name={copy.common.customers} value={countText(pyramid.total.customers)} note={pyramid.night.day} />
      <Figure
        name={copy.common.assets}
        value={<Money fen={pyramid.total.assetsFen} as="compact" />}
        note={
          <>
            {copy.common.average} <Money fen={pyramid.total.averageFen} as="compact" />
          </>
        }
      />
      <Figure
        name={copy.home.topTier}
        value={countText(top.reduce((sum, row) => sum + row.customers, 0))}
        note={copy.home.topShare(percentText(partOf(topAssets, pyramid.total.assetsFen)))}
      />
      {flows?.from && (
        <Figure
          name={`${copy.home.rises} / ${copy.home.falls}`}
          value={
            <>
              <span className="rise">{countText(flows.rises)}</span> /{' '}
              <span className="fall">{countText(flows.falls)}</span>
            </>
          }
          note={`${flows.from.day} → ${flows.night.day}`}
        />
      )}
      {proposals && (
        <Figure name={copy.home.openProposals} value={<Link to="/proposals">{countText(proposals.total)}</Link>} />
      )}
      {quality && quality.total.checked > 0 && (
        <Figure
          name={copy.home.quality}
          value={<Link to="/quality">{percentText(quality.total.passed / quality.total.checked, 2)}</Link>}
          note={copy.home.passRate}
        />
      )}
    </div>
  )
}

function MendFirst() {
  const { copy, code } = useLanguage()
  const list = useQuery(readingOn(mendFirst, { query: { limit: 6 } }))
  return (
    <Panel title={copy.home.mendFirst} extra={<Link to="/quality">{copy.home.allQuality}</Link>}>
      <Answered query={list}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Nothing title={copy.home.nothingToMend} />
          ) : (
            <ul className="lines">
              {rows.map((row) => (
                <li key={`${row.feed} ${row.column} ${row.fault.zh}`}>
                  <span className="lines-main">
                    <b>{code === 'en' ? row.fault.en : row.fault.zh}</b>
                    <span className="quiet">
                      {[row.feed, row.column].filter(Boolean).join(' · ')} —{' '}
                      {code === 'en' ? row.advice.en : row.advice.zh}
                    </span>
                  </span>
                  <span className={row.tiersAtStake > 0 ? 'tag tag-warn' : 'tag'}>
                    {row.tiersAtStake > 0
                      ? copy.home.atStake(countText(row.tiersAtStake))
                      : copy.home.touched(countText(row.customers))}
                  </span>
                  <Money fen={row.assetsFen} as="compact" />
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </Panel>
  )
}

function Nights() {
  const copy = useCopy()
  const nights = useQuery(readingOn(listNights, { query: { limit: 5 } }))
  return (
    <Panel title={copy.home.nights} extra={<Link to="/nights">{copy.home.allNights}</Link>}>
      <Answered query={nights}>
        {({ rows }) => (
          <ul className="lines">
            {rows.map((night) => (
              <li key={night.id}>
                <Link to="/nights/$id" params={{ id: String(night.id) }}>
                  {night.day}
                </Link>
                <NightStatus night={night} />
                <span className="grow" />
                <span className="quiet">
                  {night.customers === null ? '' : copy.common.people(countText(night.customers))}
                </span>
              </li>
            ))}
            {rows.length === 0 && <li className="quiet">{copy.nights.empty}</li>}
          </ul>
        )}
      </Answered>
    </Panel>
  )
}

function Loads() {
  const copy = useCopy()
  const loads = useQuery(readingOn(listLoads, { query: { limit: 5 } }))
  return (
    <Panel title={copy.home.loads} extra={<Link to="/loads">{copy.home.allLoads}</Link>}>
      <Answered query={loads}>
        {({ rows }) => (
          <ul className="lines">
            {rows.map((load) => (
              <li key={load.id}>
                <Link to="/loads/$id" params={{ id: String(load.id) }} className="ellipsis">
                  {load.file}
                </Link>
                {load.status === 'refused' && <span className="tag tag-bad">{copy.loads.statuses.refused}</span>}
                {load.rowsQuarantined > 0 && (
                  <span className="tag tag-warn">
                    {copy.loads.quarantined} {countText(load.rowsQuarantined)}
                  </span>
                )}
                <span className="grow" />
                <span className="quiet nowrap">
                  <Instant at={load.recordedAt} />
                </span>
              </li>
            ))}
            {rows.length === 0 && <li className="quiet">{copy.home.noLoads}</li>}
          </ul>
        )}
      </Answered>
    </Panel>
  )
}
