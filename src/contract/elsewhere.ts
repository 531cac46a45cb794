/** Customers of others: found masked, asked for with a reason, granted for a time; single fields revealed. */
import { z } from 'zod'
import { freeText, id, instant, pageOf, pageQuery, unitRef, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'

const customerNo = z.string().min(1).max(64)
/** So that a reason says something. */
export const sightReasonLengthMin = 4
const reason = freeText(sightReasonLengthMin)

export const findElsewhere = endpoint({
  name: 'findElsewhere',
  tag: 'access',
  method: 'GET',
  path: '/api/elsewhere',
  label: { zh: '查找其他机构客户', en: 'Find a customer of another unit' },
  permission: 'customers.find',
  /** A whole customer, phone or identity number; nothing is found by a part. */
  query: z.object({ q: z.string().trim().min(4).max(64) }),
  output: z.object({
    rows: z.array(
      z.object({
        customerNo: z.string(),
        kind: z.enum(['person', 'company']),
        /** Masked. */
        name: z.string(),
        unit: unitRef,
        /** Name of the relationship manager. */
        rm: z.string().nullable(),
        /** A request of one's own is waiting. */
        asked: z.boolean(),
      }),
    ),
  }),
  refusals: ['volume_unusual'],
})

export const blindCheck = endpoint({
  name: 'blindCheck',
  tag: 'access',
  method: 'POST',
  path: '/api/elsewhere/check',
  label: { zh: '新客户查重', en: 'Is somebody a customer already?' },
  permission: 'customers.find',
  body: z.object({ identityNo: z.string().trim().min(4).max(40) }),
  /** The unit to ask, and nothing else. */
  output: z.object({ exists: z.boolean(), unit: unitRef.nullable() }),
  refusals: ['volume_unusual', 'origin_refused'],
})

export const accessRequest = z
  .object({
    id: z.string(),
    customerNo: z.string(),
    /** Masked. */
    name: z.string(),
    unit: unitRef,
    askedBy: z.string(),
    reason: z.string(),
    hours: z.int(),
    askedAt: instant,
    status: z.enum(['open', 'granted', 'declined', 'withdrawn', 'ended']),
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
    note: z.string().nullable(),
    /** Until when the customer is or was visible. */
    until: instant.nullable(),
    /** Whoever asks is the one who asked for it. */
    own: z.boolean(),
  })
  .meta({ id: 'AccessRequest' })

export const requestAccess = endpoint({
  name: 'requestAccess',
  tag: 'access',
  method: 'POST',
  path: '/api/access-requests',
  label: { zh: '申请查看客户', en: 'Ask for a customer of another unit' },
  permission: 'customers.find',
  body: z.object({ customerNo, reason, hours: z.int().min(1).max(720).default(24) }),
  output: accessRequest,
  status: 201,
  refusals: ['not_found', 'request_open', 'customer_visible', 'key_needs_person', 'origin_refused'],
})

export const listAccessRequests = endpoint({
  name: 'listAccessRequests',
  tag: 'access',
  method: 'GET',
  path: '/api/access-requests',
  label: { zh: '查看申请', en: 'Requests for customers' },
  permission: 'customers.find',
  query: z.object({
    ...pageQuery.shape,
    /** 'own': asked by oneself; 'others': for customers that one sees. */
    box: z.enum(['own', 'others']).default('own'),
    status: z.enum(['open', 'decided']).optional(),
  }),
  output: pageOf(accessRequest),
  refusals: ['cursor_invalid'],
})

export const decideAccessRequest = endpoint({
  name: 'decideAccessRequest',
  tag: 'access',
  method: 'POST',
  path: '/api/access-requests/:id/decide',
  label: { zh: '处理查看申请', en: 'Grant or decline a request' },
  permission: 'access.grant',
  params: z.object({ id }),
  body: z.object({
    decision: z.enum(['granted', 'declined']),
    hours: wholeNumber(1, 720).optional(),
    note: freeText(0).optional(),
  }),
  output: accessRequest,
  refusals: ['not_found', 'request_decided', 'own_proposal', 'key_needs_person', 'origin_refused'],
})

export const endAccess = endpoint({
  name: 'endAccess',
  tag: 'access',
  method: 'DELETE',
  path: '/api/access-requests/:id',
  label: { zh: '撤回申请或终止查看', en: 'Withdraw a request or end what was granted' },
  permission: 'customers.find',
  params: z.object({ id }),
  output: accessRequest,
  refusals: ['not_found', 'request_decided', 'origin_refused'],
})

export const revealedFields = ['name', 'identityNo', 'phone', 'email', 'address'] as const

export const revealField = endpoint({
  name: 'revealField',
  tag: 'access',
  method: 'POST',
  path: '/api/customers/:no/reveal',
  label: { zh: '显示一项个人信息', en: 'Reveal one field' },
  permission: 'customers.reveal',
  params: z.object({ no: customerNo }),
  body: z.object({ field: z.enum(revealedFields), reason }),
  /** `seconds`: how long a page shows it. */
  output: z.object({ value: z.string().nullable(), seconds: z.int() }),
  refusals: ['not_found', 'field_hidden', 'volume_unusual', 'key_needs_person', 'origin_refused'],
})
