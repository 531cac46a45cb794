/** The columns of a customers list: all that can be shown, and the usual ones. */

import type { CustomerRow } from '../src/contract/customers.ts'
import type { Copy } from './copy/zh-CN.ts'
import { Confidence, Dash, Money, Tier } from './parts/figures.tsx'
import type { LongColumn } from './parts/long-table.tsx'
import { TagMarks } from './parts/tag-mark.tsx'
import { UnitName } from './parts/unit-name.tsx'
import { ValuePosition } from './parts/value-position.tsx'

export const usualColumns = [
  'name',
  'customerNo',
  'tier',
  'inForce',
  'path',
  'average',
  'change',
  'toNext',
  'unit',
  'rm',
  'confidence',
]

const amounts = [
  ['deposit', 'depositFen'],
  ['wealth', 'wealthFen'],
  ['fund', 'fundFen'],
  ['insurance', 'insuranceFen'],
  ['bond', 'bondFen'],
  ['metal', 'metalFen'],
  ['securities', 'securitiesFen'],
  ['transit', 'transitFen'],
  ['foreign', 'foreignFen'],
] as const satisfies [string, keyof CustomerRow][]

/** Columns that show amounts, or are in order of them. */
const moneyColumns: ReadonlySet<string> = new Set([
  ...['average', 'change', 'aum', 'toNext', 'toKeep', 'householdAverage', 'overdraft', 'rfm'],
  ...amounts.map(([name]) => name),
])

/** Every column; without those of amounts, and without the order by tier and amount, for whoever does not read money. */
export function customerColumns(copy: Copy, money: boolean): LongColumn<CustomerRow>[] {
  const all = allColumns(copy)
  if (money) return all
  return all
    .filter((column) => !moneyColumns.has(column.key))
    .map((column) => (column.key === 'tier' ? { ...column, sorts: false } : column))
}

function allColumns(copy: Copy): LongColumn<CustomerRow>[] {
  const words = copy.customers
  return [
    {
      key: 'name',
      title: words.name,
      width: 120,
      fixed: true,
      sorts: true,
      show: (row) => (
        <span title={row.name}>
          {row.name}
          {row.kind === 'company' && <span className="tag kind">{copy.kinds.company}</span>}
        </span>
      ),
    },
    {
      key: 'customerNo',
      title: words.no,
      width: 124,
      sorts: true,
      show: (row) => <span className="mono">{row.customerNo}</span>,
    },
    { key: 'tier', title: words.qualified, width: 112, sorts: true, show: (row) => <Tier tier={row.qualifiedTier} /> },
    { key: 'inForce', title: words.inForce, width: 112, show: (row) => <InForce row={row} copy={copy} /> },
    { key: 'path', title: words.path, width: 92, show: (row) => copy.paths[row.path] },
    {
      key: 'average',
      title: words.average,
      width: 118,
      right: true,
      sorts: true,
      show: (row) => <Money fen={row.averageFen} as="whole" />,
    },
    { key: 'change', title: words.change, width: 108, right: true, show: (row) => <Change row={row} /> },
    {
      key: 'aum',
      title: words.aum,
      width: 130,
      right: true,
      sorts: true,
      show: (row) => <Money fen={row.aumFen} as="whole" />,
    },
    {
      key: 'toNext',
      title: words.toNext,
      width: 108,
      right: true,
      sorts: true,
      show: (row) => <Money fen={row.toNextFen} as="whole" />,
    },
    {
      key: 'toKeep',
      title: words.toKeep,
      width: 110,
      right: true,
      show: (row) => <Money fen={row.toKeepFen} as="whole" />,
    },
    { key: 'unit', title: words.unit, width: 130, show: (row) => <UnitName unit={row.unit} /> },
    { key: 'rm', title: words.rm, width: 76, show: (row) => row.rm?.name ?? <Dash /> },
    {
      key: 'confidence',
      title: words.confidenceShort,
      width: 96,
      show: (row) => <Confidence value={row.confidence} gaps={row.gaps} />,
    },
    valueColumn(copy),
    { key: 'tags', title: copy.tags.title, width: 160, show: (row) => <TagMarks ids={row.tags} /> },
    { key: 'notice', title: words.noticeCount, width: 84, right: true, show: (row) => row.noticeCount || <Dash /> },
    { key: 'householdNo', title: words.household, width: 110, show: (row) => row.householdNo ?? <Dash /> },
    {
      key: 'householdAverage',
      title: words.householdAverage,
      width: 120,
      right: true,
      show: (row) => <Money fen={row.householdAverageFen} as="whole" />,
    },
    { key: 'members', title: words.members, width: 84, right: true, show: (row) => row.householdMembers ?? <Dash /> },
    ...amounts.map(([name, field]) => ({
      key: name,
      title: copy.classes[name] ?? name,
      width: 116,
      right: true,
      show: (row: CustomerRow) => (row[field] === '0' ? <Dash /> : <Money fen={row[field]} as="whole" />),
    })),
    {
      key: 'overdraft',
      title: words.overdraft,
      width: 104,
      right: true,
      show: (row) => <Money fen={row.overdraftFen} as="whole" />,
    },
    {
      key: 'recency',
      title: words.recency,
      width: 104,
      right: true,
      show: (row) => (row.recencyDays === null ? <Dash /> : words.daysAgo(row.recencyDays)),
    },
    { key: 'frequency', title: words.frequency, width: 88, right: true, show: (row) => row.frequency },
    {
      key: 'rfm',
      title: words.rfm,
      width: 80,
      show: (row) => (row.rScore === null ? <Dash /> : `${row.rScore}-${row.fScore}-${row.mScore}`),
    },
    { key: 'lastActivity', title: words.lastActivity, width: 110, show: (row) => row.lastActivityOn ?? <Dash /> },
  ]
}

function valueColumn(copy: Copy): LongColumn<CustomerRow> {
  return {
    key: 'valueState',
    title: copy.valueStates.state,
    width: 150,
    show: (row) => (row.valueState ? <ValuePosition at={row.valueState} /> : <Dash />),
  }
}

/** The tier in force, quiet where it is the qualified one. */
function InForce({ row, copy }: { row: CustomerRow; copy: Copy }) {
  const same = row.tierInForce.ordinal === row.qualifiedTier.ordinal
  return (
    <>
      <Tier tier={row.tierInForce} quiet={same} />
      {row.noticeCount > 0 && <span className="tag tag-warn kind">{copy.customers.notice}</span>}
    </>
  )
}

function Change({ row }: { row: CustomerRow }) {
  if (row.averageFen === null || row.averageBeforeFen === null) return <Dash />
  const change = BigInt(row.averageFen) - BigInt(row.averageBeforeFen)
  return change === 0n ? <Dash /> : <Money fen={String(change)} as="whole" signed />
}
