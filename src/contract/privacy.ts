/** Personal data under law: consents, a customer's own data, erasure, how long things are kept, keys. */
import { z } from 'zod'
import { proposed } from './approvals.ts'
import { dayOut, dayText, freeText, instant, pageOf, pageQuery, wholeNumber } from './common.ts'
import { endpoint } from './endpoint.ts'

const customerNo = z.object({ no: z.string().min(1).max(64) })
const code = z.string().regex(/^[A-Za-z][\w-]{0,39}$/)
export const privacyReasonLengthMin = 2
/** Why somebody does it: a sentence that is kept with the audit. */
const reason = freeText(privacyReasonLengthMin)

export const consentChannels = ['any', 'phone', 'sms', 'email', 'wechat', 'post'] as const
export const consentPurposes = ['marketing', 'profiling', 'household', 'service', 'sharing'] as const
/** What processing may rest on (PIPL art. 13); only consent can be withdrawn. */
export const consentBases = ['consent', 'contract', 'law'] as const

export const consentEntry = z
  .object({
    id: z.string(),
    kind: z.enum(['given', 'withdrawn']),
    purpose: z.string(),
    channel: z.string(),
    basis: z.string(),
    fromDay: dayOut,
    /** The first day without. */
    toDay: dayOut,
    proof: z.string().nullable(),
    reason: z.string().nullable(),
    recordedAt: instant,
    /** A person's name, or 'consents' for the feed. */
    recordedBy: z.string(),
  })
  .meta({ id: 'ConsentEntry' })

export const consentLedger = z
  .object({
    today: dayOut,
    /** Newest first; entries are never changed. */
    entries: z.array(consentEntry),
    /** For every purpose and channel that the ledger names: whether it is allowed today, and the entry that decides. */
    allowed: z.array(
      z.object({ purpose: z.string(), channel: z.string(), allowed: z.boolean(), because: z.string().nullable() }),
    ),
  })
  .meta({ id: 'ConsentLedger' })

export const readConsents = endpoint({
  name: 'readConsents',
  tag: 'privacy',
  method: 'GET',
  path: '/api/customers/:no/consents',
  label: { zh: '授权台账', en: 'Consents' },
  permission: 'customers.read',
  params: customerNo,
  output: consentLedger,
  refusals: ['not_found'],
})

export const recordConsent = endpoint({
  name: 'recordConsent',
  tag: 'privacy',
  method: 'POST',
  path: '/api/customers/:no/consents',
  label: { zh: '登记授权', en: 'Record a consent' },
  permission: 'consents.record',
  params: customerNo,
  body: z.object({
    purpose: code,
    channel: z.enum(consentChannels).default('any'),
    basis: z.enum(consentBases).default('consent'),
    /** Default: today. */
    fromDay: dayText.optional(),
    toDay: dayText.optional(),
    /** Where it can be seen: number of a form, a recording, a screen of the mobile bank. */
    proof: freeText(1, 200),
  }),
  output: consentLedger,
  status: 201,
  refusals: ['not_found', 'already_erased', 'origin_refused'],
})

export const withdrawConsent = endpoint({
  name: 'withdrawConsent',
  tag: 'privacy',
  method: 'POST',
  path: '/api/customers/:no/consents/withdrawal',
  label: { zh: '撤回授权', en: 'Withdraw a consent' },
  permission: 'consents.record',
  params: customerNo,
  body: z.object({ purpose: code, channel: z.string().max(40).default('any'), reason }),
  output: consentLedger,
  status: 201,
  refusals: ['not_found', 'nothing_to_withdraw', 'origin_refused'],
})

export const discloseCustomer = endpoint({
  name: 'discloseCustomer',
  tag: 'privacy',
  method: 'POST',
  path: '/api/customers/:no/disclosure',
  label: { zh: '个人信息副本', en: "A customer's own data" },
  permission: 'privacy.disclose',
  params: customerNo,
  body: z.object({
    format: z.enum(['html', 'json']).default('html'),
    language: z.enum(['zh', 'en']).default('zh'),
    reason,
  }),
  /** Everything the bank holds on the person, in clear: a page to print, or JSON. */
  output: z.string(),
  answers: 'file',
  refusals: ['not_found', 'reentry_needed', 'key_needs_person', 'origin_refused'],
})

