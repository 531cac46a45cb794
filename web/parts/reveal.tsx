/** A masked field with a way to see it: asks for a reason, shows the value for a minute, then hides it again. */
import { EyeOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Input, Modal } from 'antd'
import { type ReactNode, useEffect, useState } from 'react'
import { type revealedFields, revealField } from '../../src/contract/elsewhere.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { ask, problemFrom } from '../api.ts'
import { useLanguage } from '../language.ts'
import { useMay } from '../session.ts'

interface RevealProps {
  customerNo: string
  field: (typeof revealedFields)[number]
  /** As the sentence names it. */
  name: string
  /** What stands there masked. */
  children: ReactNode
}

export function Reveal({ customerNo, field, name, children }: RevealProps) {
  const { copy } = useLanguage()
  const may = useMay()
  const [asking, setAsking] = useState(false)
  const [shown, setShown] = useState<Output<typeof revealField> | undefined>(undefined)
  const seconds = useSecondsUntil(shown?.until, () => setShown(undefined))
  if (shown) {
    return (
      <span className="revealed">
        <b>{shown.value ?? copy.reveal.none}</b> <span className="quiet">{copy.reveal.hides(seconds)}</span>
      </span>
    )
  }
  return (
    <>
      {children}{' '}
      {may('customers.reveal') && (
        <Button
          type="text"
          size="small"
          icon={<EyeOutlined />}
          aria-label={copy.reveal.show(name)}
          title={copy.reveal.show(name)}
          onClick={() => setAsking(true)}
        />
      )}
      {asking && (
        <ReasonDialog
          customerNo={customerNo}
          field={field}
          name={name}
          onShown={(answer) => {
            setAsking(false)
            setShown(answer)
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

interface ReasonProps extends Omit<RevealProps, 'children'> {
  onShown: (answer: Output<typeof revealField>) => void
  onClose: () => void
}

function ReasonDialog({ customerNo, field, name, onShown, onClose }: ReasonProps) {
  const { copy, code } = useLanguage()
  const [reason, setReason] = useState('')
  const showing = useMutation({
    mutationFn: () => ask(revealField, { params: { no: customerNo }, body: { field, reason: reason.trim() } }),
    onSuccess: onShown,
  })
  const problem = showing.error && problemFrom(showing.error)
  const enough = reason.trim().length >= 4
  return (
    <Modal
      open
      title={copy.reveal.title(name)}
      okText={copy.reveal.confirm}
      okButtonProps={{ disabled: !enough }}
      confirmLoading={showing.isPending}
      onOk={() => showing.mutate()}
      onCancel={onClose}
      width={420}
    >
      <div className="stack">
        <p className="quiet">{copy.reveal.hint}</p>
        <Input
          autoFocus
          value={reason}
          maxLength={500}
          placeholder={copy.reveal.reason}
          aria-label={copy.reveal.reason}
          onChange={(event) => setReason(event.target.value)}
          onPressEnter={() => enough && showing.mutate()}
        />
        {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
      </div>
    </Modal>
  )
}

/** Whole seconds until an instant, counted down; calls `ended` when it has come. */
function useSecondsUntil(until: string | undefined, ended: () => void): number {
  const [seconds, setSeconds] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ended` is new at every drawing, and means the same
  useEffect(() => {
    if (!until) return
    const left = () => Math.ceil((Date.parse(until) - Date.now()) / 1000)
    const tick = () => {
      const now = left()
      setSeconds(now)
      if (now <= 0) ended()
    }
    tick()
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [until])
  return seconds
}
