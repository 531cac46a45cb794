/**
 * One file of one feed, read and checked: bytes to rows, rows to typed columns, and every row that does not fit to
 * quarantine with its line, rule, expectation and advice. Nothing is stored here; the caller decides what becomes of it.
 */
import { join } from 'node:path'
import type { Feed, Reference } from '../feeds/feed.ts'
import { assert, present } from '../kit/assert.ts'
import type { Currency } from '../kit/currency.ts'
import { type Day, day } from '../kit/day.ts'
import { badRows, columnStatistics, refuseTooMany } from './bad-rows.ts'
import { type ByteLimits, type Content, type PlainBytes, readBytes } from './bytes.ts'
import {
  type CheckPlan,
  dropReferenceTablesSql,
  foundSql,
  okSql,
  outputs,
  referenceTablesSql,
  reportedSql,
} from './check-sql.ts'
import { type ControlResult, checkNames, compareTotals, controlTotals } from './control.ts'
import { type Engine, literal } from './engine.ts'
import type { FileFormat, FormatWish } from './format.ts'
import { refuseFutureName, refuseWrongDay } from './named-day.ts'
import { readable } from './parquet.ts'
import { type QuarantineRow, quarantineRowsMax } from './quarantine.ts'
import { openRaw, type RawFile } from './raw.ts'
import { keyColumns, type RowSetRuleName, rowSetSql } from './row-sets.ts'
import { rowRules } from './rules.ts'
import { straightFacts } from './straight.ts'
import { readTotals } from './totals.ts'

/** What is known of a noun by its number, as SQL the engine can read (a sub-select in parentheses or a table name). */
export interface ReferenceMap {
  /**
   * Columns: `no` VARCHAR and `id` BIGINT, one row per number. For 'account': `token_hi` UBIGINT, `token_lo` UBIGINT
   * and `id` BIGINT (token = md5_number_upper/lower of secret || number), optionally `currency` VARCHAR, which is then
   * compared with the row's, and `number` UHUGEINT, both halves in one ((lo << 64) | hi): with it and `position_id`
   * balance files can go the straight way.
   */
  relation: string
  /** Further columns of `relation` to hand through as `<reference>_<column>`, e.g. account_product_id. */
  carry?: readonly string[]
}

export interface CheckRequest {
  feed: Feed
  /** The bytes. */
  path: string
  /** The name that people know it by; in every refusal and quarantine row. */
  logicalName: string
  /** An existing folder for outputs and intermediate files; the caller removes it. Holds personal data in the clear. */
  outDir: string
  baseCurrency: Currency
  today: Day
  /** Known numbers. A reference without a map is not checked and gets no id column. */
  references: Partial<Record<Reference, ReferenceMap>>
  /** The key of account tokens. */
  accountSecret: string
  /** Share of bad rows above which the file is refused; default 0.01. */
  badRowLimit?: number
  /** Overrides what would be sniffed. */
  format?: FormatWish
  /** Default `byteLimits`. */
  byteLimits?: ByteLimits
  /** What the caller finds while it reads the same file. */
  content?: Promise<Content>
  /** The caller stores facts: a balance file that is right throughout may come as such (`areFacts`). */
  asFacts?: boolean
  /** Path of the control file; default `<path>.ctl` when it exists. */
  controlPath?: string
}

export interface ColumnStatistics {
  column: string
  /** Rows looked at (all rows read that had the right number of fields). */
  checked: bigint
  /** Empty, though required or wanted. */
  missing: bigint
  /** Present and wrong: type, check, reference; those let in (`onFailure: 'report'`) included. */
  invalid: bigint
  /** Of `invalid`, those let in. */
  reported: bigint
}

/**
 * A checked file. `accepted` Parquet columns, in the feed's order:
 * - `line` BIGINT (line of the original file)
 * - text, choice VARCHAR (cleaned) · day DATE · boolean BOOLEAN · integer BIGINT · amount BIGINT in minor units of the
 *   row's currency · decimal BIGINT × 10^places · empty = NULL
 * - a reference: `<stem>_id` BIGINT (`customer_no` → `customer_id`, `unit_code` → `unit_id`) after the text column;
 *   for an account reference the number itself is left out, then the columns of `carry`
 * - personal text without reference: in record feeds the text, and for `account_no` and `card_no` also
 *   `account_no_hi`, `account_no_lo` UBIGINT; in lake feeds the two token columns only
 * - report-only failures: `reported` VARCHAR, names of failed columns separated by ',' or NULL; record feeds only
 */
