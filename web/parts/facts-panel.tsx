/** A customer's contact facts: what they are, what a load has overtaken, who changed what, and the ways to change them. */
import { EditOutlined } from '@ant-design/icons'
import { useQuery } from '@tanstack/react-query'
import { App, Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import { reasonLengthMin } from '../../src/contract/common.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { editFacts, readFacts, restoreFact } from '../../src/contract/facts.ts'
import { ask, queries, reading } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMe } from '../session.ts'
import { Dash, Instant } from './figures.tsx'
import { isLongEnough } from './length-hint.tsx'
import { Note } from './note.tsx'
import { Fact, Facts, Panel } from './page.tsx'
import { Question } from './question.tsx'
import { actColumn, SmallTable } from './small-table.tsx'
import { Failed, Loading, Nothing } from './state.tsx'

type Read = Output<typeof readFacts>
type Field = Read['changes'][number]['fields'][number]['field']
interface Change {
  entry: string
  at: string
  who: string
  reason: string | null
  field: Field
  before: string | null
  after: string | null
}

const fieldsOf: Record<'person' | 'company', Field[]> = {
  person: ['phone', 'email', 'address', 'occupation'],
  company: ['phone', 'email', 'address'],
}

export function FactsPanel({ no, kind }: { no: string; kind: 'person' | 'company' }) {
  const words = useCopy().facts
  const me = useMe()
  const fields = fieldsOf[kind]
  const query = useQuery(reading(readFacts, { params: { no } }))
  const [doing, setDoing] = useState<'edit' | Change | undefined>(undefined)
  // Empty for whoever edits nothing
  const edits = me.edits.filter((field) => fields.includes(field))
  if (query.error) return <Failed failure={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <Loading rows={4} />
  const { facts, conflicts, changes, version } = query.data
  const close = () => setDoing(undefined)
  return (
    <div className="stack">
      {conflicts.map((one) => (
        <div key={one.field} className="note note-warn" role="note">
          {words.conflict(words.fields[one.field], one.edited ?? words.none, one.brought ?? words.none, one.loadId)}
        </div>
      ))}
      <Panel
        title={words.title}
        extra={
          edits.length > 0 && (
            <Button size="small" icon={<EditOutlined />} onClick={() => setDoing('edit')}>
              {words.edit}
            </Button>
          )
        }
      >
        <Facts>
          {fields.map((field) => (
            <Fact key={field} name={words.fields[field]}>
              {facts[field]}
            </Fact>
          ))}
        </Facts>
      </Panel>
      <Panel title={words.history} flush>
        <History changes={changes} editable={edits} onRestore={setDoing} />
      </Panel>
      {doing === 'edit' && <EditDialog fields={edits} no={no} version={version} onClose={close} />}
      {doing && doing !== 'edit' && <RestoreDialog no={no} version={version} change={doing} onClose={close} />}
    </div>
  )
}

function History({
  changes,
  editable,
  onRestore,
}: {
  changes: Read['changes']
  editable: readonly Field[]
  onRestore: (change: Change) => void
}) {
  const words = useCopy().facts
  const rows: Change[] = changes.flatMap(({ fields: changed, ...entry }) =>
    changed.map((one) => ({ ...entry, ...one })),
  )
  return (
    <SmallTable<Change>
      label={words.history}
      rows={rows}
      keyOf={(row) => `${row.entry} ${row.field}`}
      empty={<Nothing title={words.empty} />}
      columns={[
        { key: 'when', title: words.when, render: (_, row) => <Instant at={row.at} /> },
        { key: 'who', title: words.who, dataIndex: 'who' },
        { key: 'field', title: words.field, render: (_, row) => words.fields[row.field] },
        { key: 'before', title: words.before, render: (_, row) => row.before ?? <Dash /> },
        { key: 'after', title: words.after, render: (_, row) => row.after ?? <Dash /> },
        { key: 'reason', title: words.reason, render: (_, row) => row.reason ?? <Dash /> },
        ...(editable.length > 0
          ? [
              actColumn<Change>(
                (row) =>
                  editable.includes(row.field) && (
                    <Button size="small" onClick={() => onRestore(row)}>
                      {words.restore}
                    </Button>
                  ),
              ),
            ]
          : []),
      ]}
    />
  )
}

interface EditProps {
  no: string
  version: string
  /** Those that the person may edit. */
  fields: readonly Field[]
  onClose: () => void
}

function EditDialog({ no, version, fields: editable, onClose }: EditProps) {
  const words = useCopy().facts
  const [typed, setTyped] = useState<Partial<Record<Field, string>>>({})
  const given = Object.fromEntries(Object.entries(typed).filter(([, value]) => value.trim() !== ''))
  return (
    <ReasonDialog
      title={words.editTitle}
      ready={Object.keys(given).length > 0}
      send={(reason) => ask(editFacts, { params: { no }, body: { version, reason, ...given } })}
      onClose={onClose}
    >
      <p className="quiet">{words.editHint}</p>
      {editable.map((field) => (
        <Input
          key={field}
          value={typed[field] ?? ''}
          onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
          addonBefore={words.fields[field]}
          aria-label={words.fields[field]}
          autoComplete="off"
        />
      ))}
    </ReasonDialog>
  )
}

function RestoreDialog({
  no,
  version,
  change,
  onClose,
}: {
  no: string
  version: string
  change: Change
  onClose: () => void
}) {
  const words = useCopy().facts
  const { entry, field } = change
  return (
    <ReasonDialog
      title={words.restoreTitle(words.fields[field])}
      ready
      send={(reason) => ask(restoreFact, { params: { no }, body: { version, reason, entry, field } })}
      onClose={onClose}
    >
      <p>
        {words.fields[field]}: {change.before ?? words.none}
      </p>
    </ReasonDialog>
  )
}

interface ReasonProps {
  title: string
  ready: boolean
  send: (reason: string) => Promise<unknown>
  onClose: () => void
  children: ReactNode
}

/** Nothing is changed without a reason. */
function ReasonDialog({ title, ready, send, onClose, children }: ReasonProps) {
  const words = useCopy().facts
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  return (
    <Question
      title={title}
      okText={words.save}
      ready={ready && isLongEnough(reason, reasonLengthMin)}
      send={() => send(reason.trim())}
      onDone={() => {
        message.success(words.saved)
        queries.invalidateQueries()
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          {children}
          <Note value={reason} onChange={setReason} label={words.reason} lengthMin={reasonLengthMin} />
        </>
      )}
    </Question>
  )
}
