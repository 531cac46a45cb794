/** Who holds which role where, and proposing to give or end a post. */
import { useQuery } from '@tanstack/react-query'
import { Button, Segmented, Select } from 'antd'
import { useState } from 'react'
import { listPosts, listRoles, proposePost } from '../../src/contract/access.ts'
import type { PostChange } from '../../src/contract/changes.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import type { Day } from '../../src/kit/day.ts'
import { ask, reading } from '../api.ts'
import { useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { labelOf, useMay } from '../session.ts'
import { ChangeDialog, Field } from './change-dialog.tsx'
import { DayField, today } from './day-field.tsx'
import { ListSearch } from './list-search.tsx'
import { LoginSelect } from './login-select.tsx'
import { SmallTable } from './small-table.tsx'
import { Failed } from './state.tsx'
import { UnitSelect } from './unit-select.tsx'

type Post = Output<typeof listPosts>['rows'][number]

export function Posts({ making, onMade }: { making: boolean; onMade: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.access
  const may = useMay()
  const [which, setWhich] = useState<'today' | 'all'>('today')
  const [unit, setUnit] = useState<string | undefined>(undefined)
  const [ending, setEnding] = useState<Post | undefined>(undefined)
  const [q, setQ] = useState('')
  const list = usePaged(listPosts, { query: { which, ...(unit && { unit }), ...(q && { q }) } })
  if (list.error && list.rows.length === 0) return <Failed failure={list.error} onRetry={list.reload} />
  return (
    <>
      <div className="filters">
        <Segmented
          value={which}
          onChange={setWhich}
          options={(['today', 'all'] as const).map((one) => ({ value: one, label: words.which[one] }))}
        />
        <UnitSelect value={unit} onChange={setUnit} />
        <ListSearch label={words.searchPosts} q={q} onSearch={setQ} />
        {list.first && <span className="quiet">{words.shown(list.rows.length, list.first.total)}</span>}
      </div>
      <div className="panel panel-clip">
        <SmallTable<Post>
          label={words.tabs.posts}
          rows={list.rows}
          {...(list.loading && { empty: ' ' })}
          keyOf={(post) => String(post.id)}
          columns={[
            {
              key: 'person',
              title: words.person,
              render: (_, post) => (
                <>
                  {post.person.name} <span className="quiet mono">{post.person.login}</span>
                </>
              ),
            },
            { key: 'role', title: words.role, render: (_, post) => labelOf(post.role, code) },
            {
              key: 'unit',
              title: words.unit,
              render: (_, post) => (
                <>
                  {post.unit.name} <span className="quiet mono">{post.unit.code}</span>
                </>
              ),
            },
            { key: 'from', title: words.from, render: (_, post) => post.fromDay },
            { key: 'to', title: words.to, render: (_, post) => post.toDay ?? words.open },
            {
              key: 'end',
              title: '',
              render: (_, post) =>
                may('access.manage') &&
                (post.toDay === null || post.toDay > today()) && (
                  <Button size="small" onClick={() => setEnding(post)}>
                    {words.endPost}
                  </Button>
                ),
            },
          ]}
        />
        {list.more && (
          <div className="more">
            <Button onClick={list.more} loading={list.loading}>
              {copy.common.loadMore}
            </Button>
          </div>
        )}
      </div>
      {making && <GiveDialog onClose={onMade} />}
      {ending && <EndDialog post={ending} onClose={() => setEnding(undefined)} />}
    </>
  )
}

const send = (change: PostChange, reason: string) => ask(proposePost, { body: { change, reason } })

function GiveDialog({ onClose }: { onClose: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.access
  const roles = useQuery(reading(listRoles))
  const [login, setLogin] = useState<string | undefined>(undefined)
  const [role, setRole] = useState<string | undefined>(undefined)
  const [unit, setUnit] = useState<string | undefined>(undefined)
  const [from, setFrom] = useState(today())
  const [to, setTo] = useState<string | undefined>(undefined)
  const change: PostChange | undefined =
    login && role && unit
      ? { kind: 'post', action: 'give', login, role, unit, from: from as Day, ...(to ? { to: to as Day } : {}) }
      : undefined
  return (
    <ChangeDialog title={words.givePost} change={change} rehearsed={change} canRehearse send={send} onClose={onClose}>
      <div className="row">
        <LoginSelect label={words.person} value={login} onChange={setLogin} />
        <Select
          value={role as string}
          onChange={setRole}
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={words.role}
          aria-label={words.role}
          options={(roles.data?.rows ?? []).map((one) => ({ value: one.code, label: labelOf(one, code) }))}
          style={{ minWidth: 160 }}
        />
        <UnitSelect value={unit} onChange={setUnit} />
      </div>
      <div className="row">
        <Field name={words.from}>
          <DayField label={words.from} value={from} onChange={(day) => day && setFrom(day)} />
        </Field>
        <Field name={words.to}>
          <DayField label={words.to} value={to} onChange={setTo} allowClear />
        </Field>
      </div>
    </ChangeDialog>
  )
}

function EndDialog({ post, onClose }: { post: Post; onClose: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.access
  const [to, setTo] = useState(today())
  const change: PostChange = { kind: 'post', action: 'end', post: post.id, to: to as Day }
  return (
    <ChangeDialog title={words.endPost} change={change} rehearsed={change} canRehearse send={send} onClose={onClose}>
      <p>
        {post.person.name} · {labelOf(post.role, code)} · {post.unit.name}
      </p>
      <Field name={words.firstDayWithout}>
        <DayField label={words.firstDayWithout} value={to} onChange={(day) => day && setTo(day)} />
      </Field>
    </ChangeDialog>
  )
}
