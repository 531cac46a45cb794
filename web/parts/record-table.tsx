/**
 * A table of records read page by page, as a thin wrapper of ProTable: column choice is kept in the browser, more rows
 * come on request. Weightier than `SmallTable`; used where people work a list.
 */
import { type ProColumns, ProTable } from '@ant-design/pro-components'
import type { TableProps } from 'antd'
import { type ReactNode, useRef } from 'react'
import type { Paged } from '../paged.ts'
import { More } from './more.tsx'
import { useReachable } from './small-table.tsx'
import { Failed, Loading } from './state.tsx'

export type RecordColumn<Row> = ProColumns<Row> & { key: string }

interface RecordTableProps<Row> {
  /** Names the kept column choice. */
  name: string
  label: string
  columns: RecordColumn<Row>[]
  list: Paged<Row>
  keyOf: (row: Row) => string
  /** In place of rows where there are none. */
  empty: ReactNode
  onOpen?: (row: Row) => void
  /** Left above the table. */
  tools?: ReactNode
  selection?: TableProps<Row>['rowSelection']
}

export function RecordTable<Row extends object>(props: RecordTableProps<Row>) {
  const { name, label, columns, list, keyOf, empty, onOpen, tools, selection } = props
  const { rows, error, loading, reload } = list
  // In the table, so that the filter that was refused can still be changed
  const nothing = error ? <Failed failure={error} onRetry={reload} /> : loading ? <Loading /> : empty
  const box = useRef<HTMLDivElement>(null)
  useReachable(() => box.current, label)
  return (
    <div className="panel panel-clip record-table" ref={box}>
      <ProTable<Row>
        size="small"
        search={false}
        pagination={false}
        cardProps={false}
        ghost
        aria-label={label}
        columns={columns}
        dataSource={rows}
        rowKey={keyOf}
        scroll={{ x: 'max-content' }}
        headerTitle={tools}
        tableAlertRender={false}
        options={{ density: false, reload, setting: true }}
        columnsState={{ persistenceKey: `strata.columns.${name}`, persistenceType: 'localStorage' }}
        locale={{ emptyText: nothing }}
        {...(selection ? { rowSelection: selection } : {})}
        {...(onOpen ? { rowClassName: 'opens', onRow: (row: Row) => ({ onClick: () => onOpen(row) }) } : {})}
      />
      <More list={list} />
    </div>
  )
}
