/** What nights propose about value states: accepted with a reason code, or kept with a reason, many at a time. */
import { CheckOutlined, StopOutlined } from '@ant-design/icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { App, Button, Segmented, Select } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { causeWords, reasonWords } from '../../src/contract/value-state-words.ts'
import { decideValueProposals, listValueProposals, valueCauses } from '../../src/contract/value-states.ts'
import { ask, queries } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { labelOf, useMay } from '../session.ts'
import { Dash, Instant, Money } from './figures.tsx'
import { Note } from './note.tsx'
import { Question } from './question.tsx'
import { type RecordColumn, RecordTable } from './record-table.tsx'
import { Nothing } from './state.tsx'
import { UnitSelect } from './unit-select.tsx'
import { type LossReason, ReasonSelect, useChoices, ValueChange } from './value-position.tsx'

type Proposal = Output<typeof listValueProposals>['rows'][number]

const statuses = ['open', 'accepted', 'kept', 'withdrawn'] as const
/** As many as one decision may hold. */
const chosenMax = 500

export function ValueProposals() {
  const copy = useCopy()
  const words = copy.valueStates
  const may = useMay()
  const search = useSearch({ from: '/desk/value-states' })
  const [picked, setPicked] = useState<string[]>([])
  const [deciding, setDeciding] = useState<'accepted' | 'kept'>()
  const status = statuses.find((one) => one === search.status) ?? 'open'
  const cause = valueCauses.find((one) => one === search.cause)
  const { unit } = search
  const list = usePaged(listValueProposals, { query: { status, ...(cause && { cause }), ...(unit && { unit }) } })
  const columns = useColumns(status !== 'open')
  const mayDecide = status === 'open' && may('valueStates.move')
  // Only those in sight are decided: others may have been filtered away, or decided by somebody else
  const chosen = list.rows.filter((row) => picked.includes(row.id))
  const blocked = chosen.length === 0
  return (
    <>
      {mayDecide && (
        <div className="row above-table">
          <Button
            type="primary"
            icon={<CheckOutlined />}
            disabled={blocked}
            title={blocked ? words.selectFirst : undefined}
            onClick={() => setDeciding('accepted')}
          >
            {words.accept}
          </Button>
          <Button
            icon={<StopOutlined />}
            disabled={blocked}
            title={blocked ? words.selectFirst : undefined}
            onClick={() => setDeciding('kept')}
          >
            {words.keep}
          </Button>
          {!blocked && <span className="tag tag-accent">{words.selected(countText(chosen.length))}</span>}
        </div>
      )}
      <RecordTable<Proposal>
        name="value-proposals"
        label={words.tabs.proposals}
        columns={columns}
        list={list}
        keyOf={(row) => row.id}
        empty={<Nothing title={words.noProposals} detail={words.noProposalsDetail} />}
        tools={<Tools status={status} total={list.first?.total} />}
        {...(mayDecide && {
          selection: {
            selectedRowKeys: chosen.map((row) => row.id),
            onChange: (keys) => setPicked(keys.map(String).slice(0, chosenMax)),
            getCheckboxProps: (row) => ({ 'aria-label': row.customerNo }) as object,
          },
        })}
      />
      {deciding && (
        <DecideDialog
          decision={deciding}
          chosen={chosen}
          onClose={() => {
            setDeciding(undefined)
            setPicked([])
          }}
        />
      )}
    </>
  )
}

function Tools({ status, total }: { status: string; total: number | undefined }) {
  const words = useCopy().valueStates
  const causes = useChoices(causeWords)
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/value-states' })
  const go = (change: Record<string, string | undefined>) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    navigate({ to: '/value-states', search: Object.fromEntries(next), replace: true })
  }
  return (
    <div className="row">
      <Segmented
        value={status}
        onChange={(value) => go({ status: value })}
        options={statuses.map((one) => ({ value: one, label: words.statuses[one] }))}
        aria-label={words.status}
      />
      <Select
        value={search.cause as string}
        onChange={(value) => go({ cause: value })}
        allowClear
        placeholder={words.cause}
        aria-label={words.cause}
        style={{ minWidth: 120 }}
        options={causes}
      />
      <UnitSelect value={search.unit} onChange={(unit) => go({ unit })} />
      {total !== undefined && <span className="quiet">{words.total(countText(total))}</span>}
    </div>
  )
}

