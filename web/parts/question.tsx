/** A dialog that asks before something is done: what is filled in above, a refusal in the reader's language below. */
import { useMutation } from '@tanstack/react-query'
import { Modal } from 'antd'
import type { ReactNode } from 'react'
import { ProblemNote } from './problem.tsx'

interface QuestionProps<Answer> {
  title: string
  okText: string
  danger?: boolean
  /** For tables and long texts. */
  wide?: boolean
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
  const { title, okText, danger = false, wide = false, ready = true, send, onDone, onClose, children } = props
  const sending = useMutation({ mutationFn: send, onSuccess: onDone })
  const submit = () => ready && !sending.isPending && sending.mutate()
  return (
    <Modal
      open
      title={title}
      okText={okText}
      okButtonProps={{ danger, disabled: !ready }}
      confirmLoading={sending.isPending}
      onOk={submit}
      onCancel={onClose}
      // What was typed is not lost by a click beside the dialog
      mask={{ closable: false }}
      width={wide ? 720 : 460}
    >
      <div className="stack">
        {children(submit)}
        <ProblemNote failure={sending.error} />
      </div>
    </Modal>
  )
}
