/** The customers list: filters, sort and columns in the address, endless rows, totals under them, export under audit. */

import { DownloadOutlined, EyeOutlined, SettingOutlined, TagsOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { App, Button, Checkbox, Dropdown, Input, type InputRef, Popover } from 'antd'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import type { BulkRevealChange, ExportChange } from '../../src/contract/changes.ts'
import { type CustomerRow, countCustomers, exportCustomers } from '../../src/contract/customers.ts'
import type { PageAction } from '../actions.ts'
import { addressOf, queries, reading, readingOn } from '../api.ts'
import { customerColumns, usualColumns } from '../customer-columns.tsx'
import { filterOf, type ListSearch } from '../customer-search.ts'
import { countText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { listQuery, rememberList } from '../list-cache.ts'
import type { BigExport } from '../parts/big-export.tsx'
import type { BulkReveal } from '../parts/bulk-reveal.tsx'
import { CustomerFilters } from '../parts/customer-filters.tsx'
import { Money, Tier, useMoney } from '../parts/figures.tsx'
import { LongTable } from '../parts/long-table.tsx'
import { Page } from '../parts/page.tsx'
import { detailOf, useRefusal } from '../parts/problem.tsx'
import { Failed, Nothing } from '../parts/state.tsx'
import { UnitName } from '../parts/unit-name.tsx'
import { removeView, savedViews, saveView } from '../saved-views.ts'
import { useMay, useMe, useReads } from '../session.ts'
import { usePhone } from '../window.ts'

const BigExportDialog = lazy(() => import('../parts/big-export.tsx'))
const BulkTags = lazy(() => import('../parts/bulk-tags.tsx'))
const BulkRevealDialog = lazy(() => import('../parts/bulk-reveal.tsx'))

type Change = { [K in keyof ListSearch]?: ListSearch[K] | undefined }

export default function Customers() {
  const copy = useCopy()
  const may = useMay()
  const search = useSearch({ from: '/desk/customers' })
  const navigate = useNavigate()
  const field = useRef<InputRef>(null)
  const go = useCallback(
    (change: Change, replace = true) =>
      navigate({ to: '/customers', replace, search: (before: ListSearch) => without({ ...before, ...change }) }),
    [navigate],
  )
  const show = (wanted: ListSearch) => navigate({ to: '/customers', search: wanted })
  const { exported, tooBig, onClose } = useExport(search)
  const reveal = useBulkReveal(search)
  const [tagging, setTagging] = useState(false)
  // There each customer is a card, without columns
  const phone = usePhone()
  const refused = useRefusal()
  const noExport = may('customers.export') ? undefined : copy.state.noRight
  const actions: PageAction[] = [
    { key: '/', label: copy.customers.search, run: () => field.current?.focus({ cursor: 'all' }), panelOnly: true },
    {
      key: 'E',
      label: copy.customers.exportCsv,
      hint: copy.customers.exportAudited,
      icon: <DownloadOutlined />,
      disabled: noExport,
      run: () => exported('csv').catch(refused),
    },
    {
      key: 'X',
      label: copy.customers.exportXlsx,
      hint: copy.customers.exportAudited,
      icon: <DownloadOutlined />,
      disabled: noExport,
      run: () => exported('xlsx').catch(refused),
    },
    {
      key: 'V',
      label: copy.bulkReveal.action,
      hint: copy.bulkReveal.hint,
      icon: <EyeOutlined />,
      disabled: noExport ?? reveal.disabled,
      run: () => reveal.begin().catch(refused),
    },
    {
      key: 'T',
      label: copy.tags.bulk,
      hint: copy.tags.bulkHint,
      icon: <TagsOutlined />,
      disabled: may('tags.use') ? undefined : copy.state.noRight,
      run: () => setTagging(true),
    },
    { key: 'R', label: copy.customers.clear, run: () => show({}), panelOnly: true },
  ]
  return (
    <Page
      title={copy.customers.title}
      actions={actions}
      needs="customers.read"
      fill
      aside={
        <>
          <Views search={search} onShow={show} />
          {!phone && <Columns search={search} onChange={(cols) => go({ cols })} />}
        </>
      }
    >
      <CustomerFilters
        search={search}
        onChange={go}
        onClear={() => show(search.cols ? { cols: search.cols } : {})}
        field={field}
      />
      <List
        search={search}
        onSort={(sort, dir) => go({ sort: sort as ListSearch['sort'], dir })}
        onClear={() => show({})}
      />
      <Suspense>{tagging && <BulkTags search={search} onClose={() => setTagging(false)} />}</Suspense>
      <Suspense>{tooBig && <BigExportDialog asked={tooBig} onClose={onClose} />}</Suspense>
      <Suspense>{reveal.asked && <BulkRevealDialog asked={reveal.asked} onClose={reveal.end} />}</Suspense>
    </Page>
  )
}

/** Exports at once up to the free limit; above it a second person is asked. */
function useExport(search: ListSearch) {
  const { code } = useLanguage()
  const { exportRowsFree } = useMe()
  const [tooBig, setTooBig] = useState<BigExport | undefined>(undefined)
  const exported = async (format: 'csv' | 'xlsx') => {
    const { q, ...filter } = filterOf(search)
    const sorted = { ...(search.sort && { sort: search.sort }), dir: search.dir ?? 'desc' } as const
    const asked = { ...sorted, format, language: code === 'en' ? 'en' : 'zh' } as const
    const count = await queries.fetchQuery(reading(countCustomers, { query: filterOf(search) }))
    if (count.customers <= exportRowsFree) {
      location.assign(addressOf(exportCustomers, { query: { ...filterOf(search), ...asked } }))
      return
    }
    const change = q === undefined ? ({ kind: 'export', filter, ...asked } as ExportChange) : undefined
    setTooBig({ rows: count.customers, limit: exportRowsFree, change })
  }
  return { exported, tooBig, onClose: () => setTooBig(undefined) }
}

/** Contact facts of the filtered customers in clear: always by a second person. */
function useBulkReveal(search: ListSearch) {
  const { copy, code } = useLanguage()
  const reads = useReads()
  const [asked, setAsked] = useState<BulkReveal | undefined>(undefined)
  const begin = async () => {
    const { q, ...filter } = filterOf(search)
    const sorted = { ...(search.sort && { sort: search.sort }), dir: search.dir ?? 'desc' } as const
    const wanted = { kind: 'bulkReveal', filter, ...sorted, language: code === 'en' ? 'en' : 'zh' } as const
    const { customers } = await queries.fetchQuery(reading(countCustomers, { query: filterOf(search) }))
    setAsked({ rows: customers, change: q === undefined ? (wanted as Omit<BulkRevealChange, 'field'>) : undefined })
  }
  return {
    asked,
    begin,
    end: () => setAsked(undefined),
    disabled: reads('contact') ? undefined : copy.bulkReveal.hidden,
  }
}

interface ListProps {
  search: ListSearch
  onSort: (sort: string, dir: 'asc' | 'desc') => void
  onClear: () => void
}

function List({ search, onSort, onClear }: ListProps) {
  const copy = useCopy()
  const navigate = useNavigate()
  const may = useMay()
  const money = useReads()('money')
  const list = useInfiniteQuery(listQuery(search))
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.rows) ?? [], [list.data])
  const columns = useColumns(search)
  if (list.error && rows.length === 0) return <Failed failure={list.error} onRetry={() => list.refetch()} />
  const open = (row: CustomerRow) => {
    rememberList(search)
    navigate({ to: '/customers/$no', params: { no: row.customerNo } })
  }
  return (
    <div className="list">
      <LongTable<CustomerRow>
        label={copy.customers.title}
        columns={columns}
        rows={rows}
        list={JSON.stringify({ ...search, cols: undefined })}
        keyOf={(row) => row.customerNo}
        reading={list.isFetching}
        onEnd={() => list.hasNextPage && !list.isFetchingNextPage && list.fetchNextPage()}
        onOpen={open}
        card={(row) => <Card row={row} />}
        sort={{ key: search.sort ?? (money ? 'average' : 'customerNo'), dir: search.dir ?? 'desc' }}
        onSort={onSort}
        empty={
          <Nothing
            title={copy.customers.empty}
            detail={copy.customers.emptyDetail}
            action={
              <span className="row">
                <Button onClick={onClear}>{copy.customers.clear}</Button>
                {search.q && may('customers.find') && (
                  <Link to="/elsewhere" search={{ q: search.q }}>
                    {copy.elsewhere.lookElsewhere}
                  </Link>
                )}
              </span>
            }
          />
        }
      />
      <Foot search={search} loaded={rows.length} />
    </div>
  )
}

