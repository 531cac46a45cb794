/** Tier policies, and what another policy would do. */
import { z } from 'zod'
import { proposed, reason } from './approvals.ts'
import { policyChange } from './changes.ts'
import { dayOut, fenText, instant, nightRef, tierRef } from './common.ts'
import { endpoint } from './endpoint.ts'

export const policy = z
  .object({
    id: z.int(),
    scheme: z.string(),
    version: z.int(),
    name: z.string(),
    nameEn: z.string(),
    sha256: z.string(),
    /** 'inForce': used on the day of the published night; 'planned': its day has not come. */
    status: z.enum(['draft', 'planned', 'inForce', 'superseded']),
    inForceFrom: dayOut.nullable(),
    recordedAt: instant,
    recordedBy: z.string(),
  })
  .meta({ id: 'Policy' })

export const policyTier = z
  .object({
    ordinal: z.int(),
    code: z.string(),
    zh: z.string(),
    en: z.string(),
    /** Null: no bar on that path (the entry tier asks for a valid identity only). */
    individualFen: fenText.nullable(),
    householdFen: fenText.nullable(),
    /** A shipped default that the bank has not confirmed yet. */
    confirm: z.boolean(),
    /** A rise into it needs a second person. */
    secondPerson: z.boolean(),
  })
  .meta({ id: 'PolicyTier' })

export const listPolicies = endpoint({
  name: 'listPolicies',
  tag: 'policies',
  method: 'GET',
  path: '/api/policies',
  label: { zh: '分级政策', en: 'Policies' },
  permission: 'policies.read',
  output: z.object({ rows: z.array(policy) }),
})

export const draftPolicy = endpoint({
  name: 'draftPolicy',
  tag: 'policies',
  method: 'POST',
  path: '/api/policies',
  label: { zh: '上传政策草案', en: 'Upload a draft' },
  permission: 'policies.manage',
  /** The whole policy as YAML. It is checked and kept as a draft, which changes nothing. */
  body: z.object({ source: z.string().min(1).max(200_000) }),
  output: policy,
  status: 201,
  refusals: ['policy_invalid', 'currency_differs'],
})

export const proposePolicy = endpoint({
  name: 'proposePolicy',
  tag: 'policies',
  method: 'POST',
  path: '/api/policies/propose',
  label: { zh: '申请政策生效', en: 'Propose to put a draft in force' },
  permission: 'policies.manage',
  body: z.object({ change: policyChange, reason }),
  output: proposed,
  refusals: ['not_found', 'approval_open'],
})

/** Any session may read it: names of tiers are shown everywhere. */
export const currentPolicy = endpoint({
  name: 'currentPolicy',
  tag: 'policies',
  method: 'GET',
  path: '/api/policies/current',
  label: { zh: '现行政策', en: 'The policy in force' },
  permission: 'signedIn',
  query: z.object({ scheme: z.string().max(40).optional() }),
  output: z.object({
    policy,
    /** The YAML itself. */
    source: z.string(),
    baseCurrency: z.string(),
    window: z.object({ days: z.int(), kind: z.string() }),
    householdRule: z.enum(['mean', 'sum']),
    /** Kind of customer that the scheme is for. */
    appliesTo: z.enum(['person', 'company', 'everyone']),
    /** Lowest first; ordinal 0 (no tier) is not in it. */
    tiers: z.array(policyTier),
  }),
  refusals: ['policy_missing'],
})

export const simulate = endpoint({
  name: 'simulate',
  tag: 'policies',
  method: 'POST',
  path: '/api/simulate',
  label: { zh: '政策试算', en: 'Simulate a policy' },
  permission: 'policies.simulate',
  body: z.object({
    scheme: z.string().max(40).optional(),
    /** A whole policy as YAML; or only other bars and household rule for the policy in force. */
    policy: z.string().max(200_000).optional(),
    bars: z
      .array(
        z.object({
          tier: z.string().max(40),
          individualFen: z
            .string()
            .regex(/^\d{1,18}$/)
            .optional(),
          householdFen: z
            .string()
            .regex(/^\d{1,18}$/)
            .optional(),
        }),
      )
      .max(20)
      .optional(),
    householdRule: z.enum(['mean', 'sum']).optional(),
  }),
  output: z.object({
    night: nightRef,
    milliseconds: z.number(),
    tiers: z.array(z.object({ tier: tierRef, before: z.int(), after: z.int(), assetsFen: fenText })),
    moves: z.array(z.object({ fromTier: tierRef, toTier: tierRef, customers: z.int(), assetsFen: fenText })),
    rises: z.int(),
    falls: z.int(),
    same: z.int(),
  }),
  refusals: ['policy_invalid', 'night_missing', 'engine_busy', 'engine_timeout', 'origin_refused'],
})