/** Erased once somebody else has approved it: at once, or when the file that is being loaded is. */
export const proposeErasure = endpoint({
  name: 'proposeErasure',
  tag: 'privacy',
  method: 'POST',
  path: '/api/customers/:no/erasure',
  label: { zh: '申请删除个人信息', en: 'Ask for the erasure of a customer' },
  permission: 'privacy.erase',
  params: customerNo,
  /** `customerNo` once more, typed: there is no way back. */
  body: z.object({ reason, customerNo: z.string().max(64) }),
  output: proposed,
  refusals: [
    'not_found',
    'already_erased',
    'erasure_needs_person',
    'erasure_under_way',
    'approval_open',
    'reentry_needed',
    'key_needs_person',
    'origin_refused',
  ],
})

export const listErasures = endpoint({
  name: 'listErasures',
  tag: 'privacy',
  method: 'GET',
  path: '/api/privacy/erasures',
  label: { zh: '删除台账', en: 'Erasures' },
  permission: 'privacy.read',
  query: pageQuery,
  /** Newest first; `total`: all of them. */
  output: pageOf(
    z.object({
      customerNo: z.string(),
      erasedAt: instant,
      /** Who asked for it. */
      erasedBy: z.string(),
      /** Who approved it; null where it was done again after a restore. */
      checkedBy: z.string().nullable(),
      reason: z.string(),
      /** Done again after the record was restored. */
      reappliedAt: instant.nullable(),
    }),
  ).extend({ total: z.int() }),
  refusals: ['cursor_invalid'],
})

export const retentionNouns = [
  'originals',
  'quarantine',
  'sessions',
  'events',
  'nights',
  'monthEnds',
  'papers',
  'audit',
] as const

const retentionLine = z
  .object({
    noun: z.enum(retentionNouns),
    /** Days; of nights and month-ends how many are kept whole; null: for ever. */
    keep: z.int().nullable(),
    /** There is no way to set it. */
    fixed: z.boolean(),
    /** Of the noun as it stands: files, rows, nights. */
    held: z.int(),
    /** Would go now. */
    goes: z.int(),
    bytes: z.string().nullable().describe('decimal string; of files that would go'),
    /** The oldest that is held. */
    oldest: instant.nullable(),
    editedAt: instant.nullable(),
    editedBy: z.string().nullable(),
  })
  .meta({ id: 'RetentionLine' })
export type RetentionLine = z.output<typeof retentionLine>

export const readRetention = endpoint({
  name: 'readRetention',
  tag: 'privacy',
  method: 'GET',
  path: '/api/privacy/retention',
  label: { zh: '保存期限与演练', en: 'Retention, rehearsed' },
  permission: 'privacy.read',
  output: z.object({
    lines: z.array(retentionLine),
    /** The last day on which it was applied. */
    appliedOn: dayOut.nullable(),
  }),
})

export const setRetention = endpoint({
  name: 'setRetention',
  tag: 'privacy',
  method: 'POST',
  path: '/api/privacy/retention',
  label: { zh: '设定保存期限', en: 'Set how long a noun is kept' },
  permission: 'privacy.manage',
  body: z.object({ noun: z.enum(retentionNouns), keep: wholeNumber(0, 36_500), reason }),
  output: z.object({ lines: z.array(retentionLine), appliedOn: dayOut.nullable() }),
  refusals: ['retention_fixed', 'origin_refused'],
})

export const readKeys = endpoint({
  name: 'readKeys',
  tag: 'privacy',
  method: 'GET',
  path: '/api/privacy/keys',
  label: { zh: '主密钥', en: 'Master keys' },
  permission: 'privacy.read',
  output: z.object({
    generations: z.array(
      z.object({
        generation: z.int(),
        madeAt: instant,
        retiredAt: instant.nullable(),
        keptBy: z.enum(['service', 'given']),
        parties: z.int(),
        purposes: z.int(),
      }),
    ),
  }),
})
