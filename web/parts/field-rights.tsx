/** Field by field: how a person reads a customer and which facts they edit, with what makes it so. */
import type { ReactNode } from 'react'
import type { EditableField, FieldGroup, FieldRead } from '../../src/contract/permission.ts'
import { useCopy } from '../language.ts'
import { Panel } from './page.tsx'
import { SmallTable } from './small-table.tsx'

interface RightsProps<Row> {
  rows: readonly Row[]
  /** By what: the column's title and what stands in it. */
  by: { title: string; show: (row: Row) => ReactNode }
}

export function ReadRights<Row extends { field: FieldGroup; rule: FieldRead }>({ rows, by }: RightsProps<Row>) {
  const copy = useCopy()
  const words = copy.people
  return (
    <Panel title={words.fieldsTitle} flush>
      <SmallTable<Row>
        wraps
        label={words.fieldsTitle}
        rows={rows}
        keyOf={(row) => row.field}
        columns={[
          { key: 'field', title: copy.approvals.field, render: (_, row) => words.fields[row.field] },
          { key: 'rule', title: words.reads, render: (_, row) => words.fieldRules[row.rule] },
          { key: 'by', title: by.title, render: (_, row) => by.show(row) },
        ]}
      />
    </Panel>
  )
}

interface EditRightsProps<Row> extends RightsProps<Row> {
  /** Why a fact can be edited or not; without it, all that are listed can. */
  why?: (row: Row) => ReactNode
}

export function EditRights<Row extends { field: EditableField }>({ rows, by, why }: EditRightsProps<Row>) {
  const copy = useCopy()
  const words = copy.people
  return (
    <Panel title={words.editsTitle} flush>
      <SmallTable<Row>
        wraps
        label={words.editsTitle}
        rows={rows}
        keyOf={(row) => row.field}
        columns={[
          { key: 'field', title: copy.approvals.field, render: (_, row) => copy.facts.fields[row.field] },
          ...(why ? [{ key: 'why', title: words.rule, render: (_: unknown, row: Row) => why(row) }] : []),
          { key: 'by', title: by.title, render: (_, row) => by.show(row) },
        ]}
      />
    </Panel>
  )
}
