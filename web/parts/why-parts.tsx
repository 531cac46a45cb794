/** The parts of an average: one line per account, opened into its spans of days; rounding and total close the sum. */
import { Table, type TableColumnsType } from 'antd'
import { useMemo } from 'react'
import type { Why } from '../../src/contract/why.ts'
import { minorUnits } from '../../src/kit/currency.ts'
import type { Copy } from '../copy/zh-CN.ts'
import { amountText, countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { Dash, Money } from './figures.tsx'

type Part = Why['parts'][number]

interface Line {
  key: string
  part: Part
  /** Of an account with several spans: its lines. */
  children?: Line[]
  spans: number
  sumFen: bigint
  averageFen: bigint
}

export function WhyParts({ why }: { why: Why }) {
  const copy = useCopy()
  const lines = useMemo(() => linesOf(why.parts), [why.parts])
  const columns = useMemo(() => columnsOf(copy), [copy])
  const words = copy.why
  return (
    <Table<Line>
      size="small"
      columns={columns}
      dataSource={lines}
      pagination={false}
      scroll={{ x: 'max-content' }}
      aria-label={words.parts}
      indentSize={14}
      summary={() => (
        <Table.Summary>
          <Closing name={words.rounding} span={columns.length - 1} fen={why.roundingFen} />
          <Closing name={words.total} span={columns.length - 1} fen={why.individual.averageFen} strong />
        </Table.Summary>
      )}
    />
  )
}

function Closing({ name, span, fen, strong = false }: { name: string; span: number; fen: string; strong?: boolean }) {
  return (
    <Table.Summary.Row className={strong ? 'sum-row' : ''}>
      <Table.Summary.Cell index={0} colSpan={span}>
        {name}
      </Table.Summary.Cell>
      <Table.Summary.Cell index={span} align="right">
        <Money fen={fen} />
      </Table.Summary.Cell>
    </Table.Summary.Row>
  )
}

function linesOf(parts: Part[]): Line[] {
  const byAccount = new Map<string, Part[]>()
  for (const part of parts) {
    const key = `${part.customerNo} ${part.accountId} ${part.product} ${part.kind}`
    const before = byAccount.get(key)
    if (before) before.push(part)
    else byAccount.set(key, [part])
  }
  return [...byAccount].map(([key, spans]) => {
    const total = (field: 'sumFen' | 'averageFen') => spans.reduce((sum, part) => sum + BigInt(part[field]), 0n)
    const first = spans[0]!
    const last = spans.at(-1)!
    const whole = { ...first, toDay: last.toDay, days: spans.reduce((sum, part) => sum + part.days, 0) }
    const merged =
      spans.length === 1
        ? first
        : {
            ...whole,
            value: null,
            rate: same(spans, 'rate'),
            gapDays: spans.reduce((sum, part) => sum + part.gapDays, 0),
          }
    const line: Line = {
      key,
      part: merged,
      spans: spans.length,
      sumFen: total('sumFen'),
      averageFen: total('averageFen'),
    }
    if (spans.length > 1)
      line.children = spans.map((part, index) => ({
        key: `${key} ${index}`,
        part,
        spans: 0,
        sumFen: BigInt(part.sumFen),
        averageFen: BigInt(part.averageFen),
      }))
    return line
  })
}

function same(spans: Part[], field: 'rate'): string | null {
  return spans.every((part) => part[field] === spans[0]![field]) ? spans[0]![field] : null
}

function columnsOf(copy: Copy): TableColumnsType<Line> {
  const words = copy.why
  const scaled = (value: number) => (value / 10_000).toFixed(value % 100 === 0 ? 2 : 4)
  return [
    {
      key: 'part',
      title: words.part,
      render: (_, line) =>
        line.spans === 0 ? (
          <span className="quiet">{words.kinds[line.part.kind]}</span>
        ) : (
          <>
            <span className="mono">{line.part.accountNo}</span> {line.part.productName}{' '}
            <span className="quiet">{copy.classes[line.part.class] ?? line.part.class}</span>
            {line.spans > 1 && <span className="tag kind">{words.spans(line.spans)}</span>}
            {line.part.kind !== 'balance' && <span className="tag kind">{words.kinds[line.part.kind]}</span>}
          </>
        ),
    },
    { key: 'value', title: words.value, align: 'right', render: (_, { part }) => valueText(part, words.moved) },
    { key: 'rate', title: words.rate, align: 'right', render: (_, { part }) => rateText(part, words.moved) },
    { key: 'weight', title: words.weight, align: 'right', render: (_, { part }) => scaled(part.weight) },
    {
      key: 'share',
      title: words.share,
      align: 'right',
      render: (_, { part }) => `${(part.share / 100).toFixed(part.share % 100 ? 2 : 0)}%`,
    },
    {
      key: 'span',
      title: words.span,
      render: (_, { part }) => (
        <>
          {part.fromDay} – {part.toDay}
          {part.gapDays > 0 && <span className="tag tag-warn kind">{words.gapDays(part.gapDays)}</span>}
        </>
      ),
    },
    { key: 'days', title: words.days, align: 'right', render: (_, { part }) => countText(part.days) },
    {
      key: 'sum',
      title: words.partSum,
      align: 'right',
      render: (_, line) => <Money fen={String(line.sumFen)} as="whole" />,
    },
    {
      key: 'average',
      title: words.contribution,
      align: 'right',
      render: (_, line) => <Money fen={String(line.averageFen)} />,
    },
  ]
}

function valueText(part: Part, moved: string) {
  if (part.value === null) return <span className="quiet">{moved}</span>
  return (
    <span className="money">
      {part.currency !== 'CNY' && <span className="quiet">{part.currency} </span>}
      {amountText(part.value, minorUnits[part.currency as keyof typeof minorUnits] ?? 2)}
    </span>
  )
}

/** Eight decimals, without the zeros at the end; one is a dash. */
function rateText(part: Part, moved: string) {
  if (part.rate === null) return <span className="quiet">{moved}</span>
  if (part.rate === '100000000') return <Dash />
  return amountText(part.rate, 8).replace(/0{1,4}$/, '')
}
