/**
 * Papers (材料) that customers handed in, once: what is held, until when and at which unit; the file behind it; and using
 * one that is held instead of asking for it again. Who else opens a file stands in contract/paper-access.ts.
 */
import { z } from 'zod'
import { dayOut, dayText, freeText, id, instant, pageOf, pageQuery, staffRef, unitRef } from './common.ts'
import { endpoint } from './endpoint.ts'
import { paperBases, paperMedia, paperPurposes, paperStates } from './paper-words.ts'

/** 10 MiB: a photograph of a phone, or a scan of a few dozen pages. */
export const paperBytesMax = 10 * 1_048_576
/** How many of one customer are listed, newest first. */
export const papersMax = 200

export const purpose = z.enum(paperPurposes)
export const basis = z.enum(paperBases)
/** A code of `listPaperKinds`. */
export const kindCode = z.string().regex(/^[a-z][A-Za-z0-9]{1,39}$/)
const customerNo = z.object({ no: z.string().min(1).max(64) })
export const paperId = z.object({ id })

/** The codes are the bank's to add to, so each is told with its names. */
export const paperKind = z.object({ code: kindCode, zh: z.string(), en: z.string() }).meta({ id: 'PaperKind' })

export const listPaperKinds = endpoint({
  name: 'listPaperKinds',
  tag: 'papers',
  method: 'GET',
  path: '/api/paper-kinds',
  label: { zh: '材料种类', en: 'Kinds of paper' },
  permission: 'papers.read',
  output: z.object({ rows: z.array(paperKind) }),
})

export const addPaperKind = endpoint({
  name: 'addPaperKind',
  tag: 'papers',
  method: 'POST',
  path: '/api/paper-kinds',
  label: { zh: '新增材料种类', en: 'Add a kind of paper' },
  permission: 'papers.rule',
  body: z.object({
    code: kindCode,
    zh: freeText(1, 40),
    en: freeText(1, 60),
  }),
  output: paperKind,
  status: 201,
  refusals: ['paper_kind_known', 'origin_refused'],
})

