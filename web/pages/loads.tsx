/** Loads: every file that came in with the account of its rows, and a way to send another. */
import { CloudUploadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Button, Select } from 'antd'
import { useCallback, useMemo, useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listFeeds, listLoads } from '../../src/contract/loads.ts'
import { reading } from '../api.ts'
import { countText, sizeText, spanText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { Dash, Instant } from '../parts/figures.tsx'
import { Page } from '../parts/page.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { Running } from '../parts/running.tsx'
import { Nothing } from '../parts/state.tsx'
import { UploadDialog } from '../parts/upload.tsx'
import { useMay } from '../session.ts'

type Load = Output<typeof listLoads>['rows'][number]

export default function Loads() {
  const { copy, code } = useLanguage()
  const words = copy.loads
  const may = useMay()
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/loads' })
  const [uploading, setUploading] = useState(false)
  const feeds = useQuery({ ...reading(listFeeds), enabled: may('loads.read') })
  const feedName = useFeedName()
  const status = search.status === 'loaded' || search.status === 'refused' ? search.status : undefined
  const list = usePaged(
    listLoads,
    { query: { ...(search.feed ? { feed: search.feed } : {}), ...(status ? { status } : {}) } },
    may('loads.read'),
  )
  const go = (change: { feed?: string | undefined; status?: string | undefined }) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    navigate({ to: '/loads', search: Object.fromEntries(next), replace: true })
  }
  const columns = useLoadColumns(feedName)
  const upload = () => setUploading(true)
  const actions = [
    {
      key: 'N',
      label: words.upload,
      icon: <CloudUploadOutlined />,
      primary: true,
      run: upload,
      disabled: may('loads.upload') ? undefined : copy.state.noRight,
    },
  ]
  return (
    <Page title={words.title} needs="loads.read" actions={actions}>
      <Running only="loads" />
      <RecordTable<Load>
        name="loads"
        label={words.title}
        columns={columns}
        list={list}
        keyOf={(load) => String(load.id)}
        onOpen={(load) => navigate({ to: '/loads/$id', params: { id: String(load.id) } })}
        empty={
          <Nothing
            title={words.empty}
            detail={words.emptyDetail}
            action={may('loads.upload') && <Button onClick={upload}>{words.upload}</Button>}
          />
        }
        tools={
          <div className="row">
            <Select
              value={search.feed as string}
              onChange={(feed) => go({ feed })}
              allowClear
              placeholder={words.allFeeds}
              aria-label={words.feed}
              popupMatchSelectWidth={false}
              style={{ minWidth: 150 }}
              options={(feeds.data?.rows ?? []).map((feed) => ({
                value: feed.name,
                label: code === 'en' ? feed.en : feed.zh,
              }))}
            />
            <Select
              value={status as 'loaded'}
              onChange={(chosen) => go({ status: chosen })}
              allowClear
              placeholder={words.allStatus}
              aria-label={words.status}
              style={{ minWidth: 110 }}
              options={(['loaded', 'refused'] as const).map((one) => ({ value: one, label: words.statuses[one] }))}
            />
          </div>
        }
      />
      {uploading && <UploadDialog feed={search.feed} onClose={() => setUploading(false)} />}
    </Page>
  )
}

/** The name of a feed in the language in use. */
function useFeedName(): (feed: string) => string {
  const { code } = useLanguage()
  const may = useMay()
  const feeds = useQuery({ ...reading(listFeeds), enabled: may('loads.read') }).data
  return useCallback(
    (name) => {
      const feed = feeds?.rows.find((one) => one.name === name)
      return feed ? (code === 'en' ? feed.en : feed.zh) : name
    },
    [feeds, code],
  )
}

function useLoadColumns(feedName: (feed: string) => string): RecordColumn<Load>[] {
  const { copy } = useLanguage()
  const words = copy.loads
  return useMemo(
    () => [
      { key: 'file', title: words.file, render: (_, load) => <b className="file">{load.file}</b> },
      { key: 'feed', title: words.feed, render: (_, load) => feedName(load.feed) },
      { key: 'status', title: words.status, render: (_, load) => <LoadStatus load={load} /> },
      { key: 'read', title: words.read, align: 'right', render: (_, load) => countText(load.rowsRead) },
      { key: 'accepted', title: words.accepted, align: 'right', render: (_, load) => countText(load.rowsAccepted) },
      {
        key: 'quarantined',
        title: words.quarantined,
        align: 'right',
        render: (_, load) => (load.rowsQuarantined ? <b className="warn">{countText(load.rowsQuarantined)}</b> : '0'),
      },
      {
        key: 'days',
        title: words.days,
        render: (_, load) =>
          load.firstDay ? (
            load.firstDay === load.lastDay ? (
              load.firstDay
            ) : (
              `${load.firstDay} – ${load.lastDay}`
            )
          ) : (
            <Dash />
          ),
      },
      { key: 'size', title: words.size, align: 'right', render: (_, load) => sizeText(load.bytes) },
      { key: 'at', title: words.recordedAt, render: (_, load) => <Instant at={load.recordedAt} /> },
      {
        key: 'took',
        title: words.took,
        align: 'right',
        render: (_, load) =>
          load.startedAt === load.recordedAt ? <Dash /> : spanText(load.startedAt, load.recordedAt),
      },
      { key: 'by', title: words.by, dataIndex: 'loadedBy' },
    ],
    [words, feedName],
  )
}

function LoadStatus({ load }: { load: Load }) {
  const { copy } = useLanguage()
  const words = copy.loads
  return (
    <span className="row">
      <span className={load.status === 'loaded' ? 'tag tag-good' : 'tag tag-bad'}>{words.statuses[load.status]}</span>
      {load.supersededBy !== null && <span className="tag">{words.superseded}</span>}
      {load.supersedes !== null && <span className="tag tag-accent">{words.corrects}</span>}
    </span>
  )
}
