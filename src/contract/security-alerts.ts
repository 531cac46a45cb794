/** Security alerts: what administrators and compliance officers must look at. */
import { z } from 'zod'
import { freeText, id, instant, pageOf, pageQuery, reasonLengthMin } from './common.ts'
import { endpoint } from './endpoint.ts'

export const securityAlertKinds = [
  'breakGlassUsed',
  'signInFailures',
  // Password or second factor of somebody who checks, by somebody else
  'checkerReset',
  // More than is usual within an hour, and refused
  'manyReveals',
  'manyExports',
  'manySearches',
  'manyChecks',
] as const
export type SecurityAlertKind = (typeof securityAlertKinds)[number]

export const securityAlert = z
  .object({
    id: z.int(),
    kind: z.enum(securityAlertKinds),
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

export const listSecurityAlerts = endpoint({
  name: 'listSecurityAlerts',
  tag: 'security alerts',
  method: 'GET',
  path: '/api/security-alerts',
  label: { zh: '安全告警', en: 'Security alerts' },
  permission: 'securityAlerts.read',
  query: pageQuery.extend({ state: z.enum(['open', 'acknowledged', 'all']).default('open') }),
  output: pageOf(securityAlert).extend({ total: z.int() }),
  refusals: ['cursor_invalid'],
})

export const acknowledgeSecurityAlert = endpoint({
  name: 'acknowledgeSecurityAlert',
  tag: 'security alerts',
  method: 'POST',
  path: '/api/security-alerts/:id/acknowledge',
  label: { zh: '确认安全告警', en: 'Acknowledge an alert' },
  permission: 'securityAlerts.acknowledge',
  params: z.object({ id }),
  body: z.object({ note: freeText(reasonLengthMin) }),
  output: z.object({}),
  refusals: ['not_found', 'security_alert_acknowledged'],
})
