/** The bank's roles, what each may do, reads and edits, and the door to changing one. */
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { listRoles } from '../../src/contract/access.ts'
import type { Output } from '../../src/contract/endpoint.ts'
import { editableFields, fieldGroups } from '../../src/contract/permission.ts'
import { reading } from '../api.ts'
import { countText } from '../figures.ts'
import { useCopy, useLanguage } from '../language.ts'
import { labelOf, useMay } from '../session.ts'
import { Fact, Facts, Panel } from './page.tsx'
import { RoleDialog, unmasked } from './role-dialog.tsx'
import { Answered } from './state.tsx'

type Role = Output<typeof listRoles>['rows'][number]

interface PartProps {
  making: boolean
  onMade: () => void
}

export function Roles({ making, onMade }: PartProps) {
  const list = useQuery(reading(listRoles))
  const [editing, setEditing] = useState<Role | undefined>(undefined)
  return (
    <>
      <Answered query={list}>
        {({ rows }) => (
          <ul className="roles">
            {rows.map((role) => (
              <li key={role.code}>
                <OneRole role={role} onEdit={() => setEditing(role)} />
              </li>
            ))}
          </ul>
        )}
      </Answered>
      {(making || editing) && (
        <RoleDialog
          role={editing}
          onClose={() => {
            setEditing(undefined)
            onMade()
          }}
        />
      )}
    </>
  )
}

/** Its permissions are too many for a cell of a table: on a phone they hid everything behind them. */
function OneRole({ role, onEdit }: { role: Role; onEdit: () => void }) {
  const { copy, code } = useLanguage()
  const words = copy.access
  const may = useMay()
  return (
    <Panel
      title={
        <span className="row">
          {labelOf(role, code)} <span className="quiet mono">{role.code}</span>
          <span className={role.edited ? 'tag tag-warn' : 'tag'}>
            {role.edited ? words.edited : role.shipped ? words.shipped : words.own}
          </span>
        </span>
      }
      extra={
        may('access.manage') && (
          <Button size="small" onClick={onEdit}>
            {words.editRole}
          </Button>
        )
      }
    >
      <Facts>
        <Fact name={words.holders}>{countText(role.holders)}</Fact>
        <Fact name={words.customers}>{words.scopes[role.customers]}</Fact>
        <Fact name={words.permissions}>
          <span className="row tags">
            {role.permissions.map((one) => (
              <span key={one} className="tag">
                {copy.permissions[one]}
              </span>
            ))}
          </span>
        </Fact>
        {role.permissions.includes('customers.read') && <FieldFacts role={role} />}
      </Facts>
    </Panel>
  )
}

/** Where the role reads otherwise than most: hidden, or personal fields in clear; and what it edits when not all. */
function FieldFacts({ role }: { role: Role }) {
  const { people, access, facts, common } = useCopy()
  const groups = fieldGroups.filter((group) => {
    const read = role.fields[group]
    return read === 'hidden' || (read === 'clear' && !unmasked.includes(group))
  })
  const editsSome = role.permissions.includes('customers.edit') && role.edits.length < editableFields.length
  return (
    <>
      {groups.length > 0 && (
        <Fact name={access.fields}>
          <span className="row tags">
            {groups.map((group) => (
              <span key={group} className={role.fields[group] === 'hidden' ? 'tag' : 'tag tag-warn'}>
                {people.fields[group]} · {people.fieldRules[role.fields[group]]}
              </span>
            ))}
          </span>
        </Fact>
      )}
      {editsSome && (
        <Fact name={access.edits}>
          {role.edits.map((field) => facts.fields[field]).join(common.comma) || people.none}
        </Fact>
      )}
    </>
  )
}
