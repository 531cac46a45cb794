/** Signing in and out, and what a session may do. */
import { z } from 'zod'
import { instant, nightRef, unitInBoth, yes } from './common.ts'
import { endpoint } from './endpoint.ts'
import { customerScopes, editableFields, fieldRights, permissions, roleRef } from './permission.ts'

export const me = z
  .object({
    name: z.string(),
    displayName: z.string(),
    /** What must be done before anything else; until then there are no posts. */
    awaits: z.enum(['code', 'password', 'enrol']).nullable(),
    kind: z.enum(['person', 'program', 'breakGlass']),
    /** How this session was opened; null for a key. */
    origin: z.enum(['password', 'oidc']).nullable(),
    hasSecondFactor: z.boolean(),
    /** Until when sensitive acts go on without asking for password or code. */
    reenteredUntil: instant.nullable(),
    /** The roles held today and where, the oldest first. */
    posts: z.array(z.object({ role: roleRef, unit: unitInBoth.extend({ kind: z.string() }) })),
    /** By any post. */
    permissions: z.array(z.enum(permissions)),
    /** Those held at the top of the tree: what speaks of the whole bank asks for them there. */
    permissionsAtTop: z.array(z.enum(permissions)),
    /** By the widest post. 'book': only customers assigned to oneself; 'subtree': the unit and below; 'none': nobody. */
    customers: z.enum(customerScopes),
    /** What of a customer is shown: hidden, masked or clear by group of fields. */
    fields: fieldRights,
    /** What of a person's facts may be edited, where customers.edit is held. */
    edits: z.array(z.enum(editableFields)),
    bank: z.object({ name: z.string(), nameEn: z.string() }),
    baseCurrency: z.string(),
    /** Decimal places of the base currency: fen to yuan is 2. */
    baseDecimals: z.int(),
    scheme: z.string(),
    lastNight: nightRef.nullable(),
    /** An export of more rows asks for a second person. */
    exportRowsFree: z.int(),
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
  refusals: ['sign_in_failed', 'sign_in_throttled', 'sign_in_locked', 'local_sign_in_off', 'break_glass_spent'],
})

/** The second step where a second factor is enrolled: a code of the device, or a recovery code. */
export const enterCode = endpoint({
  name: 'enterCode',
  tag: 'session',
  method: 'POST',
  path: '/api/session/code',
  label: { zh: '输入验证码', en: 'Enter the code' },
  permission: 'entering',
  body: z.object({ code: z.string().trim().min(6).max(40) }),
  output: me,
  refusals: ['code_wrong', 'sign_in_throttled', 'key_needs_person'],
})

export const reenter = endpoint({
  name: 'reenter',
  tag: 'session',
  method: 'POST',
  path: '/api/session/reenter',
  label: { zh: '再次确认身份', en: 'Enter password or code again' },
  permission: 'entering',
  body: z.union([
    z.object({ password: z.string().min(1).max(200) }),
    z.object({ code: z.string().trim().min(6).max(40) }),
  ]),
  output: me,
  refusals: ['password_wrong', 'code_wrong', 'sign_in_throttled', 'key_needs_person'],
})

export const signInWays = endpoint({
  name: 'signInWays',
  tag: 'session',
  method: 'GET',
  path: '/api/session/ways',
  label: { zh: '登录方式', en: 'Ways to sign in' },
  permission: 'public',
  output: z.object({
    /** False: people come by the bank's own sign-on only; the form is for break-glass accounts. */
    password: z.boolean(),
    singleSignOn: z.boolean(),
    passwordLengthMin: z.int(),
  }),
})

/** A path of the page, never of another site: browsers leave out tabs and line ends, and '/\t/other' becomes '//other'. */
const pagePath = z
  .string()
  .max(600)
  .regex(/^\/(?![/\\])[\x21-\x7e]*$/)

export const startSingleSignOn = endpoint({
  name: 'startSingleSignOn',
  tag: 'session',
  method: 'GET',
  path: '/api/session/oidc',
  label: { zh: '前往单点登录', en: "Go to the bank's own sign-on" },
  permission: 'public',
  query: z.object({
    to: pagePath.default('/').describe('where the browser comes back to'),
    reenter: yes.default('false').describe('asks the person to prove who it is once more'),
  }),
  output: z.string(),
  status: 302,
  answers: 'redirect',
  refusals: ['sso_off', 'sso_unreachable'],
})

export const finishSingleSignOn = endpoint({
  name: 'finishSingleSignOn',
  tag: 'session',
  method: 'GET',
  path: '/api/session/oidc/callback',
  label: { zh: '单点登录返回', en: "Come back from the bank's own sign-on" },
  permission: 'public',
  query: z.record(z.string().max(100), z.string().max(4000)),
  output: z.string(),
  status: 302,
  answers: 'redirect',
  refusals: ['sso_off'],
})

/** Back-channel logout (OpenID Connect): the provider says that somebody signed out there. */
export const singleSignOut = endpoint({
  name: 'singleSignOut',
  tag: 'session',
  method: 'POST',
  path: '/api/session/oidc/logout',
  label: { zh: '单点登出通知', en: 'Signed out elsewhere' },
  permission: 'public',
  takes: 'form',
  body: z.object({ logout_token: z.string().max(20_000) }),
  output: z.object({}),
  refusals: ['sso_off', 'sso_failed', 'sso_unreachable'],
})

export const readSession = endpoint({
  name: 'readSession',
  tag: 'session',
  method: 'GET',
  path: '/api/session',
  label: { zh: '当前登录', en: 'Who is signed in' },
  permission: 'entering',
  output: me,
})

export const signOut = endpoint({
  name: 'signOut',
  tag: 'session',
  method: 'DELETE',
  path: '/api/session',
  label: { zh: '退出', en: 'Sign out' },
  permission: 'entering',
  /** Where the browser goes on to sign out at the bank's own sign-on; null when it need not. */
  output: z.object({ leaveBy: z.string().nullable() }),
})

export const changePassword = endpoint({
  name: 'changePassword',
  tag: 'session',
  method: 'POST',
  path: '/api/session/password',
  label: { zh: '修改本人密码', en: 'Change the own password' },
  permission: 'entering',
  body: z.object({ password: z.string().min(1).max(200), newPassword: z.string().min(1).max(200) }),
  /** How many other sessions of this person ended. */
  output: z.object({ sessionsEnded: z.int() }),
  refusals: ['password_wrong', 'password_weak', 'sign_in_throttled', 'key_needs_person', 'sign_in_unfinished'],
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
        unit: unitInBoth,
      }),
    ),
  }),
})
