/** Proposals: changes of tier that wait for a person. */
import { z } from 'zod'
import { fenText, freeText, instant, nightRef, ordinals, pageOf, pageQuery, path, tierRef, unitRef } from './common.ts'
import { endpoint } from './endpoint.ts'

export const proposal = z
  .object({
    id: z.string(),
    night: nightRef,
    customerNo: z.string(),
    name: z.string(),
    unit: unitRef,
    fromTier: tierRef.nullable(),
    toTier: tierRef,
    direction: z.enum(['rise', 'fall']),
    reason: z.string(),
    status: z.enum(['open', 'accepted', 'declined', 'withdrawn']),
    /** Of the last published night; null when it did not know the customer. */
    averageFen: fenText.nullable(),
    /** Of the household of that night; null without a household path. */
    householdAverageFen: fenText.nullable(),
    /** How that night's tier was reached. */
    path: path.nullable(),
    /** The tier for which the customer qualifies in that night. */
    qualifiedNow: tierRef.nullable(),
    /** Whether that night still says what is proposed; null when it did not know the customer. */
    holds: z.boolean().nullable(),
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'Proposal' })

export const listProposals = endpoint({
  name: 'listProposals',
  tag: 'proposals',
  method: 'GET',
  path: '/api/proposals',
  label: { zh: '定级建议', en: 'Proposals' },
  permission: 'proposals.read',
  query: z.object({
    ...pageQuery.shape,
    status: z.enum(['open', 'accepted', 'declined', 'withdrawn']).default('open'),
    direction: z.enum(['rise', 'fall']).optional(),
    toTier: ordinals.optional(),
    unit: z.string().max(32).optional(),
  }),
  /** `total`: rows under the same filters. */
  output: pageOf(proposal).extend({ total: z.int() }),
  refusals: ['not_found', 'cursor_invalid'],
})

export const decideProposals = endpoint({
  name: 'decideProposals',
  tag: 'proposals',
  method: 'POST',
  path: '/api/proposals/decide',
  label: { zh: '复核定级建议', en: 'Accept or decline proposals' },
  permission: 'proposals.decide',
  body: z.object({
    decision: z.enum(['accepted', 'declined']),
    ids: z
      .array(z.string().regex(/^\d{1,18}$/))
      .min(1)
      .max(500),
    note: freeText(0).optional(),
  }),
  output: z.object({ decided: z.int() }),
  refusals: ['not_found', 'proposal_decided', 'origin_refused'],
})
