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
  /** Changing a customer's contact facts. */
  'customers.edit',
  /** Opening households and changing them: invitations, consents, roles, split and merge. */
  'households.edit',
  /** Customers of others: found by an exact number, masked, and asked for. */
  'customers.find',
  /** One field of a customer in clear, with a reason. */
  'customers.reveal',
  /** Letting somebody else see a customer for a time. */
  'access.grant',
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
  /** Proposals of value states, customers to win back, losses. */
  'valueStates.read',
  /** Moving customers between value states and stages, deciding proposals of it, saying how a win-back ended. */
  'valueStates.move',
  'notes.read',
  /** Notes on customers: writing and pinning them, editing and withdrawing one's own. */
  'notes.write',
  /** Withdrawing notes of others. */
  'notes.manage',
  /** Putting tags on customers and taking them off. */
  'tags.use',
  /** The words of the bank's tags, and who may use each. */
  'tags.manage',
  /** What papers of customers are held, until when and where; no file by it. */
  'papers.read',
  /** Opening the files of papers that one's unit holds, or that were released to one; asking for others. */
  'papers.open',
  /** Taking papers in, withdrawing them, using a held one instead of asking again. */
  'papers.take',
  /** Releasing papers of one's unit to staff of another. */
  'papers.release',
  /** Rules that open papers to every unit, and kinds of paper. */
  'papers.rule',
  'policies.read',
  'policies.simulate',
  /** Drafting policies and proposing to put one in force. */
  'policies.manage',
  'policies.check',
  /** Approving exports above the free limit, and personal fields of many customers in clear. */
  'exports.check',
  /** A key that acts as oneself. */
  'keys.own',
  /** Seeing and revoking everybody's keys. */
  'keys.manage',
  /** Recording and withdrawing consents of customers. */
  'consents.record',
  /** A customer's own data, whole and in clear, for that customer. */
  'privacy.disclose',
  /** Erasing a customer for good. */
  'privacy.erase',
  /** Erasures, how long things are kept, generations of the master key. */
  'privacy.read',
  /** Setting how long things are kept. */
  'privacy.manage',
  /** Everybody's audit entries, opened, and their file. */
  'audit.read',
  /** Logins of other systems, and keys of theirs that do no more than oneself may. */
  'programs.manage',
  /** Who can sign in, with which posts and from where. */
  'users.read',
  /** Locking and unlocking, new passwords, ending sessions, second factors by role. */
  'users.manage',
  'securityAlerts.read',
  'securityAlerts.acknowledge',
  /** Seeing customers over every wall between units. */
  'walls.cross',
  /** Roles, posts, walls, and who sees what; no customer by it. */
  'access.read',
  /** Proposing changes of roles, posts and walls. */
  'access.manage',
  'access.check',
  /** Marking a person's rights as reviewed. */
  'access.review',
  /** Proposing changes of the organisation tree. */
  'units.manage',
  'units.check',
] as const

export type Permission = (typeof permissions)[number]

/** Those that count at the top of the tree only: what they open speaks of the whole bank, whatever unit a post is at. */
export const headOfficePermissions: ReadonlySet<Permission> = new Set<Permission>([
  'tags.manage',
  'quarantine.read',
  'policies.simulate',
  'policies.manage',
  'papers.rule',
  'privacy.read',
  'privacy.manage',
  'audit.read',
  'users.read',
  'users.manage',
  'securityAlerts.read',
  'securityAlerts.acknowledge',
])

/** Whose customers a role sees: nobody's, those assigned to oneself, or all of the post's unit and below. */
export const customerScopes = ['none', 'book', 'subtree'] as const
export type CustomerScope = (typeof customerScopes)[number]

/** Groups of fields of a customer that a role reads alike. */
export const fieldGroups = ['name', 'identity', 'contact', 'numbers', 'profile', 'money'] as const
export type FieldGroup = (typeof fieldGroups)[number]

/** How: not at all, masked, or whole. What cannot be masked (profile, money) is shown whole when masked. */
export const fieldReads = ['hidden', 'masked', 'clear'] as const
export type FieldRead = (typeof fieldReads)[number]
export type FieldRights = Record<FieldGroup, FieldRead>

const read = z.enum(fieldReads)
export const fieldRights = z.object({
  name: read,
  identity: read,
  contact: read,
  numbers: read,
  profile: read,
  money: read,
} satisfies Record<FieldGroup, typeof read>)

/** Facts of a person that staff edit: by a role that has customers.edit and names them. */
export const editableFields = ['phone', 'email', 'address', 'occupation'] as const
export type EditableField = (typeof editableFields)[number]

/** The group by which a fact is read. */
export const groupOfFact = { phone: 'contact', email: 'contact', address: 'contact', occupation: 'profile' } as const

/** A role as whoever holds it is told: the names are data, as a bank adds roles of its own. */
export const roleRef = z.object({ code: z.string(), zh: z.string(), en: z.string() }).meta({ id: 'RoleRef' })
export type RoleRef = Label & { code: string }
