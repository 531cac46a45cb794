/** For a person and a customer: visible or not, by which post, unit, wall or grant, and what of each field. */
import { useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { Output } from '../../src/contract/endpoint.ts'
import { explainAccess } from '../../src/contract/sight.ts'
import { reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { usePostText, useUnitName } from '../unit-names.ts'
import { EditRights, ReadRights } from './field-rights.tsx'
import { Instant } from './figures.tsx'
import { Panel } from './page.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

type Explained = Output<typeof explainAccess>

interface ExplainProps {
  login: string
  customer: string
  onAsk: (login: string, customer: string) => void
}

export function ExplainAccess({ login, customer, onAsk }: ExplainProps) {
  const words = useCopy().people
  const [person, setPerson] = useState(login)
  const [no, setNo] = useState(customer)
  const asked = login !== '' && customer !== ''
  const answer = useQuery({ ...reading(explainAccess, { query: { login, customer } }), enabled: asked })
  return (
    <div className="stack">
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault()
          onAsk(person.trim(), no.trim())
        }}
      >
        <Input
          value={person}
          onChange={(event) => setPerson(event.target.value)}
          placeholder={words.person}
          aria-label={words.person}
          maxLength={80}
          style={{ flex: '0 1 220px' }}
        />
        <Input
          value={no}
          onChange={(event) => setNo(event.target.value)}
          placeholder={words.customer}
          aria-label={words.customer}
          maxLength={64}
          style={{ flex: '0 1 220px' }}
        />
        <Button type="primary" htmlType="submit" disabled={!person.trim() || !no.trim()}>
          {words.explain}
        </Button>
      </form>
      {asked && <Answered query={answer}>{(found) => <Answer found={found} />}</Answered>}
    </div>
  )
}

function Answer({ found }: { found: Explained }) {
  const copy = useCopy()
  const postText = usePostText()
  const unitName = useUnitName()
  const words = copy.people
  const { state } = found.person
  return (
    <div className="grid">
      {state !== 'active' && <p className="note note-warn span-12">{words.standing[state]}</p>}
      <div className="span-6 stack">
        <Panel
          title={
            <>
              {words.result(found.person.name, found.customer.customerNo)}{' '}
              <span className={found.visible ? 'tag tag-good' : 'tag tag-bad'}>
                {found.visible ? words.visible : words.notVisible}
              </span>
            </>
          }
          extra={
            <span className="quiet">
              {words.atHome(`${unitName(found.customer.unit)} ${found.customer.unit.code}`)}
            </span>
          }
          flush
        >
          <ByPost found={found} />
        </Panel>
        {found.grants.length > 0 && (
          <Panel title={words.grantList} flush>
            <ByGrant found={found} />
          </Panel>
        )}
      </div>
      <div className="span-6 stack">
        <ReadRights rows={found.fields} by={{ title: words.byPost, show: (row) => <FieldPosts posts={row.posts} /> }} />
        <EditRights
          rows={found.edits}
          why={(row) => words.editRules[row.rule]}
          by={{
            title: words.byPost,
            show: (row) => row.posts.map(postText).join(copy.common.semicolon),
          }}
        />
      </div>
    </div>
  )
}

/** Under a group the posts that open it; where a post would show less, that too. */
function FieldPosts({ posts }: Pick<Explained['fields'][number], 'posts'>) {
  const copy = useCopy()
  const postText = usePostText()
  return (
    <ul className="lines">
      {posts.map((post) => (
        <li key={`${post.role.code} ${post.unit.code}`} className={post.decides ? undefined : 'quiet'}>
          {postText(post)}
          {!post.decides && ` (${copy.people.fieldRules[post.read]})`}
        </li>
      ))}
    </ul>
  )
}

function ByPost({ found }: { found: Explained }) {
  const copy = useCopy()
  const postText = usePostText()
  const words = copy.people
  type Row = Explained['posts'][number] & { key: string }
  return (
    <SmallTable<Row>
      wraps
      label={words.posts}
      rows={found.posts.map((post, index) => ({ ...post, key: String(index) }))}
      keyOf={(row) => row.key}
      empty={<p className="quiet">{words.noPosts}</p>}
      columns={[
        { key: 'role', title: words.posts, render: (_, row) => postText(row) },
        {
          key: 'visible',
          title: '',
          render: (_, row) => (
            <span className={row.visible ? 'tag tag-good' : 'tag'}>
              {row.visible ? words.visible : words.notVisible}
            </span>
          ),
        },
        {
          key: 'rule',
          title: words.rule,
          render: (_, row) => (
            <>
              {words.rules[row.rule]}
              {row.wall && (
                <span className="quiet"> · {row.visible ? words.crossing(row.wall) : words.blocked(row.wall)}</span>
              )}
            </>
          ),
        },
      ]}
    />
  )
}

function ByGrant({ found }: { found: Explained }) {
  const words = useCopy().people
  type Row = Explained['grants'][number] & { key: string }
  return (
    <SmallTable<Row>
      wraps
      label={words.grantList}
      rows={found.grants.map((grant, index) => ({ ...grant, key: String(index) }))}
      keyOf={(row) => row.key}
      columns={[
        {
          key: 'state',
          title: '',
          render: (_, row) => (
            <span className={row.state === 'holds' ? 'tag tag-good' : 'tag'}>{words.grantStates[row.state]}</span>
          ),
        },
        { key: 'by', title: words.by, render: (_, row) => row.by },
        {
          key: 'period',
          title: words.period,
          render: (_, row) => (
            <>
              <Instant at={row.from} /> – <Instant at={row.to} />
            </>
          ),
        },
        { key: 'reason', title: words.rule, render: (_, row) => row.reason },
      ]}
    />
  )
}
