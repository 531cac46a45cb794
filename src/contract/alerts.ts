/** Security alerts: what administrators and compliance officers must look at. */
import { z } from 'zod'
import { id, instant, pageOf, pageQuery } from './common.ts'
import { endpoint } from './endpoint.ts'

export const alertKinds = [
  'breakGlassUsed',
  'signInFailures',
  // More than is usual within an hour, and refused
  'manyReveals',
  'manyExports',
  'manySearches',
  'manyChecks',
] as const
export type AlertKind = (typeof alertKinds)[number]

export const securityAlert = z
  .object({
    id: z.int(),
    kind: z.enum(alertKinds),
    /** 'login:17', 'key:3', 'address:10.0.0.4' or 'everywhere'. */
    about: z.string(),
    firstAt: instant,
    lastAt: instant,
    times: z.int(),
    login: z.object({ name: z.string(), displayName: z.string() }).nullable(),
    address: z.string().nullable(),
    acknowledged: z.object({ at: instant, by: z.string(), note: z.string() }).nullable(),
  })
  .meta({ id: 'SecurityAlert' })

export const listAlerts = endpoint({
  name: 'listAlerts',
  tag: 'alerts',
  method: 'GET',
  path: '/api/alerts',
  label: { zh: '安全告警', en: 'Security alerts' },
  permission: 'alerts.read',
  query: pageQuery.extend({ state: z.enum(['open', 'acknowledged', 'all']).default('open') }),
  output: pageOf(securityAlert).extend({ total: z.int() }),
  refusals: ['cursor_invalid'],
})

export const acknowledgeAlert = endpoint({
  name: 'acknowledgeAlert',
  tag: 'alerts',
  method: 'POST',
  path: '/api/alerts/:id/acknowledge',
  label: { zh: '确认安全告警', en: 'Acknowledge an alert' },
  permission: 'alerts.acknowledge',
  params: z.object({ id }),
  body: z.object({ note: z.string().trim().min(1).max(500) }),
  output: z.object({}),
  refusals: ['not_found', 'alert_acknowledged'],
})
