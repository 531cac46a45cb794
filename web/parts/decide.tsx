/** Accepting or declining a selection, with a note; the same dialog for proposals and corrected nights. */
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Input, Modal } from 'antd'
import { useState } from 'react'
import { problemFrom, queries } from '../api.ts'
import { useLanguage } from '../language.ts'

export type Decision = 'accepted' | 'declined'

interface DecideProps {
  decision: Decision
  count: number
  decide: (decision: Decision, note: string | undefined) => Promise<{ decided: number }>
  onDone: () => void
  onClose: () => void
}

export function DecideDialog({ decision, count, decide, onDone, onClose }: DecideProps) {
  const { copy, code } = useLanguage()
  const words = copy.proposals
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  const sending = useMutation({
    mutationFn: () => decide(decision, note.trim() || undefined),
    onSuccess: ({ decided }) => {
      message.success(words.done(decided))
      queries.invalidateQueries()
      onDone()
    },
  })
  const problem = sending.error && problemFrom(sending.error)
  return (
    <Modal
      open
      title={decision === 'accepted' ? words.acceptTitle(count) : words.declineTitle(count)}
      onCancel={onClose}
      onOk={() => sending.mutate()}
      confirmLoading={sending.isPending}
      okText={decision === 'accepted' ? words.accept : words.decline}
      okButtonProps={{ danger: decision === 'declined' }}
      width={460}
    >
      <div className="stack">
        <Input.TextArea
          value={note}
          onChange={(event) => setNote(event.target.value)}
          rows={3}
          maxLength={500}
          showCount
          style={{ marginBottom: 22 }}
          placeholder={words.note}
          aria-label={words.note}
        />
        {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
      </div>
    </Modal>
  )
}
