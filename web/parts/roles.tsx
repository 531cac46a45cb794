/** The bank's roles, what each reads and edits, and the door to changing one. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { listRoles } from '../../src/contract/access.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { editableFields, fieldGroups } from '../../src/contract/permission.ts'
import { reading } from '../api.ts'
import { useCopy, useLanguage } from '../language.ts'
import { labelOf, useMay } from '../session.ts'
import { RoleDialog, unmasked } from './role-dialog.tsx'
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
              { key: 'fields', title: words.fields, render: (_, role) => <FieldTags role={role} /> },
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

/** Where the role reads otherwise than most: hidden, or personal fields in clear; and what it edits when not all. */
function FieldTags({ role }: { role: Role }) {
  const { people, access, facts } = useCopy()
  if (!role.permissions.includes('customers.read')) return null
  const groups = fieldGroups.filter((group) => {
    const read = role.fields[group]
    return read === 'hidden' || (read === 'clear' && !unmasked.includes(group))
  })
  const editsSome = role.permissions.includes('customers.edit') && role.edits.length < editableFields.length
  return (
    <span className="row tags">
      {groups.map((group) => (
        <span key={group} className={role.fields[group] === 'hidden' ? 'tag' : 'tag tag-warn'}>
          {people.fields[group]} · {people.fieldRules[role.fields[group]]}
        </span>
      ))}
      {editsSome && (
        <span className="tag">
          {access.edits}: {role.edits.map((field) => facts.fields[field]).join(access.and) || people.none}
        </span>
      )}
    </span>
  )
}
