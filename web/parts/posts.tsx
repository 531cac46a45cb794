/** Who holds which role where, and proposing to give or end a post. */

import { useQuery } from '@tanstack/react-query'
import { Segmented, Select } from 'antd'
import { useState } from 'react'
import { listPosts, listRoles, proposePost } from '../../src/contract/access.ts'
import type { PostChange } from '../../src/contract/changes.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { ask, reading } from '../api.ts'
import { sinceEver } from '../figures.ts'
import { useLanguage } from '../language.ts'
import { usePaged } from '../paged.ts'
import { labelOf } from '../session.ts'
import { usePostText } from '../unit-names.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { Dash } from './figures.tsx'
import { LoginSelect } from './login-select.tsx'
import { More } from './more.tsx'
import { EndButton, EndDialog, fromToday, PeriodFields } from './period.tsx'
import { ProblemNote } from './problem.tsx'
import { Rehearsal } from './rehearsal.tsx'
import { SearchBox } from './search-box.tsx'
import { actColumn, SmallTable } from './small-table.tsx'
import { Failed } from './state.tsx'
import { UnitName } from './unit-name.tsx'
import { UnitSelect } from './unit-select.tsx'

type Post = Output<typeof listPosts>['rows'][number]

export function Posts({ making, onMade }: { making: boolean; onMade: () => void }) {
  const { copy, code } = useLanguage()
  const postText = usePostText()
  const words = copy.access
  const [which, setWhich] = useState<'today' | 'all'>('today')
  const [unit, setUnit] = useState<string | undefined>(undefined)
  const [ending, setEnding] = useState<Post | undefined>(undefined)
  const [q, setQ] = useState('')
  const list = usePaged(listPosts, { query: { which, ...(unit && { unit }), ...(q && { q }) } })
  if (list.error && list.rows.length === 0) return <Failed failure={list.error} onRetry={list.reload} />
  return (
    <div className="stack">
      <div className="filters">
        <Segmented
          value={which}
          onChange={setWhich}
          options={(['today', 'all'] as const).map((one) => ({ value: one, label: words.which[one] }))}
        />
        <UnitSelect value={unit} onChange={setUnit} />
        <SearchBox label={words.searchPosts} q={q} onSearch={setQ} />
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
                  <UnitName unit={post.unit} /> <span className="quiet mono">{post.unit.code}</span>
                </>
              ),
            },
            {
              key: 'from',
              title: words.from,
              render: (_, post) => (post.fromDay > sinceEver ? post.fromDay : <Dash />),
            },
            { key: 'to', title: words.to, render: (_, post) => post.toDay ?? words.open },
            actColumn((post) => <EndButton toDay={post.toDay} label={words.endPost} onClick={() => setEnding(post)} />),
          ]}
        />
        <More list={list} />
      </div>
      {making && <GiveDialog onClose={onMade} />}
      {ending && (
        <EndDialog<PostChange>
          title={words.endPost}
          changeOn={(to) => ({ kind: 'post', action: 'end', post: ending.id, to })}
          send={send}
          onClose={() => setEnding(undefined)}
        >
          {ending.person.name} · {postText(ending)}
        </EndDialog>
      )}
    </div>
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
  const [period, setPeriod] = useState(fromToday)
  const change: PostChange | undefined =
    login && role && unit ? { kind: 'post', action: 'give', login, role, unit, ...period } : undefined
  return (
    <ChangeDialog title={words.givePost} change={change} send={send} onClose={onClose}>
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
      <ProblemNote failure={roles.error} />
      <PeriodFields period={period} onChange={setPeriod} />
      <Rehearsal change={change} />
    </ChangeDialog>
  )
}
