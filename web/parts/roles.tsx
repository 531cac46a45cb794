/** The bank's roles, and proposing a new or a changed one. */
import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Input, Segmented } from 'antd'
import { useState } from 'react'
import { listRoles, proposeRole } from '../../src/contract/access.ts'
import type { RoleChange } from '../../src/contract/changes.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { type CustomerScope, customerScopes, type Permission, permissions } from '../../src/contract/permission.ts'
import { ask, reading } from '../api.ts'
import { useLanguage } from '../language.ts'
import { labelOf, useMay } from '../session.ts'
import { ChangeDialog, Field } from './change-dialog.tsx'
import { SmallTable } from './small-table.tsx'
import { Answered } from './state.tsx'

type Role = Output<typeof listRoles>['rows'][number]

interface PartProps {
  making: boolean
  onMade: () => void
}

export function Roles({ making, onMade }: PartProps) {
  const { copy, code } = useLanguage()
  const words = copy.access
  const may = useMay()
  const list = useQuery(reading(listRoles))
  const [editing, setEditing] = useState<Role | undefined>(undefined)
  return (
    <Answered query={list}>
      {({ rows }) => (
        <div className="panel panel-clip">
          <SmallTable<Role>
            label={words.tabs.roles}
            rows={rows}
            keyOf={(role) => role.code}
            columns={[
              {
                key: 'name',
                title: words.role,
                render: (_, role) => (
                  <>
                    {labelOf(role, code)} <span className="quiet mono">{role.code}</span>
                  </>
                ),
              },
              {
                key: 'kind',
                title: '',
                render: (_, role) => (
                  <span className={role.edited ? 'tag tag-warn' : 'tag'}>
                    {role.edited ? words.edited : role.shipped ? words.shipped : words.own}
                  </span>
                ),
              },
              { key: 'customers', title: words.customers, render: (_, role) => words.scopes[role.customers] },
              { key: 'holders', title: words.holders, align: 'right', render: (_, role) => role.holders },
              {
                key: 'permissions',
                title: words.permissions,
                width: 480,
                render: (_, role) => (
                  <span className="row tags">
                    {role.permissions.map((one) => (
                      <span key={one} className="tag">
                        {copy.permissions[one]}
                      </span>
                    ))}
                  </span>
                ),
              },
              {
                key: 'edit',
                title: '',
                render: (_, role) =>
                  may('access.manage') && (
                    <Button size="small" onClick={() => setEditing(role)}>
                      {words.editRole}
                    </Button>
                  ),
              },
            ]}
          />
          {(making || editing) && (
            <RoleDialog
              role={editing}
              onClose={() => {
                setEditing(undefined)
                onMade()
              }}
            />
          )}
        </div>
      )}
    </Answered>
  )
}

function RoleDialog({ role, onClose }: { role: Role | undefined; onClose: () => void }) {
  const { copy } = useLanguage()
  const words = copy.access
  const [code, setCode] = useState(role?.code ?? '')
  const [zh, setZh] = useState(role?.zh ?? '')
  const [en, setEn] = useState(role?.en ?? '')
  const [customers, setCustomers] = useState<CustomerScope>(role?.customers ?? 'subtree')
  const [chosen, setChosen] = useState<Permission[]>(role?.permissions ?? [])
  const isWhole = /^[a-z][A-Za-z0-9]{1,39}$/.test(code) && zh.trim() !== '' && en.trim() !== ''
  const change: RoleChange | undefined = isWhole
    ? { kind: 'role', code, zh: zh.trim(), en: en.trim(), customers, permissions: chosen }
    : undefined
  return (
    <ChangeDialog
      title={role ? `${words.editRole} · ${role.code}` : words.newRole}
      change={change}
      rehearsed={change}
      canRehearse
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
    </ChangeDialog>
  )
}
