/** Roles, posts and walls: as they are, and changes of them, which wait for a checker. */
import { z } from 'zod'
import { proposed, reason } from './approvals.ts'
import { postChange, rightsChange, roleChange, wallChange } from './changes.ts'
import { dayOut, pageOf, pageQuery, unitRef, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'
import {
  customerScopes,
  editableFields,
  fieldGroups,
  fieldReads,
  fieldRights,
  permissions,
  roleRef,
} from './permission.ts'

const loginRef = z.object({ login: z.string(), name: z.string() })

export const role = roleRef
  .extend({
    customers: z.enum(customerScopes),
    permissions: z.array(z.enum(permissions)),
    fields: fieldRights,
    /** What of a person's facts it may edit, given customers.edit. */
    edits: z.array(z.enum(editableFields)),
    shipped: z.boolean(),
    /** Shipped, and changed by this bank since. */
    edited: z.boolean(),
    /** People who hold it today. */
    holders: z.int(),
  })
  .meta({ id: 'Role' })

export const listRoles = endpoint({
  name: 'listRoles',
  tag: 'access',
  method: 'GET',
  path: '/api/roles',
  label: { zh: '角色', en: 'Roles' },
  permission: 'access.read',
  output: z.object({ rows: z.array(role) }),
})

export const proposeRole = endpoint({
  name: 'proposeRole',
  tag: 'access',
  method: 'POST',
  path: '/api/roles',
  label: { zh: '申请新建或变更角色', en: 'Propose a new or changed role' },
  permission: 'access.manage',
  body: z.object({ change: roleChange, reason }),
  output: proposed,
  refusals: ['approval_open', 'last_administrator'],
})

export const post = z
  .object({
    id: z.int(),
    person: loginRef,
    role: roleRef,
    unit: unitRef,
    fromDay: dayOut,
    /** The first day on which it is no longer held; null: open. */
    toDay: dayOut.nullable(),
  })
  .meta({ id: 'Post' })

export const listPosts = endpoint({
  name: 'listPosts',
  tag: 'access',
  method: 'GET',
  path: '/api/posts',
  label: { zh: '岗位', en: 'Posts' },
  permission: 'access.read',
  query: pageQuery.extend({
    /** Those that hold today, or also past and coming ones. */
    which: z.enum(['today', 'all']).default('today'),
    unit: z.string().max(32).optional(),
    role: z.string().max(40).optional(),
    login: z.string().max(80).optional(),
    q: z.string().trim().min(1).max(80).optional().describe('part of the name, the sign-in name, a role or a unit'),
  }),
  /** By person; `total` says how many there are. */
  output: pageOf(post).extend({ total: z.int() }),
  refusals: ['cursor_invalid'],
})

/** For choosing one: those with the part in a name, a few at a time. */
export const listLogins = endpoint({
  name: 'listLogins',
  tag: 'access',
  method: 'GET',
  path: '/api/logins',
  label: { zh: '可授予岗位的用户', en: 'Sign-ins that a post can be given to' },
  permission: 'access.manage',
  query: z.object({ q: z.string().trim().min(1).max(80).optional(), limit: wholeNumber(1, 50).default(20) }),
  output: z.object({ rows: z.array(loginRef) }),
})

export const proposePost = endpoint({
  name: 'proposePost',
  tag: 'access',
  method: 'POST',
  path: '/api/posts',
  label: { zh: '申请授予或结束岗位', en: 'Propose to give or end a post' },
  permission: 'access.manage',
  body: z.object({ change: postChange, reason }),
  output: proposed,
  refusals: ['not_found', 'approval_open', 'last_administrator', 'unit_closed'],
})

export const wall = z
  .object({
    id: z.int(),
    name: z.string(),
    around: unitRef,
    against: unitRef,
    fromDay: dayOut,
    toDay: dayOut.nullable(),
    stands: z.boolean(),
  })
  .meta({ id: 'Wall' })

export const listWalls = endpoint({
  name: 'listWalls',
  tag: 'access',
  method: 'GET',
  path: '/api/walls',
  label: { zh: '隔离墙', en: 'Walls' },
  permission: 'access.read',
  output: z.object({ rows: z.array(wall) }),
})

export const proposeWall = endpoint({
  name: 'proposeWall',
  tag: 'access',
  method: 'POST',
  path: '/api/walls',
  label: { zh: '申请设置或撤除隔离墙', en: 'Propose to draw or end a wall' },
  permission: 'access.manage',
  body: z.object({ change: wallChange, reason }),
  output: proposed,
  refusals: ['not_found', 'approval_open', 'unit_closed'],
})

const fieldEffect = z.object({ field: z.enum(fieldGroups), before: z.enum(fieldReads), after: z.enum(fieldReads) })

export const rehearseChange = endpoint({
  name: 'rehearseChange',
  tag: 'access',
  method: 'POST',
  path: '/api/access/rehearse',
  label: { zh: '权限变更试算', en: 'Rehearse a change of rights' },
  permission: ['access.manage', 'access.check', 'units.manage', 'units.check'],
  body: z.object({ change: rightsChange }),
  /** People who would gain or lose something, who loses most first. Customers that were granted singly are left out. */
  output: z.object({
    people: z.array(
      loginRef.extend({
        customersBefore: z.int(),
        customersAfter: z.int(),
        customersGained: z.int(),
        customersLost: z.int(),
        permissionsGained: z.array(z.enum(permissions)),
        permissionsLost: z.array(z.enum(permissions)),
        /** Groups of fields that are read more openly, and less. */
        fieldsGained: z.array(fieldEffect),
        fieldsLost: z.array(fieldEffect),
        editsGained: z.array(z.enum(editableFields)),
        editsLost: z.array(z.enum(editableFields)),
      }),
    ),
    /** People whose rights stay as they are. */
    unchanged: z.int(),
  }),
  refusals: ['not_found', 'last_administrator', 'unit_closed', 'unit_known', 'unit_misplaced'],
})
