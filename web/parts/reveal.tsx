/** A masked field with a way to see it: asks for a reason, shows the value for a minute, then hides it again. */
import { EyeOutlined } from '@ant-design/icons'
import { Button, Input } from 'antd'
import { type ReactNode, useEffect, useId, useState } from 'react'
import { type revealedFields, revealField, sightReasonLengthMin } from '../../src/contract/elsewhere.ts'
import { ask } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { isLongEnough, LengthHint } from './length-hint.tsx'
import { Question } from './question.tsx'

interface RevealProps {
  customerNo: string
  field: (typeof revealedFields)[number]
  /** As the sentence names it. */
  name: string
  /** What stands there masked. */
  children: ReactNode
}

export function Reveal({ customerNo, field, name, children }: RevealProps) {
  const copy = useCopy()
  const may = useMay()
  const [asking, setAsking] = useState(false)
  const [shown, setShown] = useState<string | undefined>(undefined)
  const [seconds, begin] = useCountdown(() => setShown(undefined))
  if (shown !== undefined) {
    return (
      <span className="revealed">
        <b>{shown}</b> <span className="quiet">{copy.reveal.hides(seconds)}</span>
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
          name={name}
          send={(reason) => ask(revealField, { params: { no: customerNo }, body: { field, reason } })}
          onDone={(answer) => {
            setAsking(false)
            setShown(answer.value ?? copy.reveal.none)
            begin(answer.seconds)
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}

interface ReasonProps<Answer> {
  name: string
  send: (reason: string) => Promise<Answer>
  onDone: (answer: Answer) => void
  onClose: () => void
}

function ReasonDialog<Answer>({ name, send, onDone, onClose }: ReasonProps<Answer>) {
  const words = useCopy().reveal
  const [reason, setReason] = useState('')
  const hint = useId()
  return (
    <Question
      title={words.show(name)}
      okText={words.confirm}
      ready={isLongEnough(reason, sightReasonLengthMin)}
      send={() => send(reason.trim())}
      onDone={onDone}
      onClose={onClose}
    >
      {(submit) => (
        <>
          <p className="quiet">{words.hint}</p>
          <Input
            autoFocus
            value={reason}
            maxLength={500}
            placeholder={words.reason}
            aria-label={words.reason}
            aria-describedby={hint}
            onChange={(event) => setReason(event.target.value)}
            onPressEnter={submit}
          />
          <LengthHint id={hint} text={reason} lengthMin={sightReasonLengthMin} />
        </>
      )}
    </Question>
  )
}

/** Seconds left and a way to begin with some; calls `ended` once when there are none left. */
function useCountdown(ended: () => void): [seconds: number, begin: (seconds: number) => void] {
  const [seconds, setSeconds] = useState(0)
  const running = seconds > 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ended` is new at every drawing, and means the same
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => setSeconds((left) => left - 1), 1000)
    return () => {
      clearInterval(timer)
      ended()
    }
  }, [running])
  return [seconds, setSeconds]
}