interface DecideProps {
  decision: 'accepted' | 'kept'
  chosen: Proposal[]
  onClose: () => void
}

function DecideDialog({ decision, chosen, onClose }: DecideProps) {
  const words = useCopy().valueStates
  const { message } = App.useApp()
  const [reason, setReason] = useState<LossReason>()
  const [note, setNote] = useState('')
  const ids = chosen.map((row) => row.id)
  const losing = decision === 'accepted' && chosen.some((row) => row.to.state === 'lost')
  const text = note.trim()
  const ready = decision === 'kept' ? text.length >= 2 : !losing || reason !== undefined
  return (
    <Question
      title={decision === 'kept' ? words.keepTitle(ids.length) : words.acceptTitle(ids.length)}
      okText={decision === 'kept' ? words.keep : words.accept}
      ready={ready}
      send={() =>
        ask(decideValueProposals, {
          body:
            decision === 'kept'
              ? { decision, ids, note: text }
              : { decision, ids, ...(losing && { reason }), ...(text && { note: text }) },
        })
      }
      onDone={({ decided }) => {
        message.success(words.done(decided))
        queries.invalidateQueries()
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          {losing && <ReasonSelect value={reason} onChange={setReason} />}
          <Note value={note} onChange={setNote} label={decision === 'kept' ? words.keepReason : words.noteOptional} />
        </>
      )}
    </Question>
  )
}

function useColumns(decided: boolean): RecordColumn<Proposal>[] {
  const copy = useCopy()
  const words = copy.valueStates
  const { code } = useLanguage()
  const columns: RecordColumn<Proposal>[] = [
    { key: 'customer', title: words.customer, render: (_, row) => <CustomerLink row={row} /> },
    { key: 'cause', title: words.cause, render: (_, row) => labelOf(causeWords[row.cause], code) },
    { key: 'move', title: words.change, render: (_, row) => <ValueChange from={row.from} to={row.to} /> },
    { key: 'average', title: words.average, align: 'right', render: (_, row) => <Money fen={row.averageFen} /> },
    {
      key: 'before',
      title: words.averageBefore,
      align: 'right',
      render: (_, row) => <Money fen={row.averageBeforeFen} />,
    },
    { key: 'activity', title: words.lastActivity, render: (_, row) => row.lastActivityOn ?? <Dash /> },
    { key: 'unit', title: copy.common.unit, render: (_, row) => row.unit.name },
    { key: 'rm', title: copy.customers.rm, render: (_, row) => row.rm?.name ?? <Dash /> },
    { key: 'on', title: words.proposedOn, dataIndex: 'proposedOn' },
  ]
  return decided
    ? [...columns, { key: 'decided', title: words.decided, render: (_, row) => <Decided row={row} /> }]
    : columns
}

/** Opens the customer where the state is. */
export function CustomerLink({ row }: { row: { customerNo: string; name: string } }) {
  return (
    <Link to="/customers/$no" params={{ no: row.customerNo }} search={{ tab: 'value' }}>
      {row.name} <span className="mono quiet">{row.customerNo}</span>
    </Link>
  )
}

function Decided({ row }: { row: Proposal }) {
  const { code } = useLanguage()
  if (!row.decidedBy) return <Dash />
  return (
    <>
      {row.decidedBy}{' '}
      <span className="quiet">
        <Instant at={row.decidedAt} />
      </span>{' '}
      {row.reason && labelOf(reasonWords[row.reason], code)} {row.note}
    </>
  )
}
