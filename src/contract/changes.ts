/**
 * Changes that need two people, as they are asked for: what an endpoint takes, what an approval keeps, what a rehearsal
 * tries. One shape per kind.
 */
import { z } from 'zod'
import { dayText, id } from './common.ts'
import { customerFilter, customerSort } from './customer-filter.ts'
import { customerScopes, editableFields, fieldRights, permissions } from './permission.ts'

const code = z.string().trim().min(1).max(32)
const name = z.string().trim().min(1).max(80)

/** A new role, or an existing one as it shall be. */
export const roleChange = z.object({
  kind: z.literal('role'),
  code: z.string().regex(/^[a-z][A-Za-z0-9]{1,39}$/),
  zh: name,
  en: name,
  customers: z.enum(customerScopes),
  permissions: z.array(z.enum(permissions)).max(permissions.length),
  /** How each group of a customer's fields is read. A group that is not named stays as it is, of a new role as usual. */
  fields: fieldRights.partial().optional(),
  /** What of a person's facts it may edit, given customers.edit. Not named: as it is, of a new role all. */
  edits: z.array(z.enum(editableFields)).max(editableFields.length).optional(),
})

export const postChange = z.discriminatedUnion('action', [
  z.object({
    kind: z.literal('post'),
    action: z.literal('give'),
    login: z.string().min(1).max(80),
    role: z.string().min(1).max(40),
    unit: code,
    from: dayText,
    /** The first day on which it is no longer held; none: until it is ended. */
    to: dayText.optional(),
  }),
  z.object({
    kind: z.literal('post'),
    action: z.literal('end'),
    post: id,
    /** The first day on which it is no longer held. */
    to: dayText,
  }),
])

export const wallChange = z.discriminatedUnion('action', [
  z.object({
    kind: z.literal('wall'),
    action: z.literal('draw'),
    name,
    /** Unit whose customers are hidden, with everything below it. */
    around: code,
    /** Unit whose posts do not see them, with everything below it. */
    against: code,
    from: dayText,
    to: dayText.optional(),
  }),
  z.object({ kind: z.literal('wall'), action: z.literal('end'), wall: id, to: dayText }),
])

const unitNames = { code, name, nameEn: name.optional() }

export const unitKinds = ['headOffice', 'branch', 'subBranch', 'outlet', 'department'] as const

/** Takes effect on the day it is approved. */
export const unitChange = z.discriminatedUnion('action', [
  z.object({
    kind: z.literal('unit'),
    action: z.literal('open'),
    ...unitNames,
    unitKind: z.enum(unitKinds),
    parent: code,
  }),
  z.object({ kind: z.literal('unit'), action: z.literal('rename'), ...unitNames }),
  z.object({ kind: z.literal('unit'), action: z.literal('move'), code, parent: code }),
  z.object({
    kind: z.literal('unit'),
    action: z.literal('split'),
    code,
    /** The new unit beside it. */
    into: z.object(unitNames),
    /** Staff who go there with their posts and their books. */
    staff: z.array(z.string().max(32)).max(500),
    /** Units below it that go there. */
    units: z.array(code).max(500),
  }),
  z.object({
    kind: z.literal('unit'),
    action: z.literal('close'),
    code,
    /** Takes over its customers, staff, posts, walls and the units below it. */
    successor: code,
  }),
])

export const policyChange = z.object({ kind: z.literal('policy'), policy: id, inForceFrom: dayText })

/** What is searched for can be personal, and is not kept: an export above the limit goes by filters alone. */
export const exportChange = z.object({
  kind: z.literal('export'),
  filter: customerFilter.omit({ q: true }),
  ...customerSort.shape,
  format: z.enum(['csv', 'xlsx']).default('csv'),
  language: z.enum(['zh', 'en']).default('zh'),
})

/** One of these of each filtered customer, in clear. As for exports, nothing that was searched for. */
export const bulkRevealChange = z.object({
  kind: z.literal('bulkReveal'),
  field: z.enum(['phone', 'email', 'address']),
  filter: customerFilter.omit({ q: true }),
  ...customerSort.shape,
  language: z.enum(['zh', 'en']).default('zh'),
})

export const eraseChange = z.object({ kind: z.literal('erase'), customerNo: z.string().max(64) })

/** What can be rehearsed before it is proposed. */
export const rightsChange = z.union([roleChange, postChange, wallChange, unitChange])

export type RoleChange = z.output<typeof roleChange>
export type PostChange = z.output<typeof postChange>
export type WallChange = z.output<typeof wallChange>
export type UnitChange = z.output<typeof unitChange>
export type PolicyChange = z.output<typeof policyChange>
export type ExportChange = z.output<typeof exportChange>
export type BulkRevealChange = z.output<typeof bulkRevealChange>
export type EraseChange = z.output<typeof eraseChange>
export type RightsChange = z.output<typeof rightsChange>
