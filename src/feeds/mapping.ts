/**
 * A mapping describes a bank's own files and how they become our feeds, as YAML: sources, lookup tables and targets.
 * Read and checked here; src/lake/map.ts carries it out. Every error names its line and column.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { type Currency, isCurrency } from '../kit/currency.ts'
import { refuse } from '../kit/refusal.ts'
import { feedNamed } from './index.ts'

const sourceSchema = z.strictObject({
  /** Exact name, or with one `*`; several files under one source are read one after the other in order of name. */
  file: z.string().min(1),
  separator: z.string().length(1).optional(),
  encoding: z.enum(['utf-8', 'gb18030']).optional(),
  /** The decimal comma or point of its control totals' columns. */
  decimal: z.enum(['.', ',']).optional(),
  /** Names of the columns, for files without a header line. */
  columns: z.array(z.string().min(1)).min(1).optional(),
})

const filterSchema = z.strictObject({
  /** Rows for which this is not true are left out … */
  keep: z.string().min(1),
  /** … and counted under these words. */
  otherwise: z.string().min(1),
})

const joinSchema = z.strictObject({
  source: z.string().min(1),
  on: z.string().min(1),
  /** Another name, when a source is joined twice. */
  as: z.string().min(1).optional(),
  /** Only rows of the joined source for which this is true. */
  where: z.string().min(1).optional(),
})

const runningSchema = z.strictObject({
  /** Expressions over the source: whose, when, how much with its sign. */
  account: z.string().min(1),
  day: z.string().min(1),
  amount: z.string().min(1),
  /** What every account began with. */
  opening: z.number().default(0),
  /** The source's own balance after the row, compared at the end of each day. */
  compare: z.string().min(1).optional(),
  /** Breaks above it are reported one by one, in units of the currency. */
  tolerance: z.number().nonnegative().default(0),
})

const targetSchema = z
  .strictObject({
    feed: z.string().refine((name) => feedNamed(name) !== undefined, 'no such feed'),
    /** Rows written down here instead of read. */
    rows: z.array(z.record(z.string(), z.string())).optional(),
    from: z.string().optional(),
    join: z.array(joinSchema).optional(),
    where: z.array(filterSchema).optional(),
    /** Equal rows become one; how many were merged is counted. */
    distinct: z.boolean().optional(),
    /** Makes `balance` and `day` out of transactions: one row per account and day with a transaction. */
    running: runningSchema.optional(),
    /** Our column → expression. */
    columns: z.record(z.string(), z.string()).optional(),
  })
  .refine((target) => (target.rows === undefined) !== (target.from === undefined), 'give either from or rows')
  .refine((target) => target.rows !== undefined || target.columns !== undefined, 'columns are missing')

const mappingSchema = z.strictObject({
  mapping: z.literal(1),
  name: z.string().regex(/^[a-z0-9-]+$/),
  about: z.string().optional(),
  baseCurrency: z.string().refine((code): code is Currency => isCurrency(code), 'no such currency'),
  /** How the bank came by the household members' consent; shown with the load. */
  consent: z.string().optional(),
  sources: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), sourceSchema),
  lookups: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  targets: z.array(targetSchema).min(1),
})

export type Mapping = z.infer<typeof mappingSchema>
export type Source = Mapping['sources'][string]
export type Target = Mapping['targets'][number]
export type Running = z.infer<typeof runningSchema>

export interface ReadMapping {
  mapping: Mapping
  /** Refuses `mapping_invalid` at the place of `path` (keys and indexes) in the file. */
  invalid(path: readonly (string | number)[], reason: string): never
}

/** Reads a mapping's text; `file` is its name in refusals. Refuses `mapping_invalid` with line and column. */
export function readMapping(text: string, file: string): ReadMapping {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const fail = (offset: number, reason: string): never => {
    const { line, col } = counter.linePos(offset)
    refuse('mapping_invalid', { file, line: Math.max(1, line), column: Math.max(1, col), reason })
  }
  const [broken] = document.errors
  if (broken) fail(broken.pos[0], broken.message.split('\n')[0] ?? 'no YAML')
  const invalid = (path: readonly (string | number)[], reason: string): never => fail(offsetOf(document, path), reason)
  const parsed = mappingSchema.safeParse(document.toJS())
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = (issue?.path ?? []).map((part) => (typeof part === 'number' ? part : String(part)))
    const extra = issue && 'keys' in issue && Array.isArray(issue.keys) ? [String(issue.keys[0])] : []
    invalid([...path, ...extra], `${[...path, ...extra].join('.')}: ${issue?.message ?? 'wrong'}`)
    throw new Error('unreachable')
  }
  checkTargets(parsed.data, invalid)
  return { mapping: parsed.data, invalid }
}

/** Columns must be the feed's, sources must exist, required columns must be there. */
function checkTargets(mapping: Mapping, invalid: ReadMapping['invalid']): void {
  for (const [i, target] of mapping.targets.entries()) {
    const at = ['targets', i]
    const feed = feedNamed(target.feed)
    const sources = [target.from, ...(target.join ?? []).map((join) => join.source)].filter(
      (name) => name !== undefined,
    )
    for (const name of sources) if (!mapping.sources[name]) invalid([...at, 'from'], `no source ${name}`)
    const given = target.rows ? target.rows.flatMap((row) => Object.keys(row)) : Object.keys(target.columns ?? {})
    for (const name of given) {
      const known = feed?.columns.some((column) => column.name === name)
      if (!known) invalid([...at, target.rows ? 'rows' : 'columns', name], `${target.feed} has no column ${name}`)
    }
    for (const column of feed?.columns ?? []) {
      const made = given.includes(column.name) || (target.running && ['day', 'balance'].includes(column.name))
      if (column.required && !made) invalid([...at, 'feed'], `${target.feed} needs the column ${column.name}`)
    }
    if (target.running && target.feed !== 'balance-changes')
      invalid([...at, 'running'], 'running balances make balance-changes')
  }
}

/** Where the deepest node along the path begins; of a key, the key itself. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents
  let offset = 0
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part))
      if (!pair) break
      if (isNode(pair.key) && pair.key.range) offset = pair.key.range[0]
      node = pair.value
    } else if (isNode(node) && 'get' in node) {
      node = (node as { get(key: unknown, keep: true): unknown }).get(part, true)
      if (isNode(node) && node.range) offset = node.range[0]
    } else break
  }
  return offset
}
