/**
 * What a role can be granted. Roles are rows of the record, the bank's own beside those that we ship (access/roles.ts);
 * a role is known by its code.
 */
import { z } from 'zod'
import type { Label } from './endpoint.ts'

export const permissions = [
  /** Lists, pages, reasons and histories of customers and households. */
  'customers.read',
  'customers.export',
  /** Changing a person's contact facts. */
  'customers.edit',
  /** Counts and sums without a person in them: pyramid, flows, organisation tree. */
  'pyramid.read',
  'nights.read',
  'nights.run',
  /** Accepting or declining what a corrected file would have changed. */
  'nights.decide',
  'loads.read',
  'loads.upload',
  /** Rows that were kept out, with masked values. */
  'quarantine.read',
  'quality.read',
  'proposals.read',
  'proposals.decide',
  'policies.read',
  'policies.simulate',
  /** A key that acts as oneself. */
  'keys.own',
  /** Seeing and revoking everybody's keys. */
  'keys.manage',
  /** Everybody's audit entries, opened, and their file. */
  'audit.read',
  /** Seeing customers over every wall between units. */
  'walls.cross',
] as const

export type Permission = (typeof permissions)[number]

/** Whose customers a role sees: nobody's, those assigned to oneself, or all of the post's unit and below. */
export const customerScopes = ['none', 'book', 'subtree'] as const
export type CustomerScope = (typeof customerScopes)[number]

/** A role as whoever holds it is told: the names are data, as a bank adds roles of its own. */
export const roleRef = z.object({ code: z.string(), zh: z.string(), en: z.string() }).meta({ id: 'RoleRef' })
export type RoleRef = Label & { code: string }
