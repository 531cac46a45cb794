/** What the bank hands over: each feed with its columns, types, keys and checks. */
import { DownloadOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Button } from 'antd'
import type { Output } from '../../src/contract/endpoint.ts'
import { listFeeds } from '../../src/contract/loads.ts'
import { reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { Dash, Instant } from '../parts/figures.tsx'
import { Fact, Facts, Page, Panel } from '../parts/page.tsx'
import { SmallTable } from '../parts/small-table.tsx'
import { Answered } from '../parts/state.tsx'
import { useMay } from '../session.ts'

type Feed = Output<typeof listFeeds>['rows'][number]

export default function Feeds() {
  const { copy, code } = useLanguage()
  const may = useMay()
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/feeds' })
  const feeds = useQuery({ ...reading(listFeeds), enabled: may('loads.read') })
  return (
    <Page title={copy.feeds.title} needs="loads.read">
      <p className="quiet">{copy.feeds.intro}</p>
      <Answered query={feeds} rows={14}>
        {({ rows }) => {
          const chosen = rows.find((feed) => feed.name === search.feed) ?? rows[0]
          return (
            <div className="record">
              <nav className="panel feed-list" aria-label={copy.feeds.title}>
                {rows.map((feed) => (
                  <button
                    key={feed.name}
                    type="button"
                    className="feed-item"
                    aria-current={feed === chosen ? 'true' : undefined}
                    onClick={() => navigate({ to: '/feeds', search: { feed: feed.name }, replace: true })}
                  >
                    <span>{code === 'en' ? feed.en : feed.zh}</span>
                    <span className="quiet mono">{feed.name}</span>
                  </button>
                ))}
              </nav>
              {chosen && <Description feed={chosen} />}
            </div>
          )
        }}
      </Answered>
    </Page>
  )
}

function Description({ feed }: { feed: Feed }) {
  const { copy, code } = useLanguage()
  const words = copy.feeds
  const header = `data:text/csv;charset=utf-8,${encodeURIComponent(`\ufeff${feed.columns.map((column) => column.name).join(',')}\r\n`)}`
  return (
    <div className="stack">
      <Panel
        title={code === 'en' ? feed.en : feed.zh}
        extra={
          <Button size="small" icon={<DownloadOutlined />} href={header} download={`${feed.name}.csv`}>
            {words.download}
          </Button>
        }
      >
        <p>{code === 'en' ? feed.meaningEn : feed.meaningZh}</p>
        <Facts>
          <Fact name={words.key}>
            <code>{feed.key.join(', ')}</code>
          </Fact>
          <Fact name={words.dayColumn}>{feed.dayColumn && <code>{feed.dayColumn}</code>}</Fact>
          <Fact name={words.after}>{feed.after.length > 0 ? feed.after.join(', ') : null}</Fact>
          <Fact name={words.last}>
            {feed.last ? (
              <Link to="/loads/$id" params={{ id: String(feed.last.loadId) }}>
                <Instant at={feed.last.recordedAt} />
              </Link>
            ) : (
              words.never
            )}
          </Fact>
          <Fact name={words.rows}>{countText(BigInt(feed.rowsAccepted))}</Fact>
        </Facts>
      </Panel>
      <Panel title={words.columns} flush>
        <SmallTable<Feed['columns'][number]>
          label={words.columns}
          rows={feed.columns}
          keyOf={(column) => column.name}
          columns={[
            { key: 'name', title: words.name, render: (_, column) => <code>{column.name}</code> },
            {
              key: 'meaning',
              title: words.meaning,
              render: (_, column) => <span className="wrap-box">{code === 'en' ? column.en : column.zh}</span>,
            },
            {
              key: 'type',
              title: words.type,
              render: (_, column) => (
                <span className="wrap-box">{column.type.replace(/^\w+/, (kind) => words.types[kind] ?? kind)}</span>
              ),
            },
            {
              key: 'required',
              title: words.required,
              render: (_, column) =>
                column.required ? <span className="tag tag-accent">{words.required}</span> : <Dash />,
            },
            {
              key: 'personal',
              title: words.personal,
              render: (_, column) =>
                column.personal ? <span className="tag tag-warn">{words.personal}</span> : <Dash />,
            },
            { key: 'references', title: words.references, render: (_, column) => column.references ?? <Dash /> },
            { key: 'check', title: words.check, render: (_, column) => column.check ?? <Dash /> },
            { key: 'example', title: words.example, render: (_, column) => <code>{column.example}</code> },
          ]}
        />
      </Panel>
    </div>
  )
}
