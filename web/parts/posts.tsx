/** Who holds which role where, and proposing to give or end a post. */
import { useQuery } from '@tanstack/react-query'
import { Button, Segmented, Select } from 'antd'
import { useState } from 'react'
import { listPosts, listRoles, proposePost } from '../../src/contract/access.ts'
import type { PostChange } from '../../src/contract/changes.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import type { Day } from '../../src/kit/day.ts'
import { ask, reading, readingOn } from '../api.ts'
import { useLanguage } from '../language.ts'
import { labelOf, useMay } from '../session.ts'
import { ChangeDialog, Field } from './change-dialog.tsx'
import { DayField, today } from './day-field.tsx'
import { Rehearsal } from './rehearsal.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'
import { UnitSelect } from './unit-select.tsx'

type Post = Output<typeof listPosts>['rows'][number]
type Logins = Output<typeof listPosts>['logins']

export function Posts({ making, onMade }: { making: boolean; onMade: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.access
  const may = useMay()
  const [which, setWhich] = useState<'today' | 'all'>('today')
  const [unit, setUnit] = useState<string | undefined>(undefined)
  const [ending, setEnding] = useState<Post | undefined>(undefined)
  const list = useQuery(readingOn(listPosts, { query: { which, ...(unit ? { unit } : {}) } }))
  return (
    <>
      <div className="filters">
        <Segmented
          value={which}
          onChange={setWhich}
          options={(['today', 'all'] as const).map((one) => ({ value: one, label: words.which[one] }))}
        />
        <UnitSelect value={unit} onChange={setUnit} />
        {list.data && <span className="quiet">{words.shown(list.data.rows.length, list.data.total)}</span>}
      </div>
      <Answered query={list}>
        {({ rows, logins }) => (
          <div className="panel panel-clip">
            <SmallTable<Post>
              label={words.tabs.posts}
              rows={rows}
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
            {making && <GiveDialog logins={logins} onClose={onMade} />}
            {ending && <EndDialog post={ending} onClose={() => setEnding(undefined)} />}
          </div>
        )}
      </Answered>
    </>
  )
}

const send = (change: PostChange, reason: string) => ask(proposePost, { body: { change, reason } })

function GiveDialog({ logins, onClose }: { logins: Logins; onClose: () => void }) {
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
    <ChangeDialog title={words.givePost} change={change} send={send} onClose={onClose}>
      <div className="row">
        <Select
          value={login as string}
          onChange={setLogin}
          showSearch={{ optionFilterProp: 'label' }}
          placeholder={words.person}
          aria-label={words.person}
          options={logins.map((one) => ({ value: one.login, label: `${one.name}（${one.login}）` }))}
          style={{ minWidth: 200 }}
        />
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
      <Rehearsal change={change} />
    </ChangeDialog>
  )
}

function EndDialog({ post, onClose }: { post: Post; onClose: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.access
  const [to, setTo] = useState(today())
  const change: PostChange = { kind: 'post', action: 'end', post: post.id, to: to as Day }
  return (
    <ChangeDialog title={words.endPost} change={change} send={send} onClose={onClose}>
      <p>
        {post.person.name} · {labelOf(post.role, code)} · {post.unit.name}
      </p>
      <Field name={words.firstDayWithout}>
        <DayField label={words.firstDayWithout} value={to} onChange={(day) => day && setTo(day)} />
      </Field>
      <Rehearsal change={change} />
    </ChangeDialog>
  )
}
