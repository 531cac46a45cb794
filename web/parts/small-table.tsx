/** A short table inside a page: all rows at once, wide ones scroll sideways in their own box. */
import { Table, type TableColumnsType, type TableProps } from 'antd'
import { type ComponentRef, type ReactNode, useEffect, useRef } from 'react'
import { Nothing } from './state.tsx'

interface SmallTableProps<Row> {
  columns: TableColumnsType<Row>
  rows: readonly Row[]
  keyOf: (row: Row) => string
  label: string
  empty?: ReactNode
  summary?: () => ReactNode
  onOpen?: (row: Row) => void
  expandable?: TableProps<Row>['expandable']
  /** What stands below a row over the whole width, on lines of its own. */
  below?: (row: Row) => ReactNode
  /** Its texts go on to a next line, rather than the table sideways. */
  wraps?: boolean
}

export function SmallTable<Row extends object>(props: SmallTableProps<Row>) {
  const { columns, rows, keyOf, label, empty, summary, onOpen, expandable, below, wraps = false } = props
  const table = useRef<ComponentRef<typeof Table>>(null)
  useReachable(() => table.current?.nativeElement, label)
  return (
    <Table<Row>
      ref={table}
      size="small"
      aria-label={label}
      columns={columns}
      dataSource={rows as Row[]}
      rowKey={keyOf}
      pagination={false}
      {...(wraps ? { className: 'wraps' } : { scroll: { x: 'max-content' } })}
      locale={{ emptyText: empty ?? <Nothing /> }}
      {...(summary ? { summary } : {})}
      {...(expandable ? { expandable } : {})}
      {...(below ? { expandable: alwaysBelow(rows, keyOf, below) } : {})}
      {...(onOpen ? { rowClassName: 'opens', onRow: (row: Row) => ({ onClick: () => onOpen(row) }) } : {})}
    />
  )
}

function alwaysBelow<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  below: (row: Row) => ReactNode,
): NonNullable<TableProps<Row>['expandable']> {
  const expandedRowKeys = rows.filter((row) => below(row)).map(keyOf)
  return { expandedRowKeys, expandedRowRender: below, showExpandColumn: false }
}

/** The column of what can be done to a row: it stays in sight while the others move sideways. */
export function actColumn<Row>(render: (row: Row) => ReactNode): TableColumnsType<Row>[number] {
  return { key: 'act', title: '', fixed: 'right', render: (_, row) => render(row) }
}

/** What scrolls must be reachable by keyboard, and antd gives its scrolling box no place in the order of focus. */
export function useReachable(around: () => HTMLElement | null | undefined, label: string): void {
  useEffect(() => {
    const box = around()?.querySelector('.ant-table-content')
    box?.setAttribute('tabindex', '0')
    box?.setAttribute('role', 'group')
    box?.setAttribute('aria-label', label)
    // It repeats the head to measure it, the box that selects all included
    box?.querySelector('.ant-table-measure-row')?.setAttribute('inert', '')
  })
}
