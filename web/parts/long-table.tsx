/**
 * A table for lists without an end: only the rows in sight and some beyond exist, more are read before they are needed,
 * and the keyboard walks and opens. Rows are 33 px. On a phone each row is a card.
 *
 * It is our own because the virtual table of antd drew a frame of 100,000 rows in 30 to 200 ms and left most of a fast
 * scroll blank: it walks all rows at every step, and its rows come a frame after the scrolling.
 */
import '../style/long-table.css'
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { isTyping } from '../actions.ts'
import { usePhone, useSize } from '../window.ts'

export interface LongColumn<Row> {
  key: string
  title: string
  width: number
  /** Amounts and counts stand right. */
  right?: boolean
  /** Stays in sight while the others move sideways; for the first column. */
  fixed?: boolean
  sorts?: boolean
  show: (row: Row) => ReactNode
}

interface LongTableProps<Row> {
  columns: LongColumn<Row>[]
  rows: Row[]
  keyOf: (row: Row) => string
  /** Nearly at the end: read on. */
  onEnd: () => void
  reading: boolean
  onOpen: (row: Row) => void
  card: (row: Row) => ReactNode
  sort?: { key: string; dir: 'asc' | 'desc' }
  onSort?: (key: string, dir: 'asc' | 'desc') => void
  empty: ReactNode
  label: string
  /** Names the list: another one begins at its top, with no row chosen. */
  list: string
}

const rowHeight = 33
/** Rows left below the window when the next page is asked for: at full scrolling speed about a second's worth. */
const rowsAhead = 300
/** Rows kept beyond either edge, and the steps in which they change: a step draws only its own rows. */
const rowsBeyond = 15
const rowStep = 10

export function LongTable<Row extends object>(props: LongTableProps<Row>) {
  const box = useRef<HTMLDivElement>(null)
  const size = useSize(box)
  const phone = usePhone()
  return (
    <div className="list-body" ref={box} data-rows={props.rows.length}>
      {phone ? <Cards {...props} /> : size.height > 0 && <Rows {...props} {...size} />}
    </div>
  )
}

function Rows<Row extends object>(props: LongTableProps<Row> & { width: number; height: number }) {
  const { rows, keyOf, onEnd, onOpen, height, width } = props
  const box = useRef<HTMLElement>(null)
  const [at, setAt] = useState(-1)
  const [step, setStep] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list is the reason to begin again
  useEffect(() => {
    setAt(-1)
    box.current?.scrollTo({ top: 0 })
  }, [props.list])
  useWalk({ count: rows.length, at, setAt, box, height, open: () => rows[at] && onOpen(rows[at]) })
  const columns = useMemo(() => spread(props.columns, width), [props.columns, width])
  const latest = useRef(onOpen)
  latest.current = onOpen
  const open = useMemo(
    () => (row: Row, index: number) => {
      setAt(index)
      latest.current(row)
    },
    [],
  )
  const first = Math.max(0, step * rowStep - rowsBeyond)
  const last = Math.min(rows.length, step * rowStep + Math.ceil(height / rowHeight) + rowStep + rowsBeyond)
  return (
    <section
      className="long-table"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={props.label}
      onScroll={(event) => {
        const top = event.currentTarget.scrollTop / rowHeight
        // At once: rows that come a frame later would leave this one blank.
        flushSync(() => setStep(Math.floor(top / rowStep)))
        if (top + height / rowHeight + rowsAhead > rows.length) onEnd()
      }}
    >
      <table aria-label={props.label} aria-rowcount={rows.length} style={{ width: widthOf(columns) }}>
        <Head {...props} columns={columns} />
        <tbody>
          <Gap rows={first} />
          {rows.slice(first, last).map((row, i) => (
            <Line
              key={keyOf(row)}
              row={row}
              index={first + i}
              chosen={first + i === at}
              columns={columns as LongColumn<object>[]}
              open={open as (row: object, index: number) => void}
            />
          ))}
          <Gap rows={rows.length - last} />
        </tbody>
      </table>
      {rows.length === 0 && (props.reading ? <div className="loading" /> : props.empty)}
    </section>
  )
}

function widthOf(columns: readonly { width: number }[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0)
}

/** What is left of the width goes to all columns alike. */
function spread<Row>(columns: LongColumn<Row>[], width: number): LongColumn<Row>[] {
  const spare = Math.max(0, width - widthOf(columns) - 14) / columns.length
  return columns.map((column) => ({ ...column, width: Math.floor(column.width + spare) }))
}

