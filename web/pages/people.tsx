/** People with their rights for the yearly review; and, for a person and a customer, why one is seen or not. */
import { DownloadOutlined } from '@ant-design/icons'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { useMemo } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { exportPeople, listPeople } from '../../src/contract/sight.ts'
import { addressOf } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { ExplainAccess } from '../parts/explain-access.tsx'
import { Instant } from '../parts/figures.tsx'
import { Page } from '../parts/page.tsx'
import { type RecordColumn, RecordTable } from '../parts/record-table.tsx'
import { ReviewMark } from '../parts/review-mark.tsx'
import { SearchBox } from '../parts/search-box.tsx'
import { Nothing } from '../parts/state.tsx'
import { KindTag, StateTag } from '../parts/user-tags.tsx'
import { usePostText } from '../unit-names.ts'

type Person = Output<typeof listPeople>['rows'][number]

export default function People() {
  const { copy, code } = useLanguage()
  const words = copy.people
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/people' })
  const actions = [
    {
      key: 'E',
      label: words.exportAll,
      icon: <DownloadOutlined />,
      run: () => location.assign(addressOf(exportPeople, { query: { language: code === 'en' ? 'en' : 'zh' } })),
    },
  ]
  return (
    <Page title={words.title} needs="access.read" actions={actions}>
      <Tabs
        activeKey={search.tab === 'explain' ? 'explain' : 'list'}
        onChange={(tab) => navigate({ to: '/people', search: { ...search, tab }, replace: true })}
        items={[
          { key: 'list', label: words.tabs.list, children: <List wanted={search.q ?? ''} /> },
          {
            key: 'explain',
            label: words.tabs.explain,
            children: (
              <ExplainAccess
                login={search.login ?? ''}
                customer={search.customer ?? ''}
                onAsk={(login, customer) =>
                  navigate({ to: '/people', search: { tab: 'explain', login, customer }, replace: true })
                }
              />
            ),
          },
        ]}
        destroyOnHidden
      />
    </Page>
  )
}

function List({ wanted }: { wanted: string }) {
  const words = useCopy().people
  const navigate = useNavigate()
  const list = usePaged(listPeople, { query: wanted ? { q: wanted } : {} })
  const columns = useColumns()
  return (
    <RecordTable<Person>
      name="people"
      label={words.title}
      columns={columns}
      list={list}
      keyOf={(row) => row.login}
      onOpen={(row) => navigate({ to: '/people/$login', params: { login: row.login } })}
      empty={<Nothing title={words.empty} />}
      tools={
        <SearchBox
          label={words.search}
          q={wanted}
          onSearch={(q) => navigate({ to: '/people', search: q ? { q } : {}, replace: true })}
        />
      }
    />
  )
}

function useColumns(): RecordColumn<Person>[] {
  const copy = useCopy()
  const postText = usePostText()
  const words = copy.people
  return useMemo(
    () => [
      {
        key: 'name',
        title: words.name,
        render: (_, row) => (
          <>
            <Link to="/people/$login" params={{ login: row.login }}>
              {row.name}
            </Link>{' '}
            <span className="quiet mono">{row.login}</span>
            {row.state !== 'active' && <StateTag state={row.state} />}
            <KindTag kind={row.kind} />
          </>
        ),
      },
      {
        key: 'posts',
        title: words.posts,
        render: (_, row) => row.posts.map(postText).join(copy.common.semicolon),
      },
      { key: 'customers', title: words.customers, align: 'right', render: (_, row) => countText(row.customers) },
      { key: 'grants', title: words.grants, align: 'right', render: (_, row) => countText(row.grants) },
      { key: 'signIn', title: words.lastSignIn, render: (_, row) => <Instant at={row.lastSignInAt} /> },
      { key: 'review', title: words.reviewed, render: (_, row) => <ReviewMark review={row.review} /> },
    ],
    [copy, words, postText],
  )
}
