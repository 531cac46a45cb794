/** Keys for programs: a bearer token that acts as its login, within its scopes, until it expires or is revoked. */
import { z } from 'zod'
import { id, instant, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'
import { permissions } from './permission.ts'

export const apiKey = z
  .object({
    id: z.int(),
    name: z.string(),
    login: z.string(),
    /** Null: whatever the login may do. */
    scopes: z.array(z.enum(permissions)).nullable(),
    createdAt: instant,
    expiresAt: instant,
    usedAt: instant.nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ApiKey' })

export const listKeys = endpoint({
  name: 'listKeys',
  tag: 'keys',
  method: 'GET',
  path: '/api/keys',
  label: { zh: '接口密钥', en: 'Keys' },
  permission: 'keys.own',
  query: z.object({ login: z.string().max(80).optional().describe('only keys of this sign-in name') }),
  output: z.object({ rows: z.array(apiKey).max(500) }),
})

export const createKey = endpoint({
  name: 'createKey',
  tag: 'keys',
  method: 'POST',
  path: '/api/keys',
  label: { zh: '新建接口密钥', en: 'Create a key' },
  permission: 'keys.own',
  body: z.object({
    name: z.string().trim().min(1).max(80),
    days: wholeNumber(1, 366).default(90),
    scopes: z
      .array(z.enum(permissions))
      .min(1)
      .optional()
      .describe('a part of what the login may do; all when missing'),
    program: z.string().max(80).optional().describe('name of a program that it acts as; takes programs.manage'),
  }),
  /** `token` is shown this once; only its hash is kept. */
  output: z.object({ key: apiKey, token: z.string() }),
  status: 201,
  refusals: ['key_needs_person', 'reentry_needed', 'scope_beyond', 'not_found', 'permission_missing'],
})

export const revokeKey = endpoint({
  name: 'revokeKey',
  tag: 'keys',
  method: 'DELETE',
  path: '/api/keys/:id',
  label: { zh: '停用接口密钥', en: 'Revoke a key' },
  permission: 'keys.own',
  params: z.object({ id }),
  output: apiKey,
  refusals: ['not_found', 'origin_refused'],
})