function useColumns(search: ListSearch) {
  const copy = useCopy()
  const money = useReads()('money')
  return useMemo(() => {
    const wanted = search.cols ? search.cols.split(',') : usualColumns
    return customerColumns(copy, money).filter((column) => column.key === 'name' || wanted.includes(column.key))
  }, [copy, search.cols, money])
}

/** Counts and assets of everything under the filters, and per tier. */
function Foot({ search, loaded }: { search: ListSearch; loaded: number }) {
  const { copy, code } = useLanguage()
  const write = useMoney()
  const count = useQuery(readingOn(countCustomers, { query: filterOf(search) }))
  if (!count.data)
    return <div className="list-foot">{count.error ? detailOf(count.error, code) : copy.state.loading}</div>
  const { customers, assetsFen, averageFen, tiers } = count.data
  return (
    <div className="list-foot" data-stale={count.isPlaceholderData || undefined}>
      <b>
        {assetsFen === null
          ? copy.customers.found(countText(customers))
          : copy.customers.footer(countText(customers), write(assetsFen, 'compact'))}
      </b>
      {averageFen !== null && (
        <span>
          {copy.common.average} <Money fen={averageFen} as="compact" />
        </span>
      )}
      {tiers
        .filter((tier) => tier.customers > 0)
        .map((tier) => (
          <span key={tier.tier.code}>
            <Tier tier={tier.tier} /> {countText(tier.customers)}
          </span>
        ))}
      <span className="grow" />
      {loaded < customers && <span>{copy.customers.loaded(countText(loaded))}</span>}
    </div>
  )
}