export interface CheckedFile {
  feed: string
  logicalName: string
  /** Of the file's bytes as they came. */
  sha256: string
  bytes: number
  format: FileFormat
  /** read = accepted + quarantined, asserted. */
  read: bigint
  accepted: bigint
  quarantined: bigint
  /** Parquet; undefined when no row was accepted. */
  acceptedPath: string | undefined
  /** `acceptedPath` holds facts of noun 'balance' in their order, not rows of the feed: see straight.ts. */
  areFacts?: true
  /** In order of line; at most `quarantineRowsMax`. One bad row may have several entries (`ordinal` 1, 2 …). */
  quarantine: QuarantineRow[]
  /** Of accepted rows, by the feed's day column. */
  firstDay: Day | undefined
  lastDay: Day | undefined
  control: ControlResult
  columns: ColumnStatistics[]
  /** Second and further rows that say the same under the same key; let out of `accepted`, counted as quarantined. */
  duplicates: bigint
  /** Columns of the file that the feed does not know: reported, not read. */
  unknownColumns: string[]
}

/**
 * Reads and checks one file. Throws `file_refused` or `too_many_bad_rows` when the whole file cannot be taken; then
 * nothing of it stands anywhere but in `outDir`.
 */
export async function checkFile(engine: Engine, request: CheckRequest): Promise<CheckedFile> {
  // A mapped file is called after its source, whatever that was packed in.
  const checkName = request.format?.lineColumn === undefined
  const bytes = await readBytes(request.path, request.logicalName, request.outDir, {
    checkName,
    ...(request.byteLimits && { limits: request.byteLimits }),
    ...(request.content && { content: request.content }),
  })
  refuseFutureName(request)
  const straight = request.asFacts ? await straightFacts(engine, request, bytes) : undefined
  if (straight) return straight
  const { feed, logicalName: file, outDir, format: wish = {} } = request
  return checkRows(engine, request, bytes, await openRaw({ engine, feed, file, outDir, bytes, wish }))
}

async function checkRows(engine: Engine, request: CheckRequest, bytes: PlainBytes, raw: RawFile): Promise<CheckedFile> {
  const { feed, logicalName: file, outDir } = request
  const plan = await planOf(engine, request, raw)
  const said = controlTotals(file, request.controlPath ?? `${request.path}.ctl`, raw.trailer)
  checkNames(file, said, feed)
  const read = raw.rows + raw.misshapenCount
  const names = outputs(plan).map((output) => output.name)
  const checkedPath = join(outDir, 'checked.parquet')
  const tables = referenceTablesSql(plan)
  if (tables !== '') await engine.exec(tables)
  await readable(file, () => engine.exec(typedCopy(plan, raw, checkedPath)))
  const rows = `read_parquet(${literal(checkedPath)})`
  const counts = await countRows(engine, rows)
  assert(counts.read === raw.rows, `the engine read ${counts.read} rows of ${file}, the file has ${raw.rows}`)
  const taken = await takeOut(engine, plan, names, rows)
  const quarantined = counts.bad + BigInt(taken.length) + raw.misshapenCount
  const sha256 = await bytes.sha256
  const control = compareTotals(file, said, await readTotals(engine, { plan, rows, said, sha256, read }))
  await refuseTooMany(engine, { request, plan, raw, rows, read, quarantined, taken })
  const details = await badRows(engine, { plan, raw, rows, taken, outDir, bad: counts.bad })
  const dropping = dropReferenceTablesSql(plan)
  if (dropping !== '') await engine.exec(dropping)
  const accepted = read - quarantined
  const acceptedPath =
    accepted === 0n ? undefined : await acceptedRows(engine, { outDir, checkedPath, rows, taken, counts })
  const days = acceptedPath ? await daysOf(engine, feed, acceptedPath) : {}
  refuseWrongDay(request, days.lastDay)
  return {
    feed: feed.name,
    logicalName: file,
    sha256,
    bytes: bytes.bytes,
    format: raw.format,
    read,
    accepted,
    quarantined,
    acceptedPath,
    quarantine: details.quarantine,
    firstDay: days.firstDay,
    lastDay: days.lastDay,
    control,
    columns: await columnStatistics(engine, { plan, rows, details, checked: raw.rows }),
    duplicates: BigInt(taken.filter((row) => row.rule === 'duplicate_row').length),
    unknownColumns: raw.unknownColumns,
  }
}

