/** Deciding that a quarantined row will not be mended: a reason is asked for, and kept. */
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Input, Modal } from 'antd'
import { useState } from 'react'
import { dismissQuarantine } from '../../src/contract/loads.ts'
import { ask, problemFrom, queries } from '../api.ts'
import { useLanguage } from '../language.ts'

interface DismissProps {
  load: number
  line: string
  onDone: () => void
  onClose: () => void
}

export function DismissDialog({ load, line, onDone, onClose }: DismissProps) {
  const { copy, code } = useLanguage()
  const words = copy.loads
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const sending = useMutation({
    mutationFn: () => ask(dismissQuarantine, { params: { id: load }, body: { lines: [line], reason: reason.trim() } }),
    onSuccess: () => {
      message.success(words.dismissDone(line))
      for (const name of ['readLoad', 'listQuarantine', 'mendFirst']) queries.invalidateQueries({ queryKey: [name] })
      onDone()
    },
  })
  const problem = sending.error && problemFrom(sending.error)
  return (
    <Modal
      open
      title={words.dismissTitle(line)}
      onCancel={onClose}
      onOk={() => sending.mutate()}
      confirmLoading={sending.isPending}
      okText={words.dismiss}
      okButtonProps={{ danger: true, disabled: reason.trim() === '' }}
      width={460}
    >
      <div className="stack">
        <p className="quiet">{words.dismissHint}</p>
        <Input.TextArea
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          rows={3}
          maxLength={500}
          showCount
          style={{ marginBottom: 22 }}
          placeholder={words.dismissReason}
          aria-label={words.dismissReason}
        />
        {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
      </div>
    </Modal>
  )
}
