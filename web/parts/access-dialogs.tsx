/** Asking for a customer of another unit, deciding such a request, ending what was granted. */
import { useMutation } from '@tanstack/react-query'
import { App, Segmented } from 'antd'
import { useState } from 'react'
import {
  decideAccessRequest,
  endAccess,
  type listAccessRequests,
  requestAccess,
  sightReasonLengthMin,
} from '../../src/contract/elsewhere.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { ask, queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { isLongEnough } from './length-hint.tsx'
import { Note } from './note.tsx'
import { useRefusal } from './problem.tsx'
import { Question } from './question.tsx'

export type AccessRequest = Output<typeof listAccessRequests>['rows'][number]

const spans = [4, 24, 72, 168] as const

interface AskProps {
  customerNo: string
  name: string
  onDone: () => void
  onClose: () => void
}

export function AskDialog({ customerNo, name, onDone, onClose }: AskProps) {
  const words = useCopy().elsewhere
  const { message } = App.useApp()
  const [reason, setReason] = useState('')
  const [hours, setHours] = useState<number>(24)
  return (
    <Question
      title={words.askTitle(name)}
      okText={words.ask}
      ready={isLongEnough(reason, sightReasonLengthMin)}
      send={() => ask(requestAccess, { body: { customerNo, reason: reason.trim(), hours } })}
      onDone={() => {
        message.success(words.sent)
        queries.invalidateQueries()
        onDone()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <Note
            value={reason}
            onChange={setReason}
            label={words.reason}
            example={words.reasonHint}
            lengthMin={sightReasonLengthMin}
          />
          <Span hours={hours} onChange={setHours} />
        </>
      )}
    </Question>
  )
}

function Span({ hours, onChange }: { hours: number; onChange: (hours: number) => void }) {
  const words = useCopy().elsewhere
  const offered = [...new Set([...spans, hours])].sort((a, b) => a - b)
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
  const words = useCopy().elsewhere
  const { message } = App.useApp()
  const [note, setNote] = useState('')
  const [hours, setHours] = useState(request.hours)
  const granted = decision === 'granted'
  const body = { decision, ...(granted && { hours }), ...(note.trim() && { note: note.trim() }) }
  return (
    <Question
      title={granted ? words.grantTitle(request.askedBy) : words.declineTitle(request.askedBy)}
      okText={granted ? words.grant : words.decline}
      danger={!granted}
      send={() => ask(decideAccessRequest, { params: { id: Number(request.id) }, body })}
      onDone={() => {
        message.success(words.done)
        queries.invalidateQueries()
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <p>
            {request.name} <span className="mono quiet">{request.customerNo}</span>
          </p>
          <p className="quiet">{request.reason}</p>
          {granted && <Span hours={hours} onChange={setHours} />}
          <Note value={note} onChange={setNote} label={words.note} />
        </>
      )}
    </Question>
  )
}

/** Withdraws an open request, or ends what was granted, at once. */
export function useEndAccess(id: string) {
  const copy = useCopy()
  const { message } = App.useApp()
  return useMutation({
    mutationFn: () => ask(endAccess, { params: { id: Number(id) } }),
    onSuccess: () => {
      message.success(copy.elsewhere.done)
      queries.invalidateQueries()
    },
    onError: useRefusal(),
  })
}
