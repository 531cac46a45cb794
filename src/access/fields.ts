/**
 * What of a customer a session reads, by group of fields. Personal fields are masked unless a role says otherwise; the
 * widest right of the posts that read customers counts. Masking itself is done by show.ts.
 */
import { type FieldGroup, type FieldRights, fieldGroups, fieldReads } from '../contract/permission.ts'
import { refuse } from '../kit/refusal.ts'
import type { Session } from './session.ts'

/** What a role reads that says nothing of it. */
const usualFields: FieldRights = {
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

/** By every post that reads customers; hidden where there is none. */
export function fieldsOf(session: Session): FieldRights {
  const posts = session.posts.filter((post) => post.permissions.includes('customers.read'))
  const widest = (group: FieldGroup) =>
    fieldReads.findLast((read) => posts.some((post) => post.fields[group] === read)) ?? 'hidden'
  return Object.fromEntries(fieldGroups.map((group) => [group, widest(group)])) as FieldRights
}

/** Refuses field_hidden unless the session reads the group. */
export function mustRead(session: Session, group: FieldGroup): void {
  if (fieldsOf(session)[group] === 'hidden') refuse('field_hidden', { field: group })
}
