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
}

export function SmallTable<Row extends object>(props: SmallTableProps<Row>) {
  const { columns, rows, keyOf, label, empty, summary, onOpen, expandable } = props
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
      scroll={{ x: 'max-content' }}
      locale={{ emptyText: empty ?? <Nothing /> }}
      {...(summary ? { summary } : {})}
      {...(expandable ? { expandable } : {})}
      {...(onOpen ? { rowClassName: 'opens', onRow: (row: Row) => ({ onClick: () => onOpen(row) }) } : {})}
    />
  )
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
  })
}
