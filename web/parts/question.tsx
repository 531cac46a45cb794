/** A dialog that asks before something is done: what is filled in above, a refusal in the reader's language below. */
import { useMutation } from '@tanstack/react-query'
import { Alert, Modal } from 'antd'
import type { ReactNode } from 'react'
import { problemFrom } from '../api.ts'
import { useLanguage } from '../language.ts'

interface QuestionProps<Answer> {
  title: string
  okText: string
  danger?: boolean
  /** False while something that is needed is missing. */
  ready?: boolean
  /** Does it. */
  send: () => Promise<Answer>
  onDone: (answer: Answer) => void
  onClose: () => void
  /** The fields; `submit` is what Enter in one of them does. */
  children: (submit: () => void) => ReactNode
}

export function Question<Answer>(props: QuestionProps<Answer>) {
  const { title, okText, danger = false, ready = true, send, onDone, onClose, children } = props
  const { code } = useLanguage()
  const sending = useMutation({ mutationFn: send, onSuccess: onDone })
  const problem = sending.error && problemFrom(sending.error)
  const submit = () => ready && sending.mutate()
  return (
    <Modal
      open
      title={title}
      okText={okText}
      okButtonProps={{ danger, disabled: !ready }}
      confirmLoading={sending.isPending}
      onOk={submit}
      onCancel={onClose}
      width={460}
    >
      <div className="stack">
        {children(submit)}
        {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
      </div>
    </Modal>
  )
}
