/** The days of a post or a wall: chosen in a form, and ended. */
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import type { RightsChange } from '../../src/contract/changes.ts'
import type { Day } from '../../src/kit/day.ts'
import { useCopy } from '../language.ts'
import { useMay } from '../session.ts'
import { ChangeDialog, type Proposing } from './change-dialog.tsx'
import { DayField, today } from './day-field.tsx'
import { Field } from './field.tsx'
import { Rehearsal } from './rehearsal.tsx'

export interface Period {
  from: Day
  /** First day without it; absent for one without an end. */
  to?: Day
}

export const fromToday = (): Period => ({ from: today() })

export function PeriodFields({ period, onChange }: { period: Period; onChange: (period: Period) => void }) {
  const words = useCopy().access
  const { from, to } = period
  return (
    <div className="row">
      <Field name={words.from}>
        <DayField label={words.from} value={from} onChange={(day) => day && onChange({ ...period, from: day })} />
      </Field>
      <Field name={words.to}>
        <DayField
          label={words.to}
          value={to}
          onChange={(day) => onChange({ from, ...(day && { to: day }) })}
          allowClear
        />
      </Field>
    </div>
  )
}

/** Nothing for what has ended, and for whoever may not end it. */
export function EndButton({ toDay, label, onClick }: { toDay: string | null; label: string; onClick: () => void }) {
  const may = useMay()
  if (!may('access.manage') || (toDay !== null && toDay <= today())) return null
  return (
    <Button size="small" onClick={onClick}>
      {label}
    </Button>
  )
}

interface EndDialogProps<Change> {
  title: string
  /** What is ended. */
  children: ReactNode
  /** Its end on a day. */
  changeOn: (to: Day) => Change
  send: Proposing<Change>
  onClose: () => void
}

export function EndDialog<Change extends RightsChange>(props: EndDialogProps<Change>) {
  const { title, children, changeOn, send, onClose } = props
  const words = useCopy().access
  const [to, setTo] = useState(today())
  const change = changeOn(to)
  return (
    <ChangeDialog title={title} change={change} send={send} onClose={onClose}>
      <p>{children}</p>
      <Field name={words.firstDayWithout}>
        <DayField label={words.firstDayWithout} value={to} onChange={(day) => day && setTo(day)} />
      </Field>
      <Rehearsal change={change} />
    </ChangeDialog>
  )
}
