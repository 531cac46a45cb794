/** A change that waits for a checker: its form, its reason, and sending it. */
import { App } from 'antd'
import { type ReactNode, useState } from 'react'
import { reasonLengthMin } from '../../src/contract/common.ts'
import { queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { isLongEnough } from './length-hint.tsx'
import { Note } from './note.tsx'
import { Question } from './question.tsx'

/** Sends a change with its reason: it waits to be checked, or holds at once. */
export type Proposing<Change> = (change: Change, reason: string) => Promise<{ status: 'open' | 'approved' }>

interface ChangeDialogProps<Change> {
  title: string
  /** What the form says so far; undefined while something is missing. */
  change: Change | undefined
  send: Proposing<Change>
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
      ready={change !== undefined && isLongEnough(reason, reasonLengthMin)}
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
          <Note value={reason} onChange={setReason} label={words.reasonHint} lengthMin={reasonLengthMin} />
        </>
      )}
    </Question>
  )
}
