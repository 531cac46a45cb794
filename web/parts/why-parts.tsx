/** The parts of an average: one line per account, opened into its spans of days; rounding and total close the sum. */
import { Table, type TableColumnsType } from 'antd'
import { useMemo } from 'react'
import type { Why } from '../../src/contract/why.ts'
import { minorUnits } from '../../src/kit/currency.ts'
import type { Copy } from '../copy/zh-CN.ts'
import { amountText, countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { usePhone } from '../window.ts'
import { Dash, Money } from './figures.tsx'

type Part = Why['parts'][number]
type Span = Part['spans'][number]

interface Line {
  key: string
  part: Part
  /** One of its spans of days; absent for the account's own line. */
  span?: Span
  children?: Line[]
}

export function WhyParts({ why }: { why: Why }) {
  const copy = useCopy()
  const lines = useMemo(() => linesOf(why.parts), [why.parts])
  const foreign = why.parts.some((part) => part.currency !== why.currency)
  const columns = useMemo(() => columnsOf(copy, foreign, why.currency), [copy, foreign, why.currency])
  const words = copy.why
  if (usePhone()) return <PartCards why={why} />
  return (
    <Table<Line>
      size="small"
      className="parts"
      columns={columns}
      dataSource={lines}
      pagination={false}
      scroll={{ x: 'max-content' }}
      aria-label={words.parts}
      indentSize={14}
      summary={() => (
        <Table.Summary>
          <Closing name={words.rounding} span={columns.length - 2} sum={why.roundingSumFen} average={why.roundingFen} />
          <Closing
            name={words.total}
            span={columns.length - 2}
            sum={why.individual.sumFen}
            average={why.individual.averageFen}
            strong
          />
        </Table.Summary>
      )}
    />
  )
}

/** On a phone one account under the other: name, days and weight left, what it adds right. */
function PartCards({ why }: { why: Why }) {
  const copy = useCopy()
  const words = copy.why
  return (
    <ul className="part-cards" aria-label={words.parts}>
      {linesOf(why.parts).map(({ key, part }) => (
        <li key={key}>
          <span>
            <span className="mono">{part.accountNo}</span> {part.productName}
            {part.gapDays > 0 && <span className="tag tag-warn kind">{words.gapDays(part.gapDays)}</span>}
            <br />
            <span className="quiet">
              {part.fromDay} – {part.toDay} · {countText(part.days)} {words.days} · {(part.weight / 10_000).toFixed(2)}{' '}
              × {part.share / 100}%
              {part.currency !== why.currency && (
                <>
                  {' '}
                  · {part.currency} {rateText(part, why.currency, words)}
                </>
              )}
            </span>
          </span>
          <Money fen={part.averageFen} />
        </li>
      ))}
      <li>
        <span>{words.rounding}</span>
        <Money fen={why.roundingFen} />
      </li>
      <li className="sum-row">
        <span>{words.total}</span>
        <Money fen={why.individual.averageFen} />
      </li>
    </ul>
  )
}

interface ClosingProps {
  name: string
  span: number
  sum: string
  average: string
  strong?: boolean
}

function Closing({ name, span, sum, average, strong = false }: ClosingProps) {
  return (
    <Table.Summary.Row className={strong ? 'sum-row' : ''}>
      <Table.Summary.Cell index={0} colSpan={span}>
        {name}
      </Table.Summary.Cell>
      <Table.Summary.Cell index={span} align="right">
        <Money fen={sum} />
      </Table.Summary.Cell>
      <Table.Summary.Cell index={span + 1} align="right">
        <Money fen={average} />
      </Table.Summary.Cell>
    </Table.Summary.Row>
  )
}

function linesOf(parts: Part[]): Line[] {
  return parts.map((part, index) => {
    const key = `${part.accountId} ${part.product} ${part.kind} ${part.fromDay} ${index}`
    if (part.spans.length < 2) return { key, part }
    return { key, part, children: part.spans.map((span) => ({ key: `${key} ${span.fromDay}`, part, span })) }
  })
}

function columnsOf(copy: Copy, foreign: boolean, base: string): TableColumnsType<Line> {
  const words = copy.why
  const columns: TableColumnsType<Line> = [
    { key: 'part', title: words.part, render: (_, line) => <Name line={line} copy={copy} /> },
    {
      key: 'value',
      title: words.value,
      align: 'right',
      render: (_, { part, span }) => valueText(part, span ? span.value : part.value, base, words.moved),
    },
    {
      key: 'rate',
      title: words.rate,
      align: 'right',
      className: 'wide-only',
      render: (_, { part, span }) => !span && rateText(part, base, words),
    },
    {
      key: 'weight',
      title: words.weightAndShare,
      align: 'right',
      className: 'wide-only',
      render: (_, { part, span }) => !span && `${(part.weight / 10_000).toFixed(2)} × ${part.share / 100}%`,
    },
    { key: 'days', title: words.days, align: 'right', render: (_, { part, span }) => countText((span ?? part).days) },
    {
      key: 'sum',
      title: words.partSum,
      align: 'right',
      render: (_, { part, span }) => <Money fen={(span ?? part).sumFen} />,
    },
    {
      key: 'average',
      title: words.contribution,
      align: 'right',
      render: (_, { part, span }) => (span ? null : <Money fen={part.averageFen} />),
    },
  ]
  return foreign ? columns : columns.filter((column) => column.key !== 'rate')
}

/** The account in a line, and under it its product and the days, so that the sums need no scrolling. */
function Name({ line, copy }: { line: Line; copy: Copy }) {
  const words = copy.why
  const { part, span } = line
  const days = (
    <span className="quiet nowrap">
      {(span ?? part).fromDay} – {(span ?? part).toDay}
    </span>
  )
  if (span) {
    return (
      <span className="part-name">
        {days} {span.carried && <span className="tag tag-warn">{copy.history.gap}</span>}
        {span.leftOut && <span className="tag">{words.leftOut}</span>}
        {span.counted !== span.value && !span.leftOut && <span className="tag">{words.countsZero}</span>}
      </span>
    )
  }
  return (
    <span className="part-name">
      <span className="mono">{part.accountNo}</span> {part.productName}{' '}
      <span className="quiet">{copy.classes[part.class] ?? part.class}</span>
      {part.kind !== 'balance' && <span className="tag kind">{words.kinds[part.kind]}</span>}
      {part.gapDays > 0 && <span className="tag tag-warn kind">{words.gapDays(part.gapDays)}</span>}
      <br />
      {days}
    </span>
  )
}

function valueText(part: Part, value: string | null, base: string, moved: string) {
  if (value === null) return <span className="quiet">{moved}</span>
  return (
    <span className="money">
      {part.currency !== base && <span className="quiet">{part.currency} </span>}
      {amountText(value, minorUnits[part.currency as keyof typeof minorUnits] ?? 2)}
    </span>
  )
}

/** Eight decimals without the zeros at the end; the average with a sign that it is one. */
function rateText(part: Part, base: string, words: Copy['why']) {
  if (part.currency === base) return <Dash />
  const plain = (rate: string) => amountText(rate, 8).replace(/0{1,4}$/, '')
  if (part.rate !== null) return plain(part.rate)
  return <span title={words.moved}>≈ {plain(part.rateAverage)}</span>
}
