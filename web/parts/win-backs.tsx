/** Customers to win back: by due day or by what they had, and how each ended. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { App, Button, Radio, Segmented, Select } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { outcomeWords, reasonWords } from '../../src/contract/value-state-words.ts'
import {
  closeWinBack,
  listWinBacks,
  lossReasons,
  winBackOutcomes,
  winBackSorts,
} from '../../src/contract/value-states.ts'
import { ask, queries } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { labelOf, useMay, useReads } from '../session.ts'
import { Dash, Money } from './figures.tsx'
import { Note } from './note.tsx'
import { Question } from './question.tsx'
import { type RecordColumn, RecordTable } from './record-table.tsx'
import { Nothing } from './state.tsx'
import { UnitSelect } from './unit-select.tsx'
import { type LossReason, ReasonSelect, useChoices } from './value-position.tsx'
import { CustomerLink } from './value-proposals.tsx'

type WinBack = Output<typeof listWinBacks>['rows'][number]

const outcomes = ['open', ...winBackOutcomes] as const

export function WinBacks() {
  const words = useCopy().valueStates
  const search = useSearch({ from: '/desk/value-states' })
  const [closing, setClosing] = useState<WinBack>()
  const outcome = outcomes.find((one) => one === search.status) ?? 'open'
  const reason = lossReasons.find((one) => one === search.reason)
  const sort = winBackSorts.find((one) => one === search.order) ?? 'due'
  const { unit } = search
  const list = usePaged(listWinBacks, {
    query: {
      outcome,
      sort,
      dir: sort === 'due' ? 'asc' : 'desc',
      ...(reason && { reason }),
      ...(unit && { unit }),
      ...(search.overdue === 'true' && { overdue: 'true' as const }),
    },
  })
  const columns = useColumns(outcome === 'open', setClosing)
  return (
    <>
      <RecordTable<WinBack>
        name="win-backs"
        label={words.tabs.winBacks}
        columns={columns}
        list={list}
        keyOf={(row) => row.id}
        empty={<Nothing title={words.noWinBacks} detail={words.noWinBacksDetail} />}
        tools={<Tools outcome={outcome} reason={reason} sort={sort} total={list.first?.total} />}
      />
      {closing && <CloseDialog winBack={closing} onClose={() => setClosing(undefined)} />}
    </>
  )
}

interface ToolsProps {
  outcome: (typeof outcomes)[number]
  reason: LossReason | undefined
  sort: (typeof winBackSorts)[number]
  total: number | undefined
}

function Tools({ outcome, reason, sort, total }: ToolsProps) {
  const words = useCopy().valueStates
  const money = useReads()('money')
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/value-states' })
  const go = (change: Record<string, string | undefined>) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    navigate({ to: '/value-states', search: Object.fromEntries(next), replace: true })
  }
  const overdue = search.overdue === 'true'
  return (
    <div className="row">
      <Segmented
        value={outcome}
        onChange={(value) => go({ status: value, overdue: undefined })}
        options={outcomes.map((one) => ({ value: one, label: words.winBackStatuses[one] }))}
        aria-label={words.status}
      />
      <ReasonSelect value={reason} onChange={(chosen) => go({ reason: chosen })} clearable />
      <UnitSelect value={search.unit} onChange={(unit) => go({ unit })} />
      {money && (
        <Select
          value={sort}
          onChange={(value) => go({ order: value })}
          aria-label={words.former}
          options={winBackSorts.map((one) => ({ value: one, label: words[one] }))}
          style={{ minWidth: 120 }}
        />
      )}
      {outcome === 'open' && (
        <Button
          aria-pressed={overdue}
          {...(overdue ? { type: 'primary' as const, ghost: true } : {})}
          onClick={() => go({ overdue: overdue ? undefined : 'true' })}
        >
          {words.overdueOnly}
        </Button>
      )}
      {total !== undefined && <span className="quiet">{words.total(countText(total))}</span>}
    </div>
  )
}

function useColumns(isOpen: boolean, onClose: (row: WinBack) => void): RecordColumn<WinBack>[] {
  const copy = useCopy()
  const words = copy.valueStates
  const { code } = useLanguage()
  const may = useMay()
  const columns: RecordColumn<WinBack>[] = [
    { key: 'customer', title: words.customer, render: (_, row) => <CustomerLink row={row} /> },
    { key: 'reason', title: words.reason, render: (_, row) => labelOf(reasonWords[row.reason], code) },
    { key: 'former', title: words.former, align: 'right', render: (_, row) => <Money fen={row.formerAverageFen} /> },
    { key: 'unit', title: copy.common.unit, render: (_, row) => row.unit.name },
    { key: 'rm', title: copy.customers.rm, render: (_, row) => row.rm?.name ?? <Dash /> },
    { key: 'opened', title: words.openedOn, dataIndex: 'openedOn' },
    {
      key: 'due',
      title: words.due,
      render: (_, row) => (
        <>
          {row.dueOn} {row.overdue && <span className="tag tag-bad">{words.overdue}</span>}
        </>
      ),
    },
  ]
  if (!isOpen) {
    const decided = (row: WinBack) => [row.closedOn, row.closedBy, row.note].filter((part) => part !== null).join(' ')
    return [...columns, { key: 'closed', title: words.outcome, render: (_, row) => decided(row) }]
  }
  if (!may('valueStates.move')) return columns
  const act = (row: WinBack) => (
    <Button size="small" onClick={() => onClose(row)}>
      {words.close}
    </Button>
  )
  return [...columns, { key: 'act', title: '', fixed: 'right', render: (_, row) => act(row) }]
}

function CloseDialog({ winBack, onClose }: { winBack: WinBack; onClose: () => void }) {
  const words = useCopy().valueStates
  const { message } = App.useApp()
  const choices = useChoices(outcomeWords)
  const [outcome, setOutcome] = useState<(typeof winBackOutcomes)[number]>()
  const [reason, setReason] = useState<LossReason>()
  const [note, setNote] = useState('')
  const needed = outcome === 'permanentlyLost'
  return (
    <Question
      title={`${words.close} · ${winBack.name}`}
      okText={words.close}
      ready={outcome !== undefined && (!needed || reason !== undefined)}
      send={() =>
        ask(closeWinBack, {
          params: { id: Number(winBack.id) },
          body: { outcome: outcome!, ...(needed && { reason }), ...(note.trim() && { note: note.trim() }) },
        })
      }
      onDone={() => {
        message.success(words.closed)
        queries.invalidateQueries()
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <Radio.Group
            value={outcome}
            onChange={(event) => setOutcome(event.target.value)}
            aria-label={words.outcome}
            options={choices}
          />
          {needed && <ReasonSelect value={reason} onChange={setReason} />}
          <Note value={note} onChange={setNote} label={words.noteOptional} />
        </>
      )}
    </Question>
  )
}
