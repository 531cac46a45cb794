/** A change that waits for a checker: its form, its reason, who gains and loses by it, and sending it. */
import { useMutation } from '@tanstack/react-query'
import { App, Input, Modal } from 'antd'
import { type ReactNode, useState } from 'react'
import type { RightsChange } from '../../src/contract/changes.ts'
import { queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { ProblemNote } from './problem.tsx'
import { Rehearsal } from './rehearsal.tsx'

export type Proposed = { id: string; status: 'open' | 'approved' }

interface ChangeDialogProps<Change> {
  title: string
  /** What the form says so far; undefined while something is missing. */
  change: Change | undefined
  send: (change: Change, reason: string) => Promise<Proposed>
  /** Of changes that can be rehearsed: the same change. */
  rehearsed?: RightsChange | undefined
  canRehearse?: boolean
  onClose: () => void
  children: ReactNode
}

export function ChangeDialog<Change>(props: ChangeDialogProps<Change>) {
  const { title, change, send, rehearsed, canRehearse = false, onClose, children } = props
  const words = useCopy().approvals
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const sending = useMutation({
    mutationFn: () => send(change!, reason.trim()),
    onSuccess: ({ status }) => {
      message.success(status === 'open' ? words.sent : words.atOnce)
      queries.invalidateQueries()
      onClose()
    },
  })
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      onOk={() => sending.mutate()}
      okText={words.propose}
      okButtonProps={{ disabled: change === undefined || reason.trim() === '' }}
      confirmLoading={sending.isPending}
      width={720}
    >
      <div className="stack">
        {children}
        <Input.TextArea
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          rows={2}
          maxLength={500}
          placeholder={words.reasonHint}
          aria-label={words.reasonHint}
        />
        <ProblemNote failure={sending.error} />
        {canRehearse && <Rehearsal key={JSON.stringify(rehearsed)} change={rehearsed} />}
      </div>
    </Modal>
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
