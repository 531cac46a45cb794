/** Nights: what ran, the pyramid, movements between two nights, and what corrected files would have changed. */
import { z } from 'zod'
import { proposed, reason } from './approvals.ts'
import { unitChange, unitKinds } from './changes.ts'
import {
  dayOut,
  dayText,
  fenText,
  freeText,
  id,
  instant,
  nightRef,
  pageOf,
  pageQuery,
  share,
  tierRef,
  unitRef,
} from './common.ts'
import { endpoint } from './endpoint.ts'

export const night = z
  .object({
    id: z.int(),
    day: dayOut,
    scheme: z.string(),
    policyVersion: z.int(),
    status: z.enum(['running', 'published', 'failed', 'abandoned', 'replayed']),
    /** The one that readers see now. */
    isCurrent: z.boolean(),
    isCutOff: z.boolean(),
    /** The step under way. */
    step: z.string().nullable(),
    steps: z.array(z.object({ name: z.string(), digest: z.string().nullable(), seconds: z.number().nullable() })),
    digest: z.string().nullable(),
    replayOf: z.int().nullable(),
    customers: z.int().nullable(),
    startedAt: instant,
    finishedAt: instant.nullable(),
    publishedAt: instant.nullable(),
    /** Why it failed, in both languages. */
    failure: z.object({ code: z.string(), zh: z.string(), en: z.string() }).nullable(),
    /** Since when a later load has changed facts of its window. */
    staleSince: instant.nullable(),
    staleLoadId: z.int().nullable(),
  })
  .meta({ id: 'Night' })
export type Night = z.output<typeof night>

const nightId = z.object({ id })

export const listNights = endpoint({
  name: 'listNights',
  tag: 'nights',
  method: 'GET',
  path: '/api/nights',
  label: { zh: '跑批', en: 'Nights' },
  permission: 'nights.read',
  query: z.object({ ...pageQuery.shape, scheme: z.string().max(40).optional() }),
  output: pageOf(night),
  refusals: ['cursor_invalid'],
})

export const readNight = endpoint({
  name: 'readNight',
  tag: 'nights',
  method: 'GET',
  path: '/api/nights/:id',
  label: { zh: '一次跑批', en: 'One night' },
  permission: 'nights.read',
  params: nightId,
  output: night.extend({ manifest: z.unknown() }),
  refusals: ['not_found'],
})

export const startNight = endpoint({
  name: 'startNight',
  tag: 'nights',
  method: 'POST',
  path: '/api/nights',
  label: { zh: '开始跑批', en: 'Run a night' },
  permission: 'nights.run',
  body: z.object({ day: dayText, scheme: z.string().max(40).optional() }),
  /** Follow it through GET /api/events or GET /api/nights. */
  output: z.object({ queued: z.literal(true), day: dayOut }),
  status: 202,
  refusals: ['night_busy', 'night_day_invalid', 'origin_refused'],
})

export const pyramid = z
  .object({
    night: nightRef,
    /** The unit asked for; null for all that this session may see. */
    unit: unitRef.nullable(),
    /** Highest tier first; tier 0 stands last when somebody has none. */
    tiers: z.array(
      z.object({
        tier: tierRef,
        customers: z.int(),
        assetsFen: fenText,
        /** Sum of the customers' daily averages. */
        averageFen: fenText,
        customersShare: share,
        assetsShare: share,
      }),
    ),
    total: z.object({ customers: z.int(), assetsFen: fenText, averageFen: fenText }),
    /** Customers for whom the scheme is not, as companies under the personal one; in no figure above. */
    outside: z.int(),
  })
  .meta({ id: 'Pyramid' })

export const readPyramid = endpoint({
  name: 'readPyramid',
  tag: 'nights',
  method: 'GET',
  path: '/api/nights/:id/pyramid',
  label: { zh: '金字塔', en: 'Pyramid' },
  permission: 'pyramid.read',
  /** 'current' is the night that is published now. */
  params: z.object({ id: z.union([z.literal('current'), id]) }),
  query: z.object({ unit: z.string().max(32).optional() }),
  output: pyramid,
  refusals: ['not_found', 'night_missing'],
})

