/** A change that waits for a checker: its form, its reason, and sending it. */
import { App } from 'antd'
import { type ReactNode, useState } from 'react'
import { queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { Note } from './note.tsx'
import { Question } from './question.tsx'

interface ChangeDialogProps<Change> {
  title: string
  /** What the form says so far; undefined while something is missing. */
  change: Change | undefined
  send: (change: Change, reason: string) => Promise<{ status: 'open' | 'approved' }>
  onClose: () => void
  children: ReactNode
}

export function ChangeDialog<Change>({ title, change, send, onClose, children }: ChangeDialogProps<Change>) {
  const words = useCopy().approvals
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  return (
    <Question
      title={title}
      okText={words.propose}
      wide
      ready={change !== undefined && reason.trim() !== ''}
      send={() => send(change!, reason.trim())}
      onDone={({ status }) => {
        message.success(status === 'open' ? words.sent : words.atOnce)
        queries.invalidateQueries()
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          {children}
          <Note value={reason} onChange={setReason} label={words.reasonHint} />
        </>
      )}
    </Question>
  )
}

/** A named control of such a form. */
export function Field({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="field">
      <span className="field-name" aria-hidden>
        {name}
      </span>
      {children}
    </div>
  )
}
