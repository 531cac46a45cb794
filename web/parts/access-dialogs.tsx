/** Asking for a customer of another unit, deciding such a request, ending what was granted. */
import { useMutation } from '@tanstack/react-query'
import { Alert, App, Input, Modal, Segmented } from 'antd'
import { useState } from 'react'
import { decideAccessRequest, endAccess, type listAccessRequests, requestAccess } from '../../src/contract/elsewhere.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { ask, problemFrom, queries } from '../api.ts'
import { useLanguage } from '../language.ts'

export type AccessRequest = Output<typeof listAccessRequests>['rows'][number]

const spans = [4, 24, 72, 168] as const

interface AskProps {
  customerNo: string
  name: string
  onDone: () => void
  onClose: () => void
}

export function AskDialog({ customerNo, name, onDone, onClose }: AskProps) {
  const { copy, code } = useLanguage()
  const words = copy.elsewhere
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const [hours, setHours] = useState<number>(24)
  const sending = useMutation({
    mutationFn: () => ask(requestAccess, { body: { customerNo, reason: reason.trim(), hours } }),
    onSuccess: () => {
      message.success(words.sent)
      queries.invalidateQueries()
      onDone()
    },
  })
  const problem = sending.error && problemFrom(sending.error)
  return (
    <Modal
      open
      title={words.askTitle(name)}
      okText={words.ask}
      okButtonProps={{ disabled: reason.trim().length < 4 }}
      confirmLoading={sending.isPending}
      onOk={() => sending.mutate()}
      onCancel={onClose}
      width={460}
    >
      <div className="stack">
        <Input.TextArea
          autoFocus
          rows={2}
          maxLength={500}
          value={reason}
          placeholder={words.reasonHint}
          aria-label={words.reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Span hours={hours} onChange={setHours} />
        {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
      </div>
    </Modal>
  )
}

function Span({ hours, onChange }: { hours: number; onChange: (hours: number) => void }) {
  const { copy } = useLanguage()
  const words = copy.elsewhere
  const offered = spans.some((one) => one === hours) ? spans : [...spans, hours].sort((a, b) => a - b)
  return (
    <div className="row">
      <span className="quiet">{words.hours}</span>
      <Segmented
        value={hours}
        aria-label={words.hours}
        onChange={onChange}
        options={offered.map((one) => ({ value: one, label: words.hoursOf(one) }))}
      />
    </div>
  )
}

interface DecideProps {
  request: AccessRequest
  decision: 'granted' | 'declined'
  onClose: () => void
}

export function DecideRequest({ request, decision, onClose }: DecideProps) {
  const { copy, code } = useLanguage()
  const words = copy.elsewhere
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  const [hours, setHours] = useState(request.hours)
  const sending = useMutation({
    mutationFn: () =>
      ask(decideAccessRequest, {
        params: { id: Number(request.id) },
        body: { decision, ...(decision === 'granted' && { hours }), ...(note.trim() && { note: note.trim() }) },
      }),
    onSuccess: () => {
      message.success(words.done)
      queries.invalidateQueries()
      onClose()
    },
  })
  const problem = sending.error && problemFrom(sending.error)
  const granted = decision === 'granted'
  return (
    <Modal
      open
      title={granted ? words.grantTitle(request.askedBy) : words.declineTitle(request.askedBy)}
      okText={granted ? words.grant : words.decline}
      okButtonProps={{ danger: !granted }}
      confirmLoading={sending.isPending}
      onOk={() => sending.mutate()}
      onCancel={onClose}
      width={460}
    >
      <div className="stack">
        <p>
          {request.name} <span className="mono quiet">{request.customerNo}</span>：{request.reason}
        </p>
        {granted && <Span hours={hours} onChange={setHours} />}
        <Input
          value={note}
          maxLength={500}
          placeholder={words.note}
          aria-label={words.note}
          onChange={(event) => setNote(event.target.value)}
        />
        {problem && <Alert type="error" showIcon title={code === 'en' ? problem.detailEn : problem.detail} />}
      </div>
    </Modal>
  )
}

/** Withdraws an open request, or ends what was granted, at once. */
export function useEndAccess(id: string) {
  const { copy, code } = useLanguage()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: () => ask(endAccess, { params: { id: Number(id) } }),
    onSuccess: () => {
      message.success(copy.elsewhere.done)
      queries.invalidateQueries()
    },
    onError: (failure) => {
      const problem = problemFrom(failure)
      message.error(code === 'en' ? problem.detailEn : problem.detail)
    },
  })
}
