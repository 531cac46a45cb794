/** One load: its account of rows, control totals, and the rows that were kept out with what to do about each. */
import { ArrowLeftOutlined, DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Button, Select } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { exportQuarantine, listQuarantine, readLoad } from '../../src/contract/loads.ts'
import { addressOf, reading } from '../api.ts'
import { countText, sizeText, spanText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { DismissDialog } from '../parts/dismiss.tsx'
import { Dash, Instant } from '../parts/figures.tsx'
import { More } from '../parts/more.tsx'
import { Fact, Facts, Figure, Page, Panel } from '../parts/page.tsx'
import { actColumn, SmallTable } from '../parts/small-table.tsx'
import { Answered, Failed, Loading, Nothing } from '../parts/state.tsx'
import { useMay, useMayAtTop } from '../session.ts'

type Load = Output<typeof readLoad>
type Row = Output<typeof listQuarantine>['rows'][number]

export default function LoadPage() {
  const { copy } = useLanguage()
  const words = copy.loads
  const may = useMay()
  const navigate = useNavigate()
  const { id } = useParams({ from: '/desk/loads/$id' })
  const load = useQuery({ ...reading(readLoad, { params: { id: Number(id) } }), enabled: may('loads.read') })
  const rows = load.data?.rowsQuarantined ?? 0
  const back = () => navigate({ to: '/loads' })
  const noExport = may('quarantine.read') ? (rows ? undefined : words.noQuarantine) : copy.state.noRight
  const actions = [
    { key: 'B', label: copy.common.back, run: back, panelOnly: true },
    {
      key: 'E',
      label: words.exportQuarantine,
      icon: <DownloadOutlined />,
      disabled: noExport,
      run: () => location.assign(addressOf(exportQuarantine, { params: { id: Number(id) } })),
    },
  ]
  return (
    <Page
      title={load.data?.file ?? words.one}
      needs="loads.read"
      actions={actions}
      before={<Button type="text" icon={<ArrowLeftOutlined />} aria-label={copy.common.back} onClick={back} />}
      aside={
        load.data && (
          <span className={load.data.status === 'loaded' ? 'tag tag-good' : 'tag tag-bad'}>
            {words.statuses[load.data.status]}
          </span>
        )
      }
    >
      <Answered query={load}>{(found) => <Account key={found.id} load={found} />}</Answered>
    </Page>
  )
}

function Account({ load }: { load: Load }) {
  const { copy, code } = useLanguage()
  const words = copy.loads
  const may = useMay()
  return (
    <>
      <div className="figures">
        <Figure
          name={words.read}
          value={countText(load.rowsRead)}
          note={words.rowsBalance(
            countText(load.rowsRead),
            countText(load.rowsAccepted),
            countText(load.rowsQuarantined),
          )}
        />
        <Figure name={words.accepted} value={countText(load.rowsAccepted)} />
        <Figure
          name={words.quarantined}
          value={<span className={load.quarantine.open ? 'warn' : ''}>{countText(load.rowsQuarantined)}</span>}
          note={
            load.rowsQuarantined > 0 &&
            words.settled(
              countText(load.quarantine.open),
              countText(load.quarantine.mended),
              countText(load.quarantine.dismissed),
            )
          }
        />
        <Figure
          name={words.took}
          value={load.startedAt === load.recordedAt ? '—' : spanText(load.startedAt, load.recordedAt)}
          note={<Instant at={load.recordedAt} />}
        />
      </div>
      {load.refusal && (
        <div className="note note-warn">
          <b>{words.refusal}</b> {code === 'en' ? load.refusal.en : load.refusal.zh}
        </div>
      )}
      <div className="grid">
        <div className="span-8 stack">{may('quarantine.read') && <Quarantine load={load} />}</div>
        <div className="span-4 stack">
          <LoadFacts load={load} />
          <Control control={load.control} />
        </div>
      </div>
    </>
  )
}

function LoadFacts({ load }: { load: Load }) {
  const { copy } = useLanguage()
  const words = copy.loads
  return (
    <Panel>
      <Facts>
        <Fact name={words.feed}>
          <Link to="/feeds" search={{ feed: load.feed }}>
            {load.feed}
          </Link>
        </Fact>
        <Fact name={words.days}>{load.firstDay && `${load.firstDay} – ${load.lastDay}`}</Fact>
        <Fact name={words.format}>
          {load.format} · {sizeText(load.bytes)}
        </Fact>
        <Fact name={words.mapping}>{load.mapping}</Fact>
        <Fact name={words.by}>{load.loadedBy}</Fact>
        <Fact name={words.sha}>
          <code className="breakable">{load.sha256}</code>
        </Fact>
        {load.supersedes !== null && (
          <Fact name={words.corrects}>
            <Link to="/loads/$id" params={{ id: String(load.supersedes) }}>
              {words.supersedes(load.supersedes)}
            </Link>
          </Fact>
        )}
        {load.supersededBy !== null && (
          <Fact name={words.superseded}>
            <Link to="/loads/$id" params={{ id: String(load.supersededBy) }}>
              {words.supersededBy(load.supersededBy)}
            </Link>
          </Fact>
        )}
        {load.staleNights.length > 0 && (
          <Fact name={words.staleNights}>
            <span className="row">
              {load.staleNights.map((night) => (
                <Link key={night.id} to="/nights/$id" params={{ id: String(night.id) }}>
                  {night.day}
                </Link>
              ))}
            </span>
          </Fact>
        )}
      </Facts>
    </Panel>
  )
}

interface Total {
  name: string
  read: string
  said: string
}

/** What the side file or the trailer said, against what was read. */
function Control({ control }: { control: unknown }) {
  const { copy } = useLanguage()
  const words = copy.loads
  const totals = totalsOf(control)
  return (
    <Panel title={words.control} flush={totals.length > 0}>
      {totals.length === 0 ? (
        <span className="quiet">{words.noControl}</span>
      ) : (
        <SmallTable<Total>
          label={words.control}
          rows={totals}
          keyOf={(total) => total.name}
          columns={[
            { key: 'name', title: words.column, dataIndex: 'name' },
            { key: 'said', title: words.said, align: 'right', dataIndex: 'said' },
            { key: 'read', title: words.read, align: 'right', dataIndex: 'read' },
            {
              key: 'same',
              title: '',
              render: (_, total) => total.said === total.read && <span className="good">✓</span>,
            },
          ]}
        />
      )}
    </Panel>
  )
}

function totalsOf(control: unknown): Total[] {
  if (!control || typeof control !== 'object' || !('totals' in control) || !Array.isArray(control.totals)) return []
  return control.totals.map((total: Partial<Total>) => ({
    name: String(total.name ?? ''),
    read: String(total.read ?? ''),
    said: String(total.said ?? ''),
  }))
}

function Quarantine({ load }: { load: Load }) {
  const { copy, code } = useLanguage()
  const words = copy.loads
  const mayDismiss = useMayAtTop()('loads.upload')
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const [dismissing, setDismissing] = useState<string | undefined>(undefined)
  const [column, rule] = chosen?.split('\n') ?? []
  const list = usePaged(listQuarantine, {
    params: { id: load.id },
    query: { ...(column ? { column } : {}), ...(rule ? { rule } : {}) },
  })
  const filter = load.rules.length > 1 && (
    <Select
      size="small"
      value={chosen as string}
      onChange={setChosen}
      allowClear
      placeholder={words.ruleFilter}
      aria-label={words.ruleFilter}
      popupMatchSelectWidth={false}
      style={{ minWidth: 150 }}
      options={load.rules.map((one) => ({
        value: `${one.column}\n${one.rule}`,
        label: `${one.column || words.wholeRow} ${copy.rules[one.rule] ?? one.rule} (${countText(one.rows)})`,
      }))}
    />
  )
  return (
    <Panel title={words.quarantine} extra={filter} flush>
      {list.error && list.rows.length === 0 ? (
        <Failed failure={list.error} onRetry={list.reload} />
      ) : (
        <SmallTable<Row>
          label={words.quarantine}
          rows={list.rows}
          keyOf={(row) => `${row.line} ${row.ordinal}`}
          empty={list.loading ? <Loading rows={3} /> : <Nothing title={words.noQuarantine} />}
          columns={[
            {
              key: 'line',
              title: words.line,
              align: 'right',
              render: (_, row) => <span className="mono">{row.line}</span>,
            },
            {
              key: 'column',
              title: words.column,
              render: (_, row) => (row.column === '' ? words.wholeRow : <code>{row.column}</code>),
            },
            {
              key: 'value',
              title: words.value,
              render: (_, row) => (row.value === null ? <Dash /> : <code>{row.value}</code>),
            },
            {
              key: 'rule',
              title: words.rule,
              render: (_, row) => <span className="tag tag-warn">{copy.rules[row.rule] ?? row.rule}</span>,
            },
            {
              key: 'expected',
              title: words.expected,
              render: (_, row) => <span className="wrap-box">{code === 'en' ? row.expected : row.expectedZh}</span>,
            },
            {
              key: 'advice',
              title: words.advice,
              render: (_, row) => <span className="wrap-box">{code === 'en' ? row.advice : row.adviceZh}</span>,
            },
            actColumn((row) => <Settled row={row} {...(mayDismiss && { onDismiss: setDismissing })} />),
          ]}
        />
      )}
      {dismissing !== undefined && (
        <DismissDialog
          load={load.id}
          line={dismissing}
          onClose={() => setDismissing(undefined)}
          onDone={() => {
            setDismissing(undefined)
            list.reload()
          }}
        />
      )}
      <More list={list} />
    </Panel>
  )
}

/** What became of a row: mended by another load, dismissed with a reason, or still to be decided. */
function Settled({ row, onDismiss }: { row: Row; onDismiss?: (line: string) => void }) {
  const { copy } = useLanguage()
  const words = copy.loads
  if (row.mendedByLoad !== null) {
    return (
      <Link to="/loads/$id" params={{ id: String(row.mendedByLoad) }}>
        {words.mended(row.mendedByLoad)}
      </Link>
    )
  }
  if (row.dismissed) {
    return (
      <span className="wrap-box">
        <span className="tag">{words.dismissed}</span>{' '}
        <span className="quiet">{words.dismissedBy(row.dismissed.by, row.dismissed.reason)}</span>
      </span>
    )
  }
  return (
    onDismiss && (
      <Button size="small" onClick={() => onDismiss(row.line)}>
        {words.dismiss}
      </Button>
    )
  )
}