export const readFlows = endpoint({
  name: 'readFlows',
  tag: 'nights',
  method: 'GET',
  path: '/api/nights/:id/flows',
  label: { zh: '等级流动', en: 'Movements between tiers' },
  permission: 'pyramid.read',
  params: z.object({ id: z.union([z.literal('current'), id]) }),
  query: z.object({
    /** Default: the published night before it. */
    from: id.optional(),
    unit: z.string().max(32).optional(),
  }),
  output: z.object({
    night: nightRef,
    /** Null when there is no earlier night. */
    from: nightRef.nullable(),
    /** Nights that can be compared with this one, newest first. */
    comparable: z.array(nightRef),
    links: z.array(z.object({ fromTier: tierRef, toTier: tierRef, customers: z.int() })),
    rises: z.int(),
    falls: z.int(),
    same: z.int(),
  }),
  refusals: ['not_found', 'night_missing'],
})

export const wouldHaveBeen = z
  .object({
    customerNo: z.string(),
    name: z.string(),
    unit: unitRef,
    publishedTier: tierRef,
    wouldTier: tierRef,
    /** Null for whoever does not read money. */
    publishedAverageFen: fenText.nullable(),
    wouldAverageFen: fenText.nullable(),
    loadId: z.int().nullable(),
    decision: z.enum(['accepted', 'declined']).nullable(),
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
  })
  .meta({ id: 'WouldHaveBeen' })

export const listWouldHaveBeen = endpoint({
  name: 'listWouldHaveBeen',
  tag: 'nights',
  method: 'GET',
  path: '/api/nights/:id/would-have-been',
  label: { zh: '更正后的差异', en: 'What it would have been' },
  permission: 'customers.read',
  params: nightId,
  query: z.object({ ...pageQuery.shape, decision: z.enum(['open', 'accepted', 'declined']).optional() }),
  output: pageOf(wouldHaveBeen).extend({ night: nightRef, open: z.int(), accepted: z.int(), declined: z.int() }),
  refusals: ['not_found', 'cursor_invalid'],
})

export const decideWouldHaveBeen = endpoint({
  name: 'decideWouldHaveBeen',
  tag: 'nights',
  method: 'POST',
  path: '/api/nights/:id/would-have-been/decide',
  label: { zh: '处理差异', en: 'Accept or decline differences' },
  permission: 'nights.decide',
  params: nightId,
  body: z.object({
    decision: z.enum(['accepted', 'declined']),
    customerNos: z.array(z.string().max(64)).min(1).max(500),
    note: freeText(0).optional(),
  }),
  output: z.object({ decided: z.int() }),
  refusals: ['not_found', 'difference_decided', 'origin_refused'],
})

const counts = { customers: z.int(), assetsFen: fenText }

export const unitNode = z
  .object({
    code: z.string(),
    name: z.string(),
    nameEn: z.string().nullable(),
    kind: z.enum(unitKinds),
    /** Null for the topmost that this session may see. */
    parentCode: z.string().nullable(),
    closedOn: dayOut.nullable(),
    /** Including everything below, of the last published night. */
    customers: z.int(),
    assetsFen: fenText,
    staff: z.int(),
    tiers: z.array(z.object({ tier: tierRef, ...counts })),
  })
  .meta({ id: 'UnitNode' })

export const listUnits = endpoint({
  name: 'listUnits',
  tag: 'units',
  method: 'GET',
  path: '/api/units',
  label: { zh: '机构树', en: 'Organisation tree' },
  permission: 'pyramid.read',
  /** The tree as it stood on that day, with the figures of the last night until then; none: as it stands. */
  query: z.object({ day: dayText.optional() }),
  output: z.object({ night: nightRef.nullable(), units: z.array(unitNode) }),
})

export const proposeUnit = endpoint({
  name: 'proposeUnit',
  tag: 'units',
  method: 'POST',
  path: '/api/units',
  label: { zh: '申请变更机构', en: 'Propose a change of the organisation' },
  permission: 'units.manage',
  body: z.object({ change: unitChange, reason }),
  output: proposed,
  refusals: ['not_found', 'approval_open', 'last_administrator', 'unit_closed', 'unit_known', 'unit_misplaced'],
})
