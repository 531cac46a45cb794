/** Who can sign in, and what an administrator does about it. */
import { z } from 'zod'
import { freeText, id, instant, pageOf, pageQuery, reasonLengthMin, unitRef } from './common.ts'
import { endpoint } from './endpoint.ts'
import { apiKey } from './keys.ts'
import { openSession } from './own-security.ts'
import { permissions, roleRef } from './permission.ts'

export const userKinds = ['person', 'program', 'breakGlass'] as const
export type UserKind = (typeof userKinds)[number]
/** 'spent': a break-glass account whose time is over. */
export const userStates = ['active', 'locked', 'disabled', 'spent'] as const
export type UserState = (typeof userStates)[number]
export const userSorts = ['name', 'displayName', 'lastSignIn'] as const
export type UserSort = (typeof userSorts)[number]

export const user = z
  .object({
    id: z.int(),
    name: z.string(),
    displayName: z.string(),
    kind: z.enum(userKinds),
    state: z.enum(userStates),
    lock: z.object({ at: instant, by: z.string(), reason: z.string() }).nullable(),
    /** Code of the member of staff. */
    staff: z.string().nullable(),
    /** Those held today; 'oidc' ones follow from groups of the bank's own sign-on. */
    posts: z.array(z.object({ role: roleRef, unit: unitRef, origin: z.enum(['manual', 'oidc']) })),
    secondFactor: z.boolean(),
    singleSignOn: z.boolean(),
    /** How many are open. */
    sessions: z.int(),
    lastSignInAt: instant.nullable(),
    validUntil: instant.nullable(),
  })
  .meta({ id: 'User' })

export const listUsers = endpoint({
  name: 'listUsers',
  tag: 'users',
  method: 'GET',
  path: '/api/users',
  label: { zh: '用户', en: 'Users' },
  permission: 'users.read',
  query: pageQuery.extend({
    q: z.string().trim().min(1).max(80).optional().describe('part of the sign-in name, the name or the staff code'),
    kind: z.enum(userKinds).optional(),
    state: z.enum(userStates).optional(),
    role: z.string().max(40).optional(),
    sort: z.enum(userSorts).default('name'),
    dir: z.enum(['asc', 'desc']).default('asc'),
  }),
  output: pageOf(user).extend({ total: z.int() }),
  refusals: ['cursor_invalid'],
})

export const readUser = endpoint({
  name: 'readUser',
  tag: 'users',
  method: 'GET',
  path: '/api/users/:id',
  label: { zh: '一个用户', en: 'One user' },
  permission: 'users.read',
  params: z.object({ id }),
  output: user.extend({ openSessions: z.array(openSession) }).meta({ id: 'UserPage' }),
  refusals: ['not_found'],
})

const acted = { tag: 'users', permission: 'users.manage', params: z.object({ id }) } as const
const refusals = ['not_found', 'own_account', 'reentry_needed', 'key_needs_person'] as const

export const lockUser = endpoint({
  ...acted,
  name: 'lockUser',
  method: 'POST',
  path: '/api/users/:id/lock',
  label: { zh: '锁定用户', en: 'Lock a user' },
  body: z.object({ reason: freeText(reasonLengthMin) }),
  output: user,
  refusals: [...refusals, 'last_administrator'],
})

export const unlockUser = endpoint({
  ...acted,
  name: 'unlockUser',
  method: 'POST',
  path: '/api/users/:id/unlock',
  label: { zh: '解锁用户', en: 'Unlock a user' },
  output: user,
  refusals,
})

export const resetPassword = endpoint({
  ...acted,
  name: 'resetPassword',
  method: 'POST',
  path: '/api/users/:id/password',
  label: { zh: '重置密码', en: 'Give a new password' },
  /** Told this once; the person sets one of their own at the next sign-in. */
  output: z.object({ password: z.string() }),
  refusals: [...refusals, 'password_elsewhere'],
})

export const takeSecondFactor = endpoint({
  ...acted,
  name: 'takeSecondFactor',
  method: 'DELETE',
  path: '/api/users/:id/second-factor',
  label: { zh: '清除两步验证', en: 'Take a lost second factor' },
  output: user,
  refusals,
})

