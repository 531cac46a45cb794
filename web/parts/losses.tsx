/** Losses by month, unit and reason, with what the customers had before; and the file of them. */
import { DownloadOutlined } from '@ant-design/icons'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Button, DatePicker } from 'antd'
import dayjs from 'dayjs'
import type { Output } from '../../src/contract/endpoint.ts'
import { reasonWords } from '../../src/contract/value-state-words.ts'
import { exportLosses, listLosses, lossReasons } from '../../src/contract/value-states.ts'
import { addressOf } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { labelOf } from '../session.ts'
import { Money } from './figures.tsx'
import { type RecordColumn, RecordTable } from './record-table.tsx'
import { Nothing } from './state.tsx'
import { UnitSelect } from './unit-select.tsx'
import { ReasonSelect } from './value-position.tsx'

type Loss = Output<typeof listLosses>['rows'][number]

export function Losses() {
  const words = useCopy().valueStates
  const { code } = useLanguage()
  const search = useSearch({ from: '/desk/value-states' })
  const reason = lossReasons.find((one) => one === search.reason)
  const { from, to, unit } = search
  const filter = { ...(from && { from }), ...(to && { to }), ...(unit && { unit }), ...(reason && { reason }) }
  const list = usePaged(listLosses, { query: filter })
  const columns: RecordColumn<Loss>[] = [
    { key: 'month', title: words.month, dataIndex: 'month' },
    { key: 'unit', title: words.unit, render: (_, row) => row.unit.name },
    { key: 'reason', title: words.reason, render: (_, row) => labelOf(reasonWords[row.reason], code) },
    { key: 'customers', title: words.customers, align: 'right', render: (_, row) => countText(row.customers) },
    { key: 'former', title: words.former, align: 'right', render: (_, row) => <Money fen={row.formerAverageFen} /> },
  ]
  const language = code === 'en' ? ('en' as const) : ('zh' as const)
  return (
    <RecordTable<Loss>
      name="losses"
      label={words.tabs.losses}
      columns={columns}
      list={list}
      keyOf={(row) => `${row.month} ${row.unit.code} ${row.reason}`}
      empty={<Nothing title={words.noLosses} />}
      tools={
        <div className="row">
          <Filters />
          <Button
            icon={<DownloadOutlined />}
            onClick={() => location.assign(addressOf(exportLosses, { query: { ...filter, language } }))}
          >
            {words.export}
          </Button>
          {list.first && (
            <span className="quiet">
              {words.lossTotal(countText(list.first.total))} · <Money fen={list.first.formerAverageFen} />
            </span>
          )}
        </div>
      }
    />
  )
}

function Filters() {
  const words = useCopy().valueStates
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/value-states' })
  const go = (change: Record<string, string | undefined>) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    navigate({ to: '/value-states', search: Object.fromEntries(next), replace: true })
  }
  const month = (name: 'from' | 'to', label: string) => (
    <DatePicker
      picker="month"
      aria-label={label}
      placeholder={label}
      value={search[name] ? dayjs(`${search[name]}-01`) : null}
      onChange={(chosen) => go({ [name]: chosen?.format('YYYY-MM') })}
    />
  )
  return (
    <>
      {month('from', words.monthFrom)}
      {month('to', words.monthTo)}
      <UnitSelect value={search.unit} onChange={(unit) => go({ unit })} />
      <ReasonSelect
        value={lossReasons.find((one) => one === search.reason)}
        onChange={(reason) => go({ reason })}
        clearable
      />
    </>
  )
}
