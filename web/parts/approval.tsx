/** One approval: what changes, field by field, who would gain and lose, and the decision. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Drawer } from 'antd'
import { useId, useState } from 'react'
import type { z } from 'zod'
import { type approval, decideApproval, readApproval, withdrawApproval } from '../../src/contract/approvals.ts'
import type { RightsChange } from '../../src/contract/changes.ts'
import { reasonLengthMin } from '../../src/contract/common.ts'
import { exportCustomers } from '../../src/contract/customers.ts'
import { fetchBulkReveal } from '../../src/contract/exports.ts'
import { renameField, renameValue } from '../../src/contract/naming.ts'
import {
  type CustomerScope,
  type EditableField,
  type FieldRead,
  fieldGroups,
  type Permission,
} from '../../src/contract/permission.ts'
import { addressOf, ask, download, problemFrom, queries, reading } from '../api.ts'
import { instantText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { useRename, useSubject } from '../naming.ts'
import { useMay } from '../session.ts'
import { Dash, Instant } from './figures.tsx'
import { isLongEnough } from './length-hint.tsx'
import { Note } from './note.tsx'
import { Fact, Facts } from './page.tsx'
import { ProblemNote } from './problem.tsx'
import { Rehearsal } from './rehearsal.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

type Approval = z.output<typeof approval>
type Difference = Approval['differences'][number]

const tones = { open: 'tag-accent', approved: 'tag-good', returned: 'tag-warn', withdrawn: '', expired: '' }

export function ApprovalStatus({ approval }: { approval: Approval }) {
  const words = useCopy().approvals
  const { kind, status, decidedBy, usedAt } = approval
  return (
    <span className="row">
      <span className={`tag ${tones[status]}`}>{words.statuses[status]}</span>
      {status === 'approved' && decidedBy === null && <span className="tag tag-warn">{words.alone}</span>}
      {status === 'approved' && kind === 'erase' && (
        <span className={usedAt ? 'tag' : 'tag tag-warn'}>{usedAt ? words.erased : words.erasing}</span>
      )}
    </span>
  )
}

export function ApprovalDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const { copy } = useLanguage()
  const words = copy.approvals
  const subject = useSubject()
  const one = useQuery(reading(readApproval, { params: { id } }))
  return (
    <Drawer
      open
      onClose={onClose}
      size={720}
      title={one.data ? `${words.kinds[one.data.kind]} · ${subject(one.data)}` : words.title}
      aria-label={words.title}
    >
      <Answered query={one}>{(found) => <Content found={found} onDone={onClose} />}</Answered>
    </Drawer>
  )
}

function Content({ found, onDone }: { found: Approval; onDone: () => void }) {
  const { copy } = useLanguage()
  const words = copy.approvals
  const may = useMay()
  const rehearses =
    ['role', 'post', 'wall', 'unit'].includes(found.kind) &&
    found.status === 'open' &&
    may(['access.manage', 'access.check', 'units.manage', 'units.check'])
  return (
    <div className="stack">
      <Facts>
        <Fact name={copy.common.status}>
          <ApprovalStatus approval={found} />
        </Fact>
        <Fact name={words.reason}>{found.reason}</Fact>
        <Fact name={words.proposedBy}>
          {found.proposedBy.name} · <Instant at={found.proposedAt} />
        </Fact>
        {found.decidedAt && (
          <Fact name={found.status === 'expired' ? words.statuses.expired : words.decidedBy}>
            {found.status !== 'expired' && <>{found.decidedBy?.name ?? words.alone} · </>}
            <Instant at={found.decidedAt} />
            {found.inPlaceOf && <> · {words.inPlaceOf(found.inPlaceOf.name)}</>}
          </Fact>
        )}
        {found.kind === 'erase' && found.status === 'approved' && (
          <Fact name={words.usedAt}>{found.usedAt ? <Instant at={found.usedAt} /> : words.erasingHint}</Fact>
        )}
        {found.expiresAt && (
          <Fact name={words.expiresAt}>
            <Instant at={found.expiresAt} />
          </Fact>
        )}
        {found.note && <Fact name={words.note}>{found.note}</Fact>}
      </Facts>
      <Differences found={found} />
      {rehearses && <Rehearsal change={found.asked as unknown as RightsChange} />}
      <Acts found={found} onDone={onDone} />
    </div>
  )
}

function Differences({ found }: { found: Approval }) {
  const { copy } = useLanguage()
  const words = copy.approvals
  const rename = useRename()(found.names)
  const named = (field: string) => {
    const group = fieldGroups.find((one) => field === `fields.${one}`)
    if (group) return `${words.fields.fields} · ${copy.people.fields[group]}`
    const renamed = renameField(field, rename)
    if (renamed !== field) return renamed
    return field
      .split('.')
      .map((part) => words.fields[part] ?? part)
      .join(' · ')
  }
  const shown = (field: string, value: string) => {
    if (field === 'permissions') return copy.permissions[value as Permission] ?? value
    if (field === 'facts') return words.facts[value] ?? value
    if (field === 'edits' || field === 'clear') return copy.facts.fields[value as EditableField] ?? value
    if (field.startsWith('fields.')) return copy.people.fieldRules[value as FieldRead] ?? value
    if (field === 'customers') return copy.access.scopes[value as CustomerScope] ?? value
    if (field === 'kind' && found.kind === 'unit') return copy.unitKinds[value] ?? value
    return String(renameValue(value, rename, field))
  }
  return (
    <SmallTable<Difference & { key: string }>
      label={words.differences}
      rows={found.differences.map((row, index) => ({ ...row, key: String(index) }))}
      keyOf={(row) => row.key}
      empty={<p className="quiet">{words.same}</p>}
      columns={[
        { key: 'field', title: words.field, render: (_, row) => named(row.field) },
        {
          key: 'before',
          title: words.before,
          render: (_, row) =>
            row.before === null ? <Dash /> : <del className="was">{shown(row.field, row.before)}</del>,
        },
        {
          key: 'after',
          title: words.after,
          render: (_, row) => (row.after === null ? <Dash /> : <ins className="is">{shown(row.field, row.after)}</ins>),
        },
      ]}
    />
  )
}

function Acts({ found, onDone }: { found: Approval; onDone: () => void }) {
  const { copy } = useLanguage()
  const words = copy.approvals
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  const noted = isLongEnough(note, reasonLengthMin)
  const hint = useId()
  const params = { id: Number(found.id) }
  const acting = useMutation({
    mutationFn: (act: 'approved' | 'returned' | 'withdrawn') =>
      act === 'withdrawn'
        ? ask(withdrawApproval, { params })
        : ask(decideApproval, { params, body: { decision: act, note: note.trim() } }),
    onSuccess: ({ kind, status, usedAt }) => {
      if (kind === 'erase' && status === 'approved') message.success(usedAt ? words.erased : words.erasingHint)
      else if (status !== 'open') message.success(words.done[status])
      queries.invalidateQueries()
      onDone()
    },
  })
  if (found.fetchUntil && found.isMine) return <Fetch found={found} until={found.fetchUntil} />
  if (found.status !== 'open') return null
  return (
    <>
      <ProblemNote failure={acting.error} />
      {found.mayDecide && (
        <>
          <Note value={note} onChange={setNote} label={words.note} />
          <div className="row">
            <Button type="primary" onClick={() => acting.mutate('approved')} loading={acting.isPending}>
              {words.approve}
            </Button>
            <Button
              danger
              disabled={!noted}
              aria-describedby={noted ? undefined : hint}
              onClick={() => acting.mutate('returned')}
            >
              {words.return}
            </Button>
            {!noted && (
              <span id={hint} className="quiet">
                {words.noteNeeded}
              </span>
            )}
          </div>
        </>
      )}
      {found.isMine && (
        <div className="row">
          <Button onClick={() => acting.mutate('withdrawn')} loading={acting.isPending}>
            {words.withdraw}
          </Button>
          <span className="quiet">{words.ownHint}</span>
        </div>
      )}
    </>
  )
}

function Fetch({ found, until }: { found: Approval; until: string }) {
  const words = useCopy().approvals
  const id = Number(found.id)
  return (
    <div className="row">
      {found.kind === 'bulkReveal' ? (
        <FetchReveal id={id} />
      ) : (
        <Button type="primary" href={addressOf(exportCustomers, { query: { approval: id } })}>
          {words.fetch}
        </Button>
      )}
      <span className="quiet">{words.fetchUntil(instantText(until))}</span>
    </div>
  )
}

/** The file is made and handed over once: an act, so that no link or preview spends it. */
function FetchReveal({ id }: { id: number }) {
  const { copy, code } = useLanguage()
  const { message } = App.useApp()
  const fetching = useMutation({
    mutationFn: () => download(fetchBulkReveal, { params: { id } }, `customers-in-clear-${id}.csv`),
    onError: (failure) => {
      const problem = problemFrom(failure)
      message.error(code === 'en' ? problem.detailEn : problem.detail)
    },
  })
  return (
    <Button type="primary" onClick={() => fetching.mutate()} loading={fetching.isPending} disabled={fetching.isSuccess}>
      {copy.approvals.fetch}
    </Button>
  )
}
