/** Uploading a draft of a policy, and proposing to put it in force from a day. */
import { App, Input } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import type { PolicyChange } from '../../src/contract/changes.ts'
import { draftPolicy, proposePolicy } from '../../src/contract/policies.ts'
import type { Day } from '../../src/kit/day.ts'
import { ask, queries } from '../api.ts'
import { useCopy } from '../language.ts'
import { useMe } from '../session.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { DayField } from './day-field.tsx'
import { Field } from './field.tsx'
import { Question } from './question.tsx'

export function DraftDialog({ source: first, onClose }: { source: string; onClose: () => void }) {
  const words = useCopy().drafts
  const { message } = App.useApp()
  const [source, setSource] = useState(first)
  return (
    <Question
      title={words.upload}
      okText={words.upload}
      wide
      ready={source.trim() !== ''}
      send={() => ask(draftPolicy, { body: { source } })}
      onDone={({ version }) => {
        message.success(words.saved(version))
        queries.invalidateQueries({ queryKey: ['listPolicies'] })
        onClose()
      }}
      onClose={onClose}
    >
      {() => (
        <>
          <p className="quiet">{words.hint}</p>
          <Input.TextArea
            className="mono"
            value={source}
            onChange={(event) => setSource(event.target.value)}
            rows={18}
            aria-label={words.source}
          />
        </>
      )}
    </Question>
  )
}

export function PutInForceDialog({ policy, onClose }: { policy: { id: number; title: string }; onClose: () => void }) {
  const words = useCopy().drafts
  const { lastNight } = useMe()
  const next = (lastNight ? dayjs(lastNight.day) : dayjs()).add(1, 'day')
  const [day, setDay] = useState(next.isAfter(dayjs()) ? next.format('YYYY-MM-DD') : dayjs().format('YYYY-MM-DD'))
  const change: PolicyChange = { kind: 'policy', policy: policy.id, inForceFrom: day as Day }
  return (
    <ChangeDialog
      title={`${words.propose} · ${policy.title}`}
      change={change}
      send={(asked, reason) => ask(proposePolicy, { body: { change: asked, reason } })}
      onClose={onClose}
    >
      <Field name={words.inForceFrom}>
        <DayField label={words.inForceFrom} value={day} onChange={(chosen) => chosen && setDay(chosen)} />
      </Field>
    </ChangeDialog>
  )
}