export const endUserSessions = endpoint({
  ...acted,
  name: 'endUserSessions',
  method: 'DELETE',
  path: '/api/users/:id/sessions',
  label: { zh: '结束用户的全部会话', en: "End a user's sessions" },
  output: z.object({ ended: z.int() }),
  refusals: ['not_found'],
})

export const endUserSession = endpoint({
  ...acted,
  name: 'endUserSession',
  method: 'DELETE',
  path: '/api/users/:id/sessions/:session',
  label: { zh: '结束用户的一个会话', en: "End one of a user's sessions" },
  params: z.object({ id, session: id }),
  output: z.object({ ended: z.int() }),
  refusals: ['not_found'],
})

const signInName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[\p{L}\p{N}._@-]{2,80}$/u)
const displayName = z.string().trim().min(1).max(80)

/** Without a post it can do nothing yet: posts are given by another act. */
export const makePerson = endpoint({
  name: 'makePerson',
  tag: 'users',
  method: 'POST',
  path: '/api/users',
  label: { zh: '新建用户', en: 'Make a user' },
  permission: 'users.manage',
  body: z.object({
    name: signInName,
    displayName,
    staff: z.string().trim().min(1).max(40).optional().describe('code of the member of staff: whose book it is'),
    way: z
      .enum(['password', 'singleSignOn'])
      .default('password')
      .describe("singleSignOn: met by the bank's own sign-on, no password here"),
  }),
  /** The password is told this once and must be replaced at the first sign-in; null for single sign-on. */
  output: z.object({ user, password: z.string().nullable() }),
  status: 201,
  refusals: [
    'name_taken',
    'staff_taken',
    'not_found',
    'reentry_needed',
    'key_needs_person',
    'local_sign_in_off',
    'sso_off',
  ],
})

/** Programs as whoever gives them keys sees them. */
export const listPrograms = endpoint({
  name: 'listPrograms',
  tag: 'users',
  method: 'GET',
  path: '/api/programs',
  label: { zh: '系统接口', en: 'Programs' },
  permission: 'programs.manage',
  output: z.object({
    rows: z
      .array(
        z.object({
          id: z.int(),
          name: z.string(),
          displayName: z.string(),
          state: z.enum(userStates),
          unit: unitRef.nullable(),
          /** What of its permissions the session may put into a key of it. */
          grantable: z.array(z.enum(permissions)),
          /** The newest first, 50 at most. */
          keys: z.array(apiKey),
        }),
      )
      .max(500),
  }),
})

export const makeProgram = endpoint({
  name: 'makeProgram',
  tag: 'users',
  method: 'POST',
  path: '/api/programs',
  label: { zh: '新建系统接口', en: 'Make a program' },
  permission: 'programs.manage',
  body: z.object({
    name: signInName,
    displayName,
    unit: z.string().min(1).max(40).describe('code of the unit whose customers it sees'),
  }),
  output: user,
  status: 201,
  refusals: ['name_taken', 'not_found', 'reentry_needed', 'key_needs_person', 'permission_missing'],
})

export const listRoleFactors = endpoint({
  name: 'listRoleFactors',
  tag: 'users',
  method: 'GET',
  path: '/api/sign-in/roles',
  label: { zh: '各角色的两步验证要求', en: 'Second factors by role' },
  permission: 'users.read',
  output: z.object({
    rows: z
      .array(
        z.object({
          role: roleRef,
          /** Whoever holds it must enrol before anything else. */
          needed: z.boolean(),
          people: z.int(),
          /** Of them, those who have one. */
          enrolled: z.int(),
          /** Of them, those who have none and sign in by password, so that they must enrol where it is needed. */
          toEnrol: z.int(),
        }),
      )
      .max(200),
  }),
})

export const setRoleFactor = endpoint({
  name: 'setRoleFactor',
  tag: 'users',
  method: 'POST',
  path: '/api/sign-in/roles/:role',
  label: { zh: '设置角色的两步验证要求', en: 'Ask a role for a second factor' },
  permission: 'users.manage',
  params: z.object({ role: z.string().max(40) }),
  body: z.object({ needed: z.boolean() }),
  output: z.object({}),
  refusals: ['not_found', 'reentry_needed', 'key_needs_person'],
})
