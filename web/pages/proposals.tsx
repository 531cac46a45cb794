/** Proposals: changes of tier that wait for a person; accepted or declined many at a time. */

import { CheckOutlined, CloseOutlined } from '@ant-design/icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Segmented, Select } from 'antd'
import { useMemo, useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { decideProposals, listProposals } from '../../src/contract/proposals.ts'
import { ask } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { usePaged } from '../paged.ts'
import { TierMove } from '../parts/customer-tables.tsx'
import { DecideDialog, type Decision } from '../parts/decide.tsx'
import { Dash, Instant, Money } from '../parts/figures.tsx'
import { Page } from '../parts/page.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { Nothing } from '../parts/state.tsx'
import { UnitName } from '../parts/unit-name.tsx'
import { UnitSelect } from '../parts/unit-select.tsx'
import { useMay, useTierName, useTiers } from '../session.ts'

type Proposal = Output<typeof listProposals>['rows'][number]

const statuses = ['open', 'accepted', 'declined', 'withdrawn'] as const
const directions = ['rise', 'fall'] as const
/** As many as one decision may hold. */
const chosenMax = 500

export default function Proposals() {
  const copy = useCopy()
  const words = copy.proposals
  const may = useMay()
  const search = useSearch({ from: '/desk/proposals' })
  const [picked, setPicked] = useState<string[]>([])
  const [deciding, setDeciding] = useState<Decision | undefined>(undefined)
  const status = statuses.find((one) => one === search.status) ?? 'open'
  const direction = directions.find((one) => one === search.direction)
  const list = usePaged(
    listProposals,
    {
      query: {
        status,
        ...(direction ? { direction } : {}),
        ...(search.unit ? { unit: search.unit } : {}),
        ...(search.toTier ? { toTier: search.toTier } : {}),
      },
    },
    may('proposals.read'),
  )
  const columns = useProposalColumns(status !== 'open')
  // Only those in sight are decided: others may have been filtered away, or decided by somebody else
  const chosen = picked.filter((id) => list.rows.some((row) => row.id === id))
  const blocked = !may('proposals.decide') ? copy.state.noRight : chosen.length === 0 ? words.selectFirst : undefined
  const actions = [
    {
      key: 'A',
      label: words.accept,
      icon: <CheckOutlined />,
      primary: true,
      disabled: blocked,
      run: () => setDeciding('accepted'),
    },
    { key: 'D', label: words.decline, icon: <CloseOutlined />, disabled: blocked, run: () => setDeciding('declined') },
  ]
  const aside = (
    <>
      {list.first && words.total(countText(list.first.total))}
      {chosen.length > 0 && <span className="tag tag-accent">{words.selected(countText(chosen.length))}</span>}
      <span>{words.second}</span>
    </>
  )
  return (
    <Page title={words.title} needs="proposals.read" actions={actions} aside={aside}>
      <RecordTable<Proposal>
        name="proposals"
        label={words.title}
        columns={columns}
        list={list}
        keyOf={(proposal) => proposal.id}
        empty={
          status === 'open' ? (
            <Nothing title={words.empty} detail={words.emptyDetail} />
          ) : (
            <Nothing title={words.emptyOther} />
          )
        }
        tools={<Tools status={status} />}
        {...(status === 'open' && may('proposals.decide')
          ? {
              selection: {
                selectedRowKeys: chosen,
                onChange: (keys) => setPicked(keys.map(String).slice(0, chosenMax)),
                getCheckboxProps: (proposal) => ({ 'aria-label': proposal.customerNo }) as object,
              },
            }
          : {})}
      />
      {deciding && (
        <DecideDialog
          decision={deciding}
          count={chosen.length}
          decide={(decision, note) =>
            ask(decideProposals, { body: { decision, ids: chosen, ...(note ? { note } : {}) } })
          }
          onDone={() => {
            setDeciding(undefined)
            setPicked([])
          }}
          onClose={() => setDeciding(undefined)}
        />
      )}
    </Page>
  )
}

function Tools({ status }: { status: string }) {
  const copy = useCopy()
  const words = copy.proposals
  const name = useTierName()
  const tiers = useTiers()
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/proposals' })
  const go = (change: Record<string, string | undefined>) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    navigate({ to: '/proposals', search: Object.fromEntries(next), replace: true })
  }
  return (
    <div className="row">
      <Segmented
        value={status}
        onChange={(value) => go({ status: value })}
        options={statuses.map((one) => ({ value: one, label: words.statuses[one]! }))}
        aria-label={words.status}
      />
      <Select
        value={search.direction as string}
        onChange={(value) => go({ direction: value })}
        allowClear
        placeholder={words.direction}
        aria-label={words.direction}
        style={{ minWidth: 96 }}
        options={directions.map((one) => ({ value: one, label: words.directions[one] }))}
      />
      <Select
        value={search.toTier as string}
        onChange={(value) => go({ toTier: value })}
        allowClear
        placeholder={copy.common.tier}
        aria-label={copy.common.tier}
        style={{ minWidth: 110 }}
        options={[...tiers].reverse().map((tier) => ({ value: String(tier.ordinal), label: name(tier) }))}
      />
      <UnitSelect value={search.unit} onChange={(unit) => go({ unit })} />
    </div>
  )
}

/** The average that gave the tier: a household's says so, else nobody would believe it. */
function Average({ row }: { row: Proposal }) {
  const copy = useCopy()
  if (row.path !== 'household') return <Money fen={row.averageFen} />
  return (
    <>
      <span className="tag">{copy.paths.household}</span> <Money fen={row.householdAverageFen} />
    </>
  )
}

/** What was true on the night of the proposal and is not any more. */
function Passed({ row }: { row: Proposal }) {
  const words = useCopy().proposals
  const name = useTierName()
  if (row.status !== 'open' || row.holds !== false || !row.qualifiedNow) return null
  return <span className="tag tag-warn">{words.passed(name(row.qualifiedNow))}</span>
}

function useProposalColumns(decided: boolean): RecordColumn<Proposal>[] {
  const copy = useCopy()
  const words = copy.proposals
  return useMemo(() => {
    const columns: RecordColumn<Proposal>[] = [
      {
        key: 'customer',
        title: words.customer,
        render: (_, row) => (
          <Link to="/customers/$no" params={{ no: row.customerNo }}>
            {row.name} <span className="mono quiet">{row.customerNo}</span>
          </Link>
        ),
      },
      { key: 'move', title: words.change, render: (_, row) => <TierMove from={row.fromTier} to={row.toTier} /> },
      {
        key: 'direction',
        title: words.direction,
        render: (_, row) => <span className={row.direction}>{words.directions[row.direction]}</span>,
      },
      { key: 'average', title: words.average, align: 'right', render: (_, row) => <Average row={row} /> },
      {
        key: 'reason',
        title: words.reason,
        render: (_, row) => (
          <>
            {copy.reasons[row.reason] ?? row.reason} <Passed row={row} />
          </>
        ),
      },
      { key: 'unit', title: copy.common.unit, render: (_, row) => <UnitName unit={row.unit} /> },
      { key: 'night', title: words.night, render: (_, row) => row.night.day },
    ]
    if (!decided) return columns
    return [
      ...columns,
      {
        key: 'decided',
        title: words.decided,
        render: (_, row) =>
          row.decidedBy ? (
            <>
              {row.decidedBy}{' '}
              <span className="quiet">
                <Instant at={row.decidedAt} />
              </span>{' '}
              {row.note}
            </>
          ) : (
            <Dash />
          ),
      },
    ]
  }, [copy, words, decided])
}
