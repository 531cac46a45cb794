/** Signing in and out, and what a session may do. */
import { z } from 'zod'
import { nightRef, unitRef } from './common.ts'
import { endpoint } from './endpoint.ts'
import { customerScopes, type FieldGroup, fieldReads, permissions, roleRef } from './permission.ts'

const read = z.enum(fieldReads)
const fieldRights = z.object({
  name: read,
  identity: read,
  contact: read,
  numbers: read,
  profile: read,
  money: read,
} satisfies Record<FieldGroup, typeof read>)

export const me = z
  .object({
    name: z.string(),
    displayName: z.string(),
    /** The roles held today and where, the oldest first. */
    posts: z.array(z.object({ role: roleRef, unit: unitRef.extend({ kind: z.string() }) })),
    /** By any post. */
    permissions: z.array(z.enum(permissions)),
    /** By the widest post. 'book': only customers assigned to oneself; 'subtree': the unit and below; 'none': nobody. */
    customers: z.enum(customerScopes),
    /** What of a customer is shown: hidden, masked or clear by group of fields. */
    fields: fieldRights,
    bank: z.object({ name: z.string(), nameEn: z.string() }),
    baseCurrency: z.string(),
    /** Decimal places of the base currency: fen to yuan is 2. */
    baseDecimals: z.int(),
    scheme: z.string(),
    lastNight: nightRef.nullable(),
    demo: z.boolean(),
    version: z.string(),
  })
  .meta({ id: 'Me' })

export const signIn = endpoint({
  name: 'signIn',
  tag: 'session',
  method: 'POST',
  path: '/api/session',
  label: { zh: '登录', en: 'Sign in' },
  permission: 'public',
  body: z.object({ name: z.string().min(1).max(80), password: z.string().min(1).max(200) }),
  output: me,
  refusals: ['sign_in_failed', 'sign_in_throttled', 'origin_refused'],
})

export const readSession = endpoint({
  name: 'readSession',
  tag: 'session',
  method: 'GET',
  path: '/api/session',
  label: { zh: '当前登录', en: 'Who is signed in' },
  permission: 'signedIn',
  output: me,
})

export const signOut = endpoint({
  name: 'signOut',
  tag: 'session',
  method: 'DELETE',
  path: '/api/session',
  label: { zh: '退出', en: 'Sign out' },
  permission: 'signedIn',
  output: z.object({}),
})

export const changePassword = endpoint({
  name: 'changePassword',
  tag: 'session',
  method: 'POST',
  path: '/api/session/password',
  label: { zh: '修改本人密码', en: 'Change the own password' },
  permission: 'signedIn',
  body: z.object({ password: z.string().min(1).max(200), newPassword: z.string().min(1).max(200) }),
  /** How many other sessions of this person ended. */
  output: z.object({ sessionsEnded: z.int() }),
  refusals: ['password_wrong', 'password_weak', 'sign_in_throttled', 'key_needs_person', 'origin_refused'],
})

export const demoSignIns = endpoint({
  name: 'demoSignIns',
  tag: 'session',
  method: 'GET',
  path: '/api/session/demo',
  label: { zh: '演示登录', en: 'Demo sign-ins' },
  permission: 'public',
  output: z.object({
    /** Empty outside demo mode. */
    logins: z.array(
      z.object({
        name: z.string(),
        password: z.string(),
        displayName: z.string(),
        role: roleRef,
        unit: unitRef,
      }),
    ),
  }),
})
