/**
 * A table of records read page by page, as a thin wrapper of ProTable: column choice is kept in the browser, more rows
 * come on request. Weightier than `SmallTable`; used where people work a list.
 */
import { type ProColumns, ProTable } from '@ant-design/pro-components'
import { Button, type TableProps } from 'antd'
import { type ReactNode, useRef } from 'react'
import { countText } from '../figures.ts'
import { useCopy } from '../language.ts'
import { useReachable } from './small-table.tsx'

export type RecordColumn<Row> = ProColumns<Row> & { key: string }

interface RecordTableProps<Row> {
  /** Names the kept column choice. */
  name: string
  label: string
  columns: RecordColumn<Row>[]
  rows: Row[]
  keyOf: (row: Row) => string
  loading: boolean
  empty: ReactNode
  onOpen?: (row: Row) => void
  /** Left above the table. */
  tools?: ReactNode
  onReload: () => void
  more?: (() => void) | undefined
  selection?: TableProps<Row>['rowSelection']
}

export function RecordTable<Row extends object>(props: RecordTableProps<Row>) {
  const { name, label, columns, rows, keyOf, loading, empty, onOpen, tools, onReload, more, selection } = props
  const copy = useCopy()
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
        loading={loading && rows.length === 0}
        scroll={{ x: 'max-content' }}
        headerTitle={tools}
        tableAlertRender={false}
        options={{ density: false, reload: onReload, setting: true }}
        columnsState={{ persistenceKey: `strata.columns.${name}`, persistenceType: 'localStorage' }}
        locale={{ emptyText: loading ? ' ' : empty }}
        {...(selection ? { rowSelection: selection } : {})}
        {...(onOpen ? { rowClassName: 'opens', onRow: (row: Row) => ({ onClick: () => onOpen(row) }) } : {})}
      />
      {more && (
        <div className="more">
          <Button onClick={more} loading={loading}>
            {copy.common.loadMore}
          </Button>
          <span className="quiet">{copy.common.rows(countText(rows.length))}</span>
        </div>
      )}
    </div>
  )
}