function Card({ row }: { row: CustomerRow }) {
  return (
    <>
      <b>{row.name}</b>
      <b>
        <Money fen={row.averageFen} as="whole" />
      </b>
      <span className="quiet">
        {row.customerNo} · <UnitName unit={row.unit} />
      </span>
      <Tier tier={row.tierInForce} />
    </>
  )
}

function Columns({ search, onChange }: { search: ListSearch; onChange: (cols: string | undefined) => void }) {
  const copy = useCopy()
  const money = useReads()('money')
  const wanted = search.cols ? search.cols.split(',') : usualColumns
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      title={copy.customers.columnsTitle}
      content={
        <Checkbox.Group
          className="column-choice"
          value={wanted}
          options={customerColumns(copy, money).map((column) => ({
            value: column.key,
            label: column.title,
            disabled: column.key === 'name',
          }))}
          onChange={(chosen) => onChange(chosen.join(',') === usualColumns.join(',') ? undefined : chosen.join(','))}
        />
      }
    >
      <Button size="small" icon={<SettingOutlined />}>
        {copy.customers.columns}
      </Button>
    </Popover>
  )
}

/** Ours and the person's own; a view is an address, so it can be sent to a colleague too. */
function Views({ search, onShow }: { search: ListSearch; onShow: (search: ListSearch) => void }) {
  const copy = useCopy()
  const { message } = App.useApp()
  const [views, setViews] = useState(savedViews)
  const [name, setName] = useState('')
  const money = useReads()('money')
  const standard: { name: string; search: ListSearch }[] = [
    { name: copy.customers.standardViews.all, search: {} },
    ...(money
      ? [{ name: copy.customers.standardViews.near, search: { near: 10, sort: 'toNext', dir: 'asc' } as const }]
      : []),
    { name: copy.customers.standardViews.notice, search: { notice: 'true' } },
    { name: copy.customers.standardViews.household, search: { path: 'household' } },
    { name: copy.customers.standardViews.uncertain, search: { confidenceBelow: 100 } },
  ]
  const save = () => {
    if (!name.trim()) return
    setViews(saveView({ name: name.trim(), search }))
    message.success(copy.customers.viewSaved(name.trim()))
    setName('')
  }
  const same = (wanted: ListSearch) => JSON.stringify(wanted) === JSON.stringify(search)
  const current = [...views, ...standard].find((view) => same(view.search))
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          ...standard.map((view) => ({
            key: `standard ${view.name}`,
            label: view.name,
            onClick: () => onShow(view.search),
          })),
          ...(views.length ? [{ type: 'divider' as const }] : []),
          ...views.map((view) => ({
            key: `own ${view.name}`,
            label: view.name,
            onClick: () => onShow(view.search),
            extra: (
              <Button
                size="small"
                type="text"
                onClick={(event) => {
                  event.stopPropagation()
                  setViews(removeView(view.name))
                }}
              >
                {copy.common.remove}
              </Button>
            ),
          })),
        ],
      }}
      popupRender={(menu) => (
        <div className="view-menu">
          {menu}
          <div className="row view-save">
            <Input
              size="small"
              value={name}
              placeholder={copy.customers.viewName}
              aria-label={copy.customers.viewName}
              onChange={(event) => setName(event.target.value)}
              onPressEnter={save}
            />
            <Button size="small" onClick={save} disabled={!name.trim()}>
              {copy.customers.saveView}
            </Button>
          </div>
        </div>
      )}
    >
      <Button size="small" icon={<EyeOutlined />}>
        {current?.name ?? copy.customers.views}
      </Button>
    </Dropdown>
  )
}

/** Drops what is undefined, so that the address stays short. */
function without(change: Change): ListSearch {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as ListSearch
}
