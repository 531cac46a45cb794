/** What people do about their own sign-in: sessions and second factor. */
import { z } from 'zod'
import { id, instant } from './common.ts'
import { endpoint } from './endpoint.ts'

export const openSession = z
  .object({
    id: z.int(),
    createdAt: instant,
    seenAt: instant,
    expiresAt: instant,
    address: z.string().nullable(),
    /** As the browser names itself. */
    agent: z.string().nullable(),
    origin: z.enum(['password', 'oidc']),
    /** The one that asks. */
    current: z.boolean(),
  })
  .meta({ id: 'OpenSession' })

const ended = z.object({ ended: z.int() })

export const listOwnSessions = endpoint({
  name: 'listOwnSessions',
  tag: 'my security',
  method: 'GET',
  path: '/api/my/sessions',
  label: { zh: '我的会话', en: 'My sessions' },
  permission: 'signedIn',
  output: z.object({ rows: z.array(openSession).max(200) }),
})

export const endOwnSession = endpoint({
  name: 'endOwnSession',
  tag: 'my security',
  method: 'DELETE',
  path: '/api/my/sessions/:id',
  label: { zh: '结束我的一个会话', en: 'End one of my sessions' },
  permission: 'signedIn',
  params: z.object({ id }),
  output: ended,
  refusals: ['not_found'],
})

export const endOtherSessions = endpoint({
  name: 'endOtherSessions',
  tag: 'my security',
  method: 'DELETE',
  path: '/api/my/sessions',
  label: { zh: '结束我的其他会话', en: 'End my other sessions' },
  permission: 'signedIn',
  output: ended,
})

export const readSecondFactor = endpoint({
  name: 'readSecondFactor',
  tag: 'my security',
  method: 'GET',
  path: '/api/my/second-factor',
  label: { zh: '我的两步验证', en: 'My second factor' },
  permission: 'entering',
  output: z.object({ enrolledAt: instant.nullable(), needed: z.boolean(), recoveryCodesLeft: z.int() }),
})

export const beginSecondFactor = endpoint({
  name: 'beginSecondFactor',
  tag: 'my security',
  method: 'POST',
  path: '/api/my/second-factor',
  label: { zh: '开始启用两步验证', en: 'Begin to enrol a second factor' },
  permission: 'entering',
  /** Told this once: `uri` for a QR code, `secret` for whoever cannot scan it. */
  output: z.object({ secret: z.string(), uri: z.string() }),
  status: 201,
  refusals: ['second_factor_there', 'sign_in_unfinished', 'reentry_needed', 'key_needs_person'],
})

/** Told this once. */
const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })

export const confirmSecondFactor = endpoint({
  name: 'confirmSecondFactor',
  tag: 'my security',
  method: 'POST',
  path: '/api/my/second-factor/confirm',
  label: { zh: '确认两步验证', en: 'Show the first code' },
  permission: 'entering',
  body: z.object({
    code: z
      .string()
      .trim()
      .regex(/^\d{6}$/),
  }),
  output: recoveryCodes,
  refusals: [
    'code_wrong',
    'second_factor_there',
    'sign_in_unfinished',
    'reentry_needed',
    'sign_in_throttled',
    'key_needs_person',
  ],
})

export const renewRecoveryCodes = endpoint({
  name: 'renewRecoveryCodes',
  tag: 'my security',
  method: 'POST',
  path: '/api/my/recovery-codes',
  label: { zh: '重新生成恢复码', en: 'New recovery codes' },
  permission: 'signedIn',
  output: recoveryCodes,
  refusals: ['reentry_needed', 'second_factor_missing', 'key_needs_person'],
})

export const removeSecondFactor = endpoint({
  name: 'removeSecondFactor',
  tag: 'my security',
  method: 'DELETE',
  path: '/api/my/second-factor',
  label: { zh: '停用两步验证', en: 'Remove the second factor' },
  permission: 'signedIn',
  output: z.object({}),
  refusals: ['reentry_needed', 'second_factor_required', 'key_needs_person'],
})
