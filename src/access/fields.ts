/**
 * What of a customer a session reads, by group of fields, and which facts it edits. Personal fields are masked unless a role says otherwise; the
 * widest right of the posts that read customers counts. Masking itself is done by show.ts.
 */
import {
  type EditableField,
  editableFields,
  type FieldGroup,
  type FieldRights,
  fieldGroups,
  fieldReads,
  groupOfFact,
  type Permission,
} from '../contract/permission.ts'
import { refuse } from '../kit/refusal.ts'
import type { Session } from './session.ts'

/** What a role reads that says nothing of it. */
export const usualFields: FieldRights = {
  name: 'masked',
  identity: 'masked',
  contact: 'masked',
  numbers: 'masked',
  profile: 'clear',
  money: 'clear',
}

/** The rights of a stored role; what it does not name, or names wrongly, is as usual. */
export function fieldsOfRole(stored: unknown): FieldRights {
  const named = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<string, unknown>
  const rights = { ...usualFields }
  for (const group of fieldGroups) {
    const read = fieldReads.find((one) => one === named[group])
    if (read) rights[group] = read
  }
  return rights
}

/** What a stored role may edit of a person's facts; a name that this program does not know counts for nothing. */
export function editsOfRole(stored: readonly string[]): EditableField[] {
  return editableFields.filter((field) => stored.includes(field))
}

/** A post, as far as it decides about fields. */
interface FieldPost {
  permissions: readonly Permission[]
  fields: FieldRights
  edits: readonly EditableField[]
}

/** By every post that reads customers; hidden where there is none. */
export function fieldsOf({ posts }: { posts: readonly FieldPost[] }): FieldRights {
  const reading = posts.filter((post) => post.permissions.includes('customers.read'))
  const widest = (group: FieldGroup) =>
    fieldReads.findLast((read) => reading.some((post) => post.fields[group] === read)) ?? 'hidden'
  return Object.fromEntries(fieldGroups.map((group) => [group, widest(group)])) as FieldRights
}

/** The facts of a person that may be edited: those that a post which edits names, and whose group is not hidden. */
export function editsOf(session: { posts: readonly FieldPost[] }): EditableField[] {
  const editing = session.posts.filter((post) => post.permissions.includes('customers.edit'))
  const reads = fieldsOf(session)
  return editableFields.filter(
    (field) => reads[groupOfFact[field]] !== 'hidden' && editing.some((post) => post.edits.includes(field)),
  )
}

/** Refuses field_hidden unless the session reads the group. */
export function mustRead(session: Session, group: FieldGroup): void {
  if (fieldsOf(session)[group] === 'hidden') refuse('field_hidden', { field: group })
}

/** Refuses field_hidden for a fact that the session does not read, field_not_editable for one it may not change. */
export function mustEdit(session: Session, field: EditableField): void {
  mustRead(session, groupOfFact[field])
  if (!editsOf(session).includes(field)) refuse('field_not_editable', { field })
}