function Head<Row>({ columns, sort, onSort }: Pick<LongTableProps<Row>, 'columns' | 'sort' | 'onSort'>) {
  return (
    <thead>
      <tr>
        {columns.map(({ key, title, width, sorts, right, fixed }) => {
          const dir = sort?.key === key ? sort.dir : undefined
          const next = dir === 'desc' ? 'asc' : 'desc'
          return (
            <th
              key={key}
              scope="col"
              style={{ width }}
              className={classes(right && 'right', fixed && 'fixed')}
              {...(sorts && { 'aria-sort': dir ? (dir === 'asc' ? 'ascending' : 'descending') : 'none' })}
            >
              {sorts ? (
                <button type="button" onClick={() => onSort?.(key, next)}>
                  {title}
                  <span aria-hidden>{dir === 'asc' ? '▲' : dir === 'desc' ? '▼' : ''}</span>
                </button>
              ) : (
                title
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

/** The height of rows that are not drawn. */
function Gap({ rows }: { rows: number }) {
  return rows > 0 ? <tr aria-hidden className="gap" style={{ height: rows * rowHeight }} /> : null
}

interface LineProps {
  row: object
  index: number
  chosen: boolean
  columns: LongColumn<object>[]
  open: (row: object, index: number) => void
}

const Line = memo(function Line({ row, index, chosen, columns, open }: LineProps) {
  return (
    <tr className={chosen ? 'at' : undefined} aria-rowindex={index + 1} onClick={() => open(row, index)}>
      {columns.map(({ key, right, fixed, show }) => {
        const shown = show(row)
        return (
          <td
            key={key}
            className={classes(right && 'right', fixed && 'fixed')}
            title={typeof shown === 'string' ? shown : undefined}
          >
            {shown}
          </td>
        )
      })}
    </tr>
  )
})

function classes(...names: (string | false | undefined)[]): string | undefined {
  return names.filter(Boolean).join(' ') || undefined
}

interface Walk {
  count: number
  at: number
  setAt: (index: number) => void
  box: React.RefObject<HTMLElement | null>
  height: number
  open: () => void
}

/** Up, down, page and Enter move and open, wherever the focus is, unless somebody types or a dialog is open. */
function useWalk(walk: Walk): void {
  const latest = useRef(walk)
  latest.current = walk
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { count, at, setAt, box, height, open } = latest.current
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('[role="dialog"], .ant-dropdown:not(.ant-dropdown-hidden)')) return
      const onControl =
        event.target instanceof HTMLElement && event.target.closest('button, a, [role="tab"], [role="menuitem"]')
      const page = Math.floor(height / rowHeight) - 2
      const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }
      const step = steps[event.key]
      if (event.key === 'Enter' && !onControl && at >= 0) open()
      else if (step !== undefined && count > 0) {
        const next = Math.max(0, Math.min(count - 1, at + step))
        setAt(next)
        if (box.current) bringIntoSight(box.current, next, height)
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

// The head covers the first row's height of what is in sight.
function bringIntoSight(box: HTMLElement, index: number, height: number): void {
  const top = index * rowHeight
  const lowest = top + 2 * rowHeight + (box.offsetHeight - box.clientHeight) - height
  if (box.scrollTop > top) box.scrollTop = top
  else if (box.scrollTop < lowest) box.scrollTop = lowest
}

const cardHeight = 62
const cardsBeyond = 10

/** On a phone: cards of one height, only those in sight. */
function Cards<Row extends object>({ rows, keyOf, card, onOpen, onEnd, empty, reading, label }: LongTableProps<Row>) {
  const box = useRef<HTMLElement>(null)
  const { height } = useSize(box)
  const [top, setTop] = useState(0)
  const first = Math.max(0, Math.floor(top / cardHeight) - cardsBeyond)
  const last = Math.min(rows.length, Math.ceil((top + Math.max(height, 600)) / cardHeight) + cardsBeyond)
  return (
    <section
      className="cards"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      onScroll={(event) => {
        setTop(event.currentTarget.scrollTop)
        if (last + rowsAhead > rows.length) onEnd()
      }}
    >
      {rows.length === 0 && !reading && empty}
      <div style={{ height: rows.length * cardHeight, position: 'relative' }}>
        <div style={{ position: 'absolute', top: first * cardHeight, left: 0, right: 0 }}>
          {rows.slice(first, last).map((row) => (
            <button
              key={keyOf(row)}
              type="button"
              className="card-row"
              style={{ height: cardHeight }}
              onClick={() => onOpen(row)}
            >
              {card(row)}
            </button>
          ))}
        </div>
      </div>
    </section>
  )
}
