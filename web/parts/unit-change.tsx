/** Proposing a change of the organisation: a unit opened, renamed, moved, split or closed. */
import { Input, Segmented, Select } from 'antd'
import { useState } from 'react'
import { type UnitChange, unitKinds } from '../../src/contract/changes.ts'
import { proposeUnit } from '../../src/contract/nights.ts'
import { ask } from '../api.ts'
import { useCopy } from '../language.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { Field } from './field.tsx'
import { Rehearsal } from './rehearsal.tsx'
import { UnitSelect } from './unit-select.tsx'

const actions = ['open', 'rename', 'move', 'split', 'close'] as const
type Action = (typeof actions)[number]

/** What the form holds, whichever action it is for. */
interface Form {
  unit: string | undefined
  other: string | undefined
  code: string
  name: string
  nameEn: string
  unitKind: (typeof unitKinds)[number]
  staff: string
  units: string
}

const empty: Form = {
  unit: undefined,
  other: undefined,
  code: '',
  name: '',
  nameEn: '',
  unitKind: 'outlet',
  staff: '',
  units: '',
}

export default function UnitChangeDialog({ onClose }: { onClose: () => void }) {
  const copy = useCopy()
  const words = copy.tree
  const [action, setAction] = useState<Action>('open')
  const [form, setForm] = useState<Form>(empty)
  const set = (change: Partial<Form>) => setForm({ ...form, ...change })
  const change = changeOf(action, form)
  return (
    <ChangeDialog
      title={words.change}
      change={change}
      send={(asked, reason) => ask(proposeUnit, { body: { change: asked, reason } })}
      onClose={onClose}
    >
      <Segmented<Action>
        value={action}
        onChange={setAction}
        options={actions.map((one) => ({ value: one, label: words.actions[one] }))}
      />
      <p className="quiet">{words.hint[action]}</p>
      {action !== 'open' && (
        <Field name={words.unit}>
          <UnitSelect value={form.unit} onChange={(unit) => set({ unit })} placeholder={words.unit} />
        </Field>
      )}
      {(action === 'open' || action === 'move' || action === 'close') && (
        <Field name={action === 'close' ? words.successor : words.parent}>
          <UnitSelect
            value={form.other}
            onChange={(other) => set({ other })}
            placeholder={action === 'close' ? words.successor : words.parent}
          />
        </Field>
      )}
      {(action === 'open' || action === 'rename' || action === 'split') && (
        <Names form={form} set={set} withCode={action !== 'rename'} withKind={action === 'open'} />
      )}
      {action === 'split' && (
        <>
          <Input
            value={form.staff}
            onChange={(event) => set({ staff: event.target.value })}
            placeholder={words.staff}
            aria-label={words.staff}
          />
          <Input
            value={form.units}
            onChange={(event) => set({ units: event.target.value })}
            placeholder={words.units}
            aria-label={words.units}
          />
        </>
      )}
      <Rehearsal change={change} />
    </ChangeDialog>
  )
}

interface NamesProps {
  form: Form
  set: (change: Partial<Form>) => void
  withCode: boolean
  withKind: boolean
}

function Names({ form, set, withCode, withKind }: NamesProps) {
  const copy = useCopy()
  const words = copy.tree
  return (
    <div className="row">
      {withCode && (
        <Field name={words.code}>
          <Input
            value={form.code}
            onChange={(event) => set({ code: event.target.value })}
            aria-label={words.code}
            maxLength={32}
          />
        </Field>
      )}
      <Field name={words.name}>
        <Input
          value={form.name}
          onChange={(event) => set({ name: event.target.value })}
          aria-label={words.name}
          maxLength={80}
        />
      </Field>
      <Field name={words.nameEn}>
        <Input
          value={form.nameEn}
          onChange={(event) => set({ nameEn: event.target.value })}
          aria-label={words.nameEn}
          maxLength={80}
        />
      </Field>
      {withKind && (
        <Field name={words.kind}>
          <Select
            value={form.unitKind}
            onChange={(unitKind) => set({ unitKind })}
            aria-label={words.kind}
            options={unitKinds.map((one) => ({ value: one, label: copy.unitKinds[one] }))}
            style={{ minWidth: 120 }}
          />
        </Field>
      )}
    </div>
  )
}

/** Undefined while something is missing. */
function changeOf(action: Action, form: Form): UnitChange | undefined {
  const { unit, other } = form
  const [code, name, nameEn] = [form.code.trim(), form.name.trim(), form.nameEn.trim()]
  const english = nameEn ? { nameEn } : {}
  switch (action) {
    case 'open':
      return code && name && other
        ? { kind: 'unit', action, code, name, ...english, unitKind: form.unitKind, parent: other }
        : undefined
    case 'rename':
      return unit && name ? { kind: 'unit', action, code: unit, name, ...english } : undefined
    case 'move':
      return unit && other ? { kind: 'unit', action, code: unit, parent: other } : undefined
    case 'split':
      return unit && code && name
        ? {
            kind: 'unit',
            action,
            code: unit,
            into: { code, name, ...english },
            staff: listed(form.staff),
            units: listed(form.units),
          }
        : undefined
    case 'close':
      return unit && other ? { kind: 'unit', action, code: unit, successor: other } : undefined
  }
}

function listed(text: string): string[] {
  return text.split(/[,，、\s]+/).filter(Boolean)
}
