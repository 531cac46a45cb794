/** The list of users, filtered, sorted and paged by the server. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Select } from 'antd'
import { useMemo } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { listRoleFactors, listUsers, userKinds, userSorts, userStates } from '../../src/contract/users.ts'
import { reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { labelOf } from '../session.ts'
import { usePostText } from '../unit-names.ts'
import { Dash, Instant } from './figures.tsx'
import { type RecordColumn, RecordTable } from './record-table.tsx'
import { SearchBox } from './search-box.tsx'
import { Nothing } from './state.tsx'
import { KindTag, StateTag } from './user-tags.tsx'

type User = Output<typeof listUsers>['rows'][number]

export function UserList() {
  const words = useCopy().users
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/users' })
  const sort = userSorts.find((one) => one === search.order) ?? 'name'
  const kind = userKinds.find((one) => one === search.what)
  const state = userStates.find((one) => one === search.state)
  const { q, role } = search
  const query = {
    sort,
    dir: sort === 'lastSignIn' ? ('desc' as const) : ('asc' as const),
    ...(q && { q }),
    ...(kind && { kind }),
    ...(state && { state }),
    ...(role && { role }),
  }
  const list = usePaged(listUsers, { query })
  const columns = useColumns()
  return (
    <RecordTable<User>
      name="users"
      label={words.tabs.people}
      columns={columns}
      list={list}
      keyOf={(row) => String(row.id)}
      onOpen={(row) => navigate({ to: '/users/$id', params: { id: String(row.id) } })}
      empty={<Nothing title={words.empty} />}
      tools={
        <div className="row">
          <Filters />
          {list.first && <span className="quiet">{words.count(countText(list.first.total))}</span>}
        </div>
      }
    />
  )
}

function Filters() {
  const { copy, code } = useLanguage()
  const words = copy.users
  const navigate = useNavigate()
  const search = useSearch({ from: '/desk/users' })
  const roles = useQuery(reading(listRoleFactors)).data?.rows ?? []
  const go = (change: Record<string, string | undefined>) => {
    const next = Object.entries({ ...search, ...change }).filter(([, value]) => value)
    navigate({ to: '/users', search: Object.fromEntries(next), replace: true })
  }
  const choice = (label: string, value: string | undefined) => ({
    value: value as string,
    allowClear: true,
    placeholder: label,
    'aria-label': label,
    popupMatchSelectWidth: false,
    style: { minWidth: 118 },
  })
  return (
    <>
      <SearchBox label={words.search} q={search.q ?? ''} onSearch={(q) => go({ q })} />
      <Select
        {...choice(words.allKinds, search.what)}
        onChange={(what) => go({ what })}
        options={userKinds.map((value) => ({ value, label: words.kinds[value] }))}
      />
      <Select
        {...choice(words.allStates, search.state)}
        onChange={(state) => go({ state })}
        options={userStates.map((value) => ({ value, label: words.states[value] }))}
      />
      <Select
        {...choice(words.allRoles, search.role)}
        onChange={(role) => go({ role })}
        options={roles.map(({ role }) => ({ value: role.code, label: labelOf(role, code) }))}
      />
      <Select
        value={search.order ?? 'name'}
        aria-label={words.sort}
        popupMatchSelectWidth={false}
        onChange={(order) => go({ order })}
        options={userSorts.map((value) => ({ value, label: words.sorts[value] }))}
      />
    </>
  )
}

function useColumns(): RecordColumn<User>[] {
  const copy = useCopy()
  const postText = usePostText()
  const words = copy.users
  return useMemo(
    () => [
      {
        key: 'name',
        title: words.name,
        render: (_, row) => (
          <>
            <Link to="/users/$id" params={{ id: String(row.id) }}>
              <b>{row.name}</b>
            </Link>{' '}
            <KindTag kind={row.kind} />
          </>
        ),
      },
      { key: 'displayName', title: words.displayName, dataIndex: 'displayName' },
      { key: 'state', title: words.state, render: (_, row) => <StateTag state={row.state} /> },
      {
        key: 'posts',
        title: words.posts,
        render: (_, row) =>
          row.posts.length === 0 ? (
            <span className="quiet">{words.noPosts}</span>
          ) : (
            row.posts.map(postText).join(copy.common.semicolon)
          ),
      },
      {
        key: 'way',
        title: words.signsIn,
        render: (_, row) =>
          words.ways[row.kind === 'program' ? 'keys' : row.singleSignOn ? 'singleSignOn' : 'password'],
      },
      {
        key: 'factor',
        title: words.factor,
        render: (_, row) => (row.secondFactor ? <span className="tag tag-good">{copy.mySecurity.on}</span> : <Dash />),
      },
      { key: 'sessions', title: words.open, align: 'right', render: (_, row) => countText(row.sessions) },
      { key: 'last', title: words.lastSignIn, render: (_, row) => <Instant at={row.lastSignInAt} /> },
      { key: 'staff', title: words.staff, render: (_, row) => row.staff ?? <Dash /> },
    ],
    [copy, words, postText],
  )
}
