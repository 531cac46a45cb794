/** Loads: files that came in, the account of their rows, and the rows that were kept out. */
import { z } from 'zod'
import { dayOut, freeText, id, instant, pageOf, pageQuery, reasonLengthMin } from './common.ts'
import { endpoint } from './endpoint.ts'

export const load = z
  .object({
    id: z.int(),
    feed: z.string(),
    /** Name of the file, without folders. */
    file: z.string(),
    sha256: z.string(),
    /** As a decimal string. */
    bytes: z.string(),
    format: z.string(),
    mapping: z.string().nullable(),
    status: z.enum(['loaded', 'refused']),
    /** Why it was refused whole, in both languages. */
    refusal: z.object({ code: z.string(), zh: z.string(), en: z.string() }).nullable(),
    /** read = accepted + quarantined. */
    rowsRead: z.int(),
    rowsAccepted: z.int(),
    rowsQuarantined: z.int(),
    firstDay: dayOut.nullable(),
    lastDay: dayOut.nullable(),
    control: z.unknown().describe('control totals: expected and found'),
    supersedes: z.int().nullable(),
    supersededBy: z.int().nullable(),
    startedAt: instant,
    recordedAt: instant,
    loadedBy: z.string(),
  })
  .meta({ id: 'Load' })

const loadId = z.object({ id })

export const listLoads = endpoint({
  name: 'listLoads',
  tag: 'loads',
  method: 'GET',
  path: '/api/loads',
  label: { zh: '装载记录', en: 'Loads' },
  permission: 'loads.read',
  query: z.object({
    ...pageQuery.shape,
    feed: z.string().max(40).optional(),
    status: z.enum(['loaded', 'refused']).optional(),
  }),
  output: pageOf(load),
  refusals: ['cursor_invalid'],
})

export const readLoad = endpoint({
  name: 'readLoad',
  tag: 'loads',
  method: 'GET',
  path: '/api/loads/:id',
  label: { zh: '一次装载', en: 'One load' },
  permission: 'loads.read',
  params: loadId,
  output: load.extend({
    /** What became of the quarantined rows: their sum is rowsQuarantined. */
    quarantine: z.object({ open: z.int(), mended: z.int(), dismissed: z.int() }),
    /** How many rows each rule kept out. */
    rules: z.array(z.object({ column: z.string(), rule: z.string(), rows: z.int() })),
    /** Nights whose window it changed after they were published. */
    staleNights: z.array(z.object({ id: z.int(), day: dayOut })),
  }),
  refusals: ['not_found'],
})

export const quarantineRow = z
  .object({
    line: z.string(),
    ordinal: z.int(),
    column: z.string(),
    rule: z.string(),
    /** Masked where personal. */
    value: z.string().nullable(),
    expected: z.string(),
    expectedZh: z.string(),
    advice: z.string(),
    adviceZh: z.string(),
    mendedByLoad: z.int().nullable(),
    /** Decided not to be mended: when, by whom and why. */
    dismissed: z.object({ at: instant, by: z.string(), reason: z.string() }).nullable(),
  })
  .meta({ id: 'QuarantineRow' })

export const listQuarantine = endpoint({
  name: 'listQuarantine',
  tag: 'loads',
  method: 'GET',
  path: '/api/loads/:id/quarantine',
  label: { zh: '隔离区', en: 'Quarantined rows' },
  permission: 'quarantine.read',
  params: loadId,
  query: z.object({ ...pageQuery.shape, column: z.string().max(80).optional(), rule: z.string().max(80).optional() }),
  output: pageOf(quarantineRow),
  refusals: ['not_found', 'cursor_invalid'],
})

export const dismissQuarantine = endpoint({
  name: 'dismissQuarantine',
  tag: 'loads',
  method: 'POST',
  path: '/api/loads/:id/quarantine/dismiss',
  label: { zh: '决定不予改正', en: 'Dismiss quarantined rows' },
  permission: 'loads.upload',
  params: loadId,
  body: z.object({
    /** Lines of the file; every fault of a line goes with it. */
    lines: z
      .array(z.string().regex(/^\d{1,18}$/))
      .min(1)
      .max(500),
    reason: freeText(reasonLengthMin),
  }),
  output: z.object({ dismissed: z.int() }),
  refusals: ['not_found', 'head_office_only', 'quarantine_row_settled', 'origin_refused'],
})

export const exportQuarantine = endpoint({
  name: 'exportQuarantine',
  tag: 'loads',
  method: 'GET',
  path: '/api/loads/:id/quarantine.csv',
  label: { zh: '导出隔离区', en: 'Export quarantined rows' },
  permission: 'quarantine.read',
  params: loadId,
  /** 'whole': the file's own columns in clear, to be mended and loaded again; needs the right to load, is audited. */
  query: z.object({ rows: z.enum(['masked', 'whole']).default('masked') }),
  output: z.string(),
  answers: 'file',
  refusals: ['not_found'],
})

/** The account of one uploaded file's rows, the same that the command line prints. */
export const loadAnswer = z.object({
  /** 'underWay': received, and loaded whether or not anybody waits; asked again with the same bytes it says the rest. */
  outcome: z.enum(['loaded', 'alreadyLoaded', 'underWay']),
  feed: z.string(),
  file: z.string(),
  load: load.nullable().describe('null while under way'),
})

/** Seconds that an upload waits for the account of rows before it answers 'underWay'. */
const waitSecondsMax = 300

export const uploadFeed = endpoint({
  name: 'uploadFeed',
  tag: 'feeds',
  method: 'POST',
  path: '/api/feeds/:feed',
  label: { zh: '上传数据文件', en: 'Upload a feed file' },
  permission: 'loads.upload',
  params: z.object({ feed: z.string().max(40) }),
  query: z.object({
    /** Needed with a raw body; a multipart form brings its own. Same name with other content supersedes. */
    file: z
      .string()
      .regex(/^[\p{L}\p{N}_.-]{1,120}$/u)
      .optional(),
    /** Seconds to wait for the account of rows before the answer is 'underWay'. */
    wait: z.coerce.number().int().min(0).max(waitSecondsMax).default(30),
  }),
  body: z.unknown(),
  takes: 'file',
  output: loadAnswer,
  refusals: ['feed_unknown', 'file_refused', 'too_many_bad_rows', 'body_too_large', 'origin_refused'],
})

export const feedColumn = z.object({
  name: z.string(),
  type: z.string(),
  required: z.boolean(),
  personal: z.boolean(),
  references: z.string().nullable(),
  check: z.string().nullable(),
  zh: z.string(),
  en: z.string(),
  example: z.string(),
})

export const feed = z
  .object({
    name: z.string(),
    zh: z.string(),
    en: z.string(),
    meaningZh: z.string(),
    meaningEn: z.string(),
    key: z.array(z.string()),
    dayColumn: z.string().nullable(),
    after: z.array(z.string()),
    columns: z.array(feedColumn),
    /** The last load of it; null when it never came. */
    last: z.object({ loadId: z.int(), recordedAt: instant, lastDay: dayOut.nullable() }).nullable(),
    loads: z.int(),
    rowsAccepted: z.string().describe('decimal string'),
  })
  .meta({ id: 'Feed' })

export const listFeeds = endpoint({
  name: 'listFeeds',
  tag: 'feeds',
  method: 'GET',
  path: '/api/feeds',
  label: { zh: '数据接口说明', en: 'Feeds' },
  permission: 'loads.read',
  output: z.object({ rows: z.array(feed) }),
})
