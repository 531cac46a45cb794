/** A new or a changed role: its names, whom it sees, what it may do, and what of a customer it reads and edits. */
import { Checkbox, Input, Segmented } from 'antd'
import { useState } from 'react'
import { type listRoles, proposeRole } from '../../src/contract/access.ts'
import type { RoleChange } from '../../src/contract/changes.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import {
  type CustomerScope,
  customerScopes,
  type EditableField,
  editableFields,
  type FieldGroup,
  type FieldRead,
  fieldGroups,
  fieldReads,
  type Permission,
  permissions,
} from '../../src/contract/permission.ts'
import { ask } from '../api.ts'
import { useCopy, useLanguage } from '../language.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { Field } from './field.tsx'
import { Rehearsal } from './rehearsal.tsx'

type Role = Output<typeof listRoles>['rows'][number]
type Fields = NonNullable<RoleChange['fields']>

/** Groups that are shown whole or not at all. */
export const unmasked: readonly FieldGroup[] = ['profile', 'money']

export function RoleDialog({ role, onClose }: { role: Role | undefined; onClose: () => void }) {
  const { copy } = useLanguage()
  const words = copy.access
  const [code, setCode] = useState(role?.code ?? '')
  const [zh, setZh] = useState(role?.zh ?? '')
  const [en, setEn] = useState(role?.en ?? '')
  const [customers, setCustomers] = useState<CustomerScope>(role?.customers ?? 'subtree')
  const [chosen, setChosen] = useState<Permission[]>(role?.permissions ?? [])
  const [fields, setFields] = useState<Fields>(role?.fields ?? {})
  const [edits, setEdits] = useState<EditableField[]>(role?.edits ?? [...editableFields])
  const isWhole = /^[a-z][A-Za-z0-9]{1,39}$/.test(code) && zh.trim() !== '' && en.trim() !== ''
  const change: RoleChange | undefined = isWhole
    ? { kind: 'role', code, zh: zh.trim(), en: en.trim(), customers, permissions: chosen, fields, edits }
    : undefined
  return (
    <ChangeDialog
      title={role ? `${words.editRole} · ${role.code}` : words.newRole}
      change={change}
      send={(asked, reason) => ask(proposeRole, { body: { change: asked, reason } })}
      onClose={onClose}
    >
      {!role && (
        <Input
          value={code}
          onChange={(event) => setCode(event.target.value)}
          placeholder={`${words.code} · ${words.codeHint}`}
          aria-label={words.code}
        />
      )}
      <div className="row">
        <Field name={words.zh}>
          <Input value={zh} onChange={(event) => setZh(event.target.value)} aria-label={words.zh} maxLength={80} />
        </Field>
        <Field name={words.en}>
          <Input value={en} onChange={(event) => setEn(event.target.value)} aria-label={words.en} maxLength={80} />
        </Field>
      </div>
      <Field name={words.customers}>
        <Segmented<CustomerScope>
          value={customers}
          onChange={setCustomers}
          options={customerScopes.map((one) => ({ value: one, label: words.scopes[one] }))}
        />
      </Field>
      <Field name={words.permissions}>
        <Checkbox.Group
          className="choices"
          value={chosen}
          onChange={(all) => setChosen(all as Permission[])}
          options={permissions.map((one) => ({ value: one, label: copy.permissions[one] }))}
        />
      </Field>
      {chosen.includes('customers.read') && <Reads fields={fields} onChange={setFields} />}
      {chosen.includes('customers.edit') && (
        <Field name={words.edits}>
          <Checkbox.Group
            className="choices"
            value={edits}
            onChange={(all) => setEdits(all as EditableField[])}
            options={editableFields.map((one) => ({ value: one, label: copy.facts.fields[one] }))}
          />
        </Field>
      )}
      <Rehearsal change={change} />
    </ChangeDialog>
  )
}

function Reads({ fields, onChange }: { fields: Fields; onChange: (fields: Fields) => void }) {
  const { access, people } = useCopy()
  return (
    <Field name={access.fields}>
      <div className="field-rights">
        {fieldGroups.map((group) => {
          const isWhole = unmasked.includes(group)
          const ways = isWhole ? (['hidden', 'clear'] as const) : fieldReads
          const read = fields[group] ?? (isWhole ? 'clear' : 'masked')
          return (
            <div key={group} className="field-right">
              <span>{people.fields[group]}</span>
              <Segmented<FieldRead>
                size="small"
                value={isWhole && read === 'masked' ? 'clear' : read}
                onChange={(chosen) => onChange({ ...fields, [group]: chosen })}
                options={ways.map((one) => ({ value: one, label: people.fieldRules[one] }))}
                aria-label={people.fields[group]}
              />
            </div>
          )
        })}
      </div>
    </Field>
  )
}
