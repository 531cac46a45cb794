/** One sign-in: how it stands, its posts, sessions and keys, and what an administrator does about it. */

import { ArrowLeftOutlined } from '@ant-design/icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { App, Button, Popconfirm } from 'antd'
import type { Output } from '../../src/contract/endpoint.ts'
import { listKeys } from '../../src/contract/keys.ts'
import { endUserSession, endUserSessions, readUser } from '../../src/contract/users.ts'
import { ask, queries, reading } from '../api.ts'
import { instantText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { Instant } from '../parts/figures.tsx'
import { KeyTable } from '../parts/keys.tsx'
import { Fact, Facts, Page, Panel } from '../parts/page.tsx'
import { ProblemNote } from '../parts/problem.tsx'
import { SessionTable } from '../parts/session-table.tsx'
import { SmallTable } from '../parts/small-table.tsx'
import { Answered } from '../parts/state.tsx'
import { UnitName } from '../parts/unit-name.tsx'
import { UserActs } from '../parts/user-acts.tsx'
import { KindTag, StateTag } from '../parts/user-tags.tsx'
import { labelOf, useMay, useMe } from '../session.ts'

export type User = Output<typeof readUser>

export default function UserPage() {
  const copy = useCopy()
  const { id } = useParams({ from: '/desk/users/$id' })
  const navigate = useNavigate()
  const user = useQuery(reading(readUser, { params: { id: Number(id) } }))
  const back = () => navigate({ to: '/users' })
  return (
    <Page
      title={user.data?.displayName ?? copy.users.title}
      needs="users.read"
      actions={[{ key: 'B', label: copy.common.back, run: back, panelOnly: true }]}
      before={<Button type="text" icon={<ArrowLeftOutlined />} aria-label={copy.common.back} onClick={back} />}
      aside={
        user.data && (
          <>
            <span className="mono">{user.data.name}</span> <KindTag kind={user.data.kind} />
            <StateTag state={user.data.state} />
          </>
        )
      }
    >
      <Answered query={user}>{(found) => <Content user={found} />}</Answered>
    </Page>
  )
}

function Content({ user }: { user: User }) {
  const copy = useCopy()
  const may = useMay()
  const keys = useQuery({ ...reading(listKeys, { query: { login: user.name } }), enabled: may('keys.manage') })
  return (
    <div className="grid">
      <div className="span-4 stack">
        <About user={user} />
      </div>
      <div className="span-8 stack">
        <Posts user={user} />
        <Sessions user={user} />
        {may('keys.manage') && (
          <Panel title={copy.profile.keys} flush>
            <Answered query={keys} rows={2}>
              {({ rows }) => <KeyTable label={copy.moreKeys.of(user.displayName)} rows={rows} />}
            </Answered>
          </Panel>
        )}
      </div>
    </div>
  )
}

function About({ user }: { user: User }) {
  const copy = useCopy()
  const words = copy.users
  const way = user.kind === 'program' ? 'keys' : user.singleSignOn ? 'singleSignOn' : 'password'
  return (
    <Panel title={words.about}>
      <div className="stack">
        {user.kind === 'breakGlass' && <p className="note note-warn">{words.breakGlassHint}</p>}
        {user.lock && (
          <p className="note note-warn">
            {words.lockedBy(user.lock.by, instantText(user.lock.at))}: {user.lock.reason}
          </p>
        )}
        <Facts>
          <Fact name={words.name}>{user.name}</Fact>
          <Fact name={words.staff}>{user.staff}</Fact>
          <Fact name={words.signsIn}>{words.ways[way]}</Fact>
          <Fact name={words.factor}>{user.secondFactor ? copy.mySecurity.on : copy.mySecurity.off}</Fact>
          <Fact name={words.lastSignIn}>
            <Instant at={user.lastSignInAt} />
          </Fact>
          {user.validUntil && (
            <Fact name={words.validUntil}>
              <Instant at={user.validUntil} />
            </Fact>
          )}
        </Facts>
        <UserActs user={user} />
      </div>
    </Panel>
  )
}

function Posts({ user }: { user: User }) {
  const { copy, code } = useLanguage()
  const words = copy.users
  const may = useMay()
  return (
    <Panel
      title={words.posts}
      extra={
        may('access.read') && (
          <>
            <Link to="/people/$login" params={{ login: user.name }}>
              {words.rights}
            </Link>
            <Link to="/access" search={{ tab: 'posts' }}>
              {words.givePosts}
            </Link>
          </>
        )
      }
      flush
    >
      <SmallTable<User['posts'][number]>
        label={words.posts}
        rows={user.posts}
        keyOf={({ role, unit, origin }) => `${role.code} ${unit.code} ${origin}`}
        empty={<p className="quiet">{words.noPosts}</p>}
        columns={[
          { key: 'role', title: words.role, render: (_, post) => labelOf(post.role, code) },
          {
            key: 'unit',
            title: words.unit,
            render: (_, post) => (
              <>
                <UnitName unit={post.unit} /> <span className="quiet mono">{post.unit.code}</span>
              </>
            ),
          },
          {
            key: 'origin',
            title: '',
            render: (_, post) => post.origin === 'oidc' && <span className="tag">{words.fromGroups}</span>,
          },
        ]}
      />
    </Panel>
  )
}

function Sessions({ user }: { user: User }) {
  const copy = useCopy()
  const words = copy.users
  const may = useMay()
  const me = useMe()
  const { message } = App.useApp()
  const mayEnd = may('users.manage') && me.name !== user.name
  const again = () => queries.invalidateQueries({ queryKey: ['readUser'] })
  const endingAll = useMutation({
    mutationFn: () => ask(endUserSessions, { params: { id: user.id } }),
    onSuccess: ({ ended }) => {
      message.success(copy.sessions.ended(ended))
      again()
    },
  })
  return (
    <Panel
      title={words.sessions}
      extra={
        mayEnd && (
          <Popconfirm title={words.endAll} description={copy.sessions.endAsk} onConfirm={() => endingAll.mutate()}>
            <Button size="small" disabled={user.openSessions.length === 0} loading={endingAll.isPending}>
              {words.endAll}
            </Button>
          </Popconfirm>
        )
      }
      flush
    >
      <ProblemNote failure={endingAll.error} />
      <SessionTable
        label={words.sessions}
        rows={user.openSessions}
        end={mayEnd ? (session) => ask(endUserSession, { params: { id: user.id, session } }) : undefined}
        onEnded={again}
      />
    </Panel>
  )
}
