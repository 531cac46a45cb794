/**
 * A table for lists without an end: only the rows in sight exist, more are read before they are needed, and the
 * keyboard walks and opens. Rows are 33 px. On a phone each row is a card.
 */
import { Table, type TableColumnsType, type TableProps, type TableRef } from 'antd'

import { type ReactNode, useEffect, useRef, useState } from 'react'
import { isTyping } from '../actions.ts'
import { usePhone, useSize } from '../window.ts'

export interface LongColumn<Row> {
  key: string
  title: string
  width: number
  /** Amounts and counts stand right. */
  right?: boolean
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
  selection?: TableProps<Row>['rowSelection']
  /** Names the list: another one begins at its top, with no row chosen. */
  list: string
}

const rowHeight = 33
const headHeight = 33
/** Rows left below the window when the next page is asked for: at full scrolling speed about a second's worth. */
const rowsAhead = 300

export function LongTable<Row extends object>(props: LongTableProps<Row>) {
  const box = useRef<HTMLDivElement>(null)
  const size = useSize(box)
  const phone = usePhone()
  return (
    <div className="list-body" ref={box}>
      {phone ? <Cards {...props} /> : size.height > 0 && <Rows {...props} {...size} />}
    </div>
  )
}

function Rows<Row extends object>(props: LongTableProps<Row> & { width: number; height: number }) {
  const { columns, rows, keyOf, onEnd, onOpen, sort, onSort, height, width } = props
  const table = useRef<TableRef>(null)
  const [at, setAt] = useState(-1)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list is the reason to begin again
  useEffect(() => {
    setAt(-1)
    table.current?.scrollTo({ top: 0 })
  }, [props.list])
  useWalk({ count: rows.length, at, setAt, table, height, open: () => rows[at] && onOpen(rows[at]) })
  const wide = columns.reduce((sum, column) => sum + column.width, props.selection ? 40 : 0)
  const spare = Math.max(0, width - wide - 14) / columns.length
  const shown: TableColumnsType<Row> = columns.map((column) => ({
    key: column.key,
    title: column.title,
    width: Math.floor(column.width + spare),
    align: column.right ? 'right' : 'left',
    ellipsis: true,
    ...(column.fixed ? { fixed: 'left' as const } : {}),
    ...(column.sorts
      ? { sorter: true, sortOrder: sort?.key === column.key ? (sort.dir === 'asc' ? 'ascend' : 'descend') : null }
      : {}),
    sortDirections: ['descend', 'ascend', 'descend'] as const,
    render: (_: unknown, row: Row) => column.show(row),
  })) as TableColumnsType<Row>
  return (
    <Table<Row>
      ref={table}
      virtual
      size="small"
      rowKey={keyOf}
      columns={shown}
      dataSource={rows}
      pagination={false}
      aria-label={props.label}
      showSorterTooltip={false}
      scroll={{ x: Math.max(wide, width), y: height - headHeight }}
      loading={props.reading && rows.length === 0}
      locale={{ emptyText: props.reading ? ' ' : props.empty }}
      {...(props.selection ? { rowSelection: props.selection } : {})}
      rowClassName={(_, index) => (index === at ? 'opens at' : 'opens')}
      onRow={(row, index) => ({
        onClick: () => {
          setAt(index ?? -1)
          onOpen(row)
        },
      })}
      onChange={(_pages, _filters, sorter) => {
        const one = Array.isArray(sorter) ? sorter[0] : sorter
        if (one?.columnKey) onSort?.(String(one.columnKey), one.order === 'ascend' ? 'asc' : 'desc')
      }}
      onScroll={(event) => {
        const { scrollTop } = event.currentTarget
        if (scrollTop / rowHeight + height / rowHeight + rowsAhead > rows.length) onEnd()
      }}
    />
  )
}

interface Walk {
  count: number
  at: number
  setAt: (index: number) => void
  table: React.RefObject<TableRef | null>
  height: number
  open: () => void
}

/** Up, down, page and Enter move and open, wherever the focus is, unless somebody types or a dialog is open. */
function useWalk(walk: Walk): void {
  const latest = useRef(walk)
  latest.current = walk
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { count, at, setAt, table, height, open } = latest.current
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
        table.current?.scrollTo({ index: next, align: 'nearest' } as Parameters<TableRef['scrollTo']>[0])
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
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
