/** Papers of another unit: opened by a rule, or asked for and released for some days. */
import { z } from 'zod'
import { dayOut, freeText, id, instant, pageOf, pageQuery, reasonLengthMin, unitRef, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'
import { basis, kindCode, paperId, paperKind, purpose } from './papers.ts'

export const paperDaysMax = 90
const days = wholeNumber(1, paperDaysMax)

export const paperRequest = z
  .object({
    id: z.string(),
    paperId: z.string(),
    customerNo: z.string(),
    /** Masked. */
    name: z.string(),
    kind: paperKind,
    validUntil: dayOut.nullable(),
    /** That holds the paper. */
    unit: unitRef,
    askedBy: z.string(),
    purpose,
    /** Null once the customer was erased. */
    reason: z.string().nullable(),
    days: z.int(),
    askedAt: instant,
    status: z.enum(['open', 'released', 'refused', 'withdrawn', 'ended']),
    decidedBy: z.string().nullable(),
    decidedAt: instant.nullable(),
    note: z.string().nullable(),
    until: instant.nullable(),
    /** Whoever reads this asked for it. */
    own: z.boolean(),
  })
  .meta({ id: 'PaperRequest' })

export const requestPaper = endpoint({
  name: 'requestPaper',
  tag: 'papers',
  method: 'POST',
  path: '/api/papers/:id/requests',
  label: { zh: '申请调阅材料', en: 'Ask for a paper of another unit' },
  permission: 'papers.open',
  params: paperId,
  body: z.object({ purpose, reason: freeText(4), days: days.default(7) }),
  output: paperRequest,
  status: 201,
  refusals: [
    'not_found',
    'paper_open_already',
    'paper_not_valid',
    'paper_gone',
    'paper_request_open',
    'key_needs_person',
    'origin_refused',
  ],
})

export const listPaperRequests = endpoint({
  name: 'listPaperRequests',
  tag: 'papers',
  method: 'GET',
  path: '/api/paper-requests',
  label: { zh: '材料调阅申请', en: 'Requests for papers' },
  permission: 'papers.open',
  query: z.object({
    ...pageQuery.shape,
    /** 'own': asked by oneself; 'others': for papers of one's units, which asks for papers.release. */
    box: z.enum(['own', 'others']).default('own'),
    status: z.enum(['open', 'decided']).optional(),
  }),
  output: pageOf(paperRequest),
  refusals: ['cursor_invalid'],
})

export const decidePaperRequest = endpoint({
  name: 'decidePaperRequest',
  tag: 'papers',
  method: 'POST',
  path: '/api/paper-requests/:id/decide',
  label: { zh: '处理调阅申请', en: 'Release a paper, or refuse to' },
  permission: 'papers.release',
  params: z.object({ id }),
  body: z.discriminatedUnion('decision', [
    z.object({ decision: z.literal('released'), days: days.optional(), note: freeText(0).optional() }),
    /** Whoever asked is told why. */
    z.object({ decision: z.literal('refused'), note: freeText(2) }),
  ]),
  output: paperRequest,
  refusals: ['not_found', 'request_decided', 'own_proposal', 'paper_withdrawn', 'key_needs_person', 'origin_refused'],
})

export const endPaperRequest = endpoint({
  name: 'endPaperRequest',
  tag: 'papers',
  method: 'DELETE',
  path: '/api/paper-requests/:id',
  label: { zh: '撤回申请或终止调阅', en: 'Withdraw a request or end what was released' },
  permission: 'papers.open',
  params: z.object({ id }),
  output: paperRequest,
  refusals: ['not_found', 'request_decided', 'origin_refused'],
})

export const paperRule = z
  .object({
    id: z.int(),
    kind: paperKind,
    purpose,
    basis,
    reason: z.string(),
    madeBy: z.string(),
    madeAt: instant,
    endedBy: z.string().nullable(),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'PaperRule' })

export const listPaperRules = endpoint({
  name: 'listPaperRules',
  tag: 'papers',
  method: 'GET',
  path: '/api/paper-rules',
  label: { zh: '材料共享规则', en: 'Rules that open papers' },
  permission: 'papers.read',
  /** Those in force first, then ended ones, newest first; at most 500. */
  output: z.object({ rows: z.array(paperRule).max(500) }),
})

export const makePaperRule = endpoint({
  name: 'makePaperRule',
  tag: 'papers',
  method: 'POST',
  path: '/api/paper-rules',
  label: { zh: '设立共享规则', en: 'Make a rule that opens papers' },
  permission: 'papers.rule',
  body: z.object({ kind: kindCode, purpose, basis, reason: freeText(reasonLengthMin) }),
  output: paperRule,
  status: 201,
  refusals: ['paper_kind_unknown', 'paper_rule_known', 'origin_refused'],
})

export const endPaperRule = endpoint({
  name: 'endPaperRule',
  tag: 'papers',
  method: 'DELETE',
  path: '/api/paper-rules/:id',
  label: { zh: '终止共享规则', en: 'End a rule that opens papers' },
  permission: 'papers.rule',
  params: z.object({ id }),
  output: paperRule,
  refusals: ['not_found', 'origin_refused'],
})