export const paper = z
  .object({
    id: z.string(),
    kind: paperKind,
    state: z.enum(paperStates),
    /** The last day; null: open. */
    validUntil: dayOut.nullable(),
    /** That holds it: it and the units above open the file. */
    unit: unitRef,
    /** By what whoever asks opens the file; null where it must be asked for. */
    ground: z.enum(['unit', 'release']).nullable(),
    /** Of a release: until when. */
    releasedUntil: instant.nullable(),
    /** Purposes for which a rule opens it to whoever sees the customer. */
    openFor: z.array(purpose),
    /** A request of one's own is waiting. */
    asked: z.boolean(),
    /** The file is kept no longer, or was erased: that the paper was held is all there is. */
    gone: z.boolean(),
    /** Null for whoever could not open it: all of the below is for the unit that holds it and those above. */
    more: z
      .object({
        /** Masked unless the role reads identity in clear; null where it reads none, or none was given. */
        number: z.string().nullable(),
        validFrom: dayOut.nullable(),
        media: z.enum(paperMedia),
        bytes: z.int(),
        purpose,
        basis,
        takenBy: z.string(),
        takenAt: instant,
        withdrawnBy: z.string().nullable(),
        withdrawnAt: instant.nullable(),
        withdrawnReason: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Paper' })

export const listPapers = endpoint({
  name: 'listPapers',
  tag: 'papers',
  method: 'GET',
  path: '/api/customers/:no/papers',
  label: { zh: '客户材料', en: 'Papers of a customer' },
  permission: 'papers.read',
  params: customerNo,
  /** Newest first. */
  output: z.object({ customerNo: z.string(), rows: z.array(paper).max(papersMax) }),
  refusals: ['not_found'],
})

/** The fields of the form beside its one file, which comes last. */
export const paperForm = z
  .object({
    kind: kindCode,
    number: z.string().trim().min(1).max(64).optional(),
    validFrom: dayText.optional(),
    validUntil: dayText.optional(),
    purpose,
    basis,
  })
  .refine(({ validFrom, validUntil }) => !validFrom || !validUntil || validFrom <= validUntil, {
    path: ['validUntil'],
    error: 'is before the first day',
    params: { zh: '早于生效日' },
  })

export const takePaper = endpoint({
  name: 'takePaper',
  tag: 'papers',
  method: 'POST',
  path: '/api/customers/:no/papers',
  label: { zh: '收取材料', en: 'Take a paper in' },
  permission: 'papers.take',
  params: customerNo,
  /** Fields of a multipart form: no number stands in an address. */
  body: paperForm,
  takes: 'file',
  output: paper,
  status: 201,
  refusals: [
    'not_found',
    'already_erased',
    'paper_held',
    'paper_kind_unknown',
    'paper_media_refused',
    'paper_expired',
    'origin_refused',
  ],
})

export const withdrawPaper = endpoint({
  name: 'withdrawPaper',
  tag: 'papers',
  method: 'POST',
  path: '/api/papers/:id/withdraw',
  label: { zh: '撤销材料', en: 'Withdraw a paper' },
  permission: 'papers.take',
  params: paperId,
  body: z.object({ reason: freeText(2) }),
  output: paper,
  refusals: ['not_found', 'paper_elsewhere', 'paper_withdrawn', 'origin_refused'],
})

export const openPaper = endpoint({
  name: 'openPaper',
  tag: 'papers',
  method: 'GET',
  path: '/api/papers/:id/file',
  label: { zh: '打开材料', en: 'Open the file of a paper' },
  permission: 'papers.open',
  params: paperId,
  /** What for: asked of whoever opens it by a rule. */
  query: z.object({ purpose: purpose.optional() }),
  output: z.string(),
  answers: 'file',
  refusals: ['not_found', 'paper_elsewhere', 'paper_gone', 'field_hidden', 'volume_unusual', 'key_needs_person'],
})

export const reusePaper = endpoint({
  name: 'reusePaper',
  tag: 'papers',
  method: 'POST',
  path: '/api/papers/:id/reuse',
  label: { zh: '使用已存材料', en: 'Use a paper that is held' },
  permission: 'papers.take',
  params: paperId,
  body: z.object({ purpose }),
  /** Counted once a day for a person and a purpose. */
  output: z.object({ counted: z.boolean() }),
  refusals: ['not_found', 'paper_not_valid', 'origin_refused'],
})

export const expiringWithin = ['expired', '30', '60', '90'] as const

export const listExpiringPapers = endpoint({
  name: 'listExpiringPapers',
  tag: 'papers',
  method: 'GET',
  path: '/api/papers/expiring',
  label: { zh: '到期材料', en: 'Papers that expire' },
  permission: 'papers.read',
  query: z.object({
    ...pageQuery.shape,
    /** Days ahead, what has expired included; 'expired': that alone. */
    within: z.enum(expiringWithin).default('30'),
    kind: kindCode.optional(),
    /** At or below which the customer is at home. */
    unit: z.string().max(32).optional(),
  }),
  /** The newest of its kind of each customer; one that was replaced or withdrawn is done. Soonest first. */
  output: pageOf(
    z
      .object({
        id: z.string(),
        customerNo: z.string(),
        name: z.string(),
        unit: unitRef,
        rm: staffRef.nullable(),
        kind: paperKind,
        state: z.enum(paperStates),
        validUntil: dayOut,
        /** Below zero: so long ago. */
        daysLeft: z.int(),
        heldAt: unitRef,
      })
      .meta({ id: 'ExpiringPaper' }),
  ).extend({ total: z.int() }),
  refusals: ['not_found', 'cursor_invalid'],
})

/** 'YYYY-MM'. */
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/)

export const listPaperReuses = endpoint({
  name: 'listPaperReuses',
  tag: 'papers',
  method: 'GET',
  path: '/api/paper-reuses',
  label: { zh: '免重复提交统计', en: 'Papers not asked for again' },
  permission: 'papers.read',
  query: z.object({
    ...pageQuery.shape,
    /** Both included. Default: the last twelve months. */
    from: month.optional(),
    to: month.optional(),
    unit: z.string().max(32).optional(),
  }),
  /** By month, newest first, and by the unit that would have asked; of one's own units and below. */
  output: pageOf(z.object({ month: z.string(), unit: unitRef, reuses: z.int(), papers: z.int() })).extend({
    total: z.int(),
  }),
  refusals: ['not_found', 'cursor_invalid'],
})