async function planOf(engine: Engine, request: CheckRequest, raw: RawFile): Promise<CheckPlan> {
  const { feed, references } = request
  const known = new Set((Object.keys(references) as Reference[]).filter((name) => references[name]))
  const accountColumns = references.account ? await columnsOf(engine, references.account.relation) : []
  const accountCurrency = accountColumns.includes('currency')
  const rules = rowRules(feed, { today: request.today, present: raw.present, known, accountCurrency })
  const { accountSecret, baseCurrency } = request
  return {
    feed,
    present: raw.present,
    references,
    accountSecret,
    baseCurrency,
    accountCurrency,
    texture: raw.texture,
    rules,
  }
}

async function columnsOf(engine: Engine, relation: string): Promise<string[]> {
  const columns = await engine.rows<{ name: string }>(
    `select column_name as name from (describe select * from ${relation}) limit 100`,
  )
  return columns.map((column) => column.name)
}

/** All rows, typed, each with its line; their order is anybody's. */
function typedCopy(plan: CheckPlan, raw: RawFile, path: string): string {
  const columns = outputs(plan).map((output) => `${output.sql} as "${output.name}"`)
  const reported = plan.feed.home === 'record' ? [`${reportedSql(plan.rules)} as reported`] : []
  const select = ['line', ...columns, ...reported, `${okSql(plan.rules)} as _ok`].join(', ')
  return `copy (select ${select} from (${foundSql(plan, raw.relation)}))
    to ${literal(path)} (format parquet, compression snappy)`
}

interface Counts {
  read: bigint
  bad: bigint
}

async function countRows(engine: Engine, rows: string): Promise<Counts> {
  const [counts] = await engine.rows<Counts>(
    `select count(*) as read, count(*) filter (where not _ok) as bad from ${rows}`,
  )
  return present(counts, 'counts')
}

interface Taken {
  line: bigint
  rule: RowSetRuleName
}

/** The rows that rules across rows keep out, in the order of their line. */
async function takeOut(engine: Engine, plan: CheckPlan, names: readonly string[], rows: string): Promise<Taken[]> {
  const keys = keyColumns(plan.feed, new Set(names))
  const content = [...names.map((name) => `"${name}"`)]
  await engine.exec('create or replace temp table taken (line bigint, rule varchar)')
  if (await keysAreUnique(engine, plan.feed, keys, rows)) return []
  for (const statement of rowSetSql(plan.feed, keys, content, rows)) {
    await engine.exec(`insert into taken select line, rule from (${statement})`)
  }
  return engine.rows<Taken>(`select line, rule from taken order by line limit ${quarantineRowsMax * 2}`)
}

/**
 * A quick proof that no (account, day) occurs twice: one bit per account and day, where that is less than 128 MB. For
 * 10 million rows 0.3 s against 3.5 s of grouping. False means: not known.
 */
async function keysAreUnique(engine: Engine, feed: Feed, keys: readonly string[], rows: string): Promise<boolean> {
  if (feed.home !== 'lake' || keys.length !== 2 || keys[0] !== '"account_id"' || keys[1] !== '"day"') return false
  const [range] = await engine.rows<{ low: bigint | null; high: bigint | null; days: bigint }>(
    `select min(account_id) as low, max(account_id) as high, max(day) - min(day) + 1 as days from ${rows} where _ok`,
  )
  if (!range || range.low === null || range.high === null) return true
  const bits = (range.high - range.low + 1n) * BigInt(range.days) * 2n
  if (bits > 2n ** 30n) return false
  const [counted] = await engine.rows<{ same: boolean }>(
    `select coalesce(sum(rows), 0) = coalesce(sum(kinds), 0) as same from (
       select count(*) as rows, bit_count(bitstring_agg(account_id, ${range.low}::bigint, ${range.high}::bigint)) as kinds
       from ${rows} where _ok group by day)`,
  )
  return counted?.same ?? false
}

async function acceptedRows(
  engine: Engine,
  from: { outDir: string; checkedPath: string; rows: string; taken: readonly Taken[]; counts: Counts },
): Promise<string> {
  if (from.counts.bad === 0n && from.taken.length === 0) return from.checkedPath
  const path = join(from.outDir, 'accepted.parquet')
  await engine.exec(
    `copy (select * from ${from.rows} where _ok and line not in (select line from taken))
     to ${literal(path)} (format parquet, compression snappy)`,
  )
  return path
}

async function daysOf(engine: Engine, feed: Feed, path: string): Promise<{ firstDay?: Day; lastDay?: Day }> {
  if (!feed.dayColumn) return {}
  const [days] = await engine.rows<{ first: string; last: string }>(
    `select cast(min("${feed.dayColumn}") as varchar) as first, cast(max("${feed.dayColumn}") as varchar) as last
     from read_parquet(${literal(path)})`,
  )
  return days ? { firstDay: day(days.first), lastDay: day(days.last) } : {}
}
