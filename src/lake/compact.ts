/**
 * Compaction: the balance facts of a month become intervals. Facts are kept as they were given (snapshots, changes,
 * corrections, late files); an interval file says from which day to which day a position held a value, so that a night
 * multiplies a value by a number of days instead of reading every day. Each row also holds what its position has added up
 * to before it (`days`: Σ value × days since its first fact; `debt`: the negative part of that), so that a sum between two
 * days is a difference of the two rows that hold them, however many lie between.
 *
 * A file is named by what it was made from: the facts of its month and the file of the month before (for the opening
 * values); the currency of a position never changes. Unchanged inputs give the same name, and the file is used again.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { addDays, addMonths, type Day, monthStart } from '../kit/day.ts'
import { hashOf } from './bytes.ts'
import { type Engine, fileList, literal } from './engine.ts'
import { daysOverlap, emptyFacts, type LakeFile, relation, relationWithOrdinal } from './facts.ts'

export interface CompactRequest {
  lakeDir: string
  tempDir: string
  /** Live facts of noun 'balance'. */
  facts: readonly LakeFile[]
  /** Path of a Parquet file with position_id and currency of every position. */
  positions: string
  /** Intervals that exist, in force or superseded: reused when their inputs are the same. */
  known: readonly { month: Day; inputsSha256: string; path: string; sha256: string; rows: bigint }[]
  /** Months up to the one of this day. */
  through: Day
}

export interface CompactedMonth {
  month: Day
  inputsSha256: string
  path: string
  sha256: string
  rows: bigint
  bytes: bigint
  /** False when an existing file was used. */
  made: boolean
}

const soFarMax = 2n ** 62n

/** Accounts are spread over this many buckets by `account_id % bucketCount`; part of the lake's format. */
export const bucketCount = 16

/** Makes what is missing; returns every month from the first fact to `through`, in order. `progress` counts months. */
export async function compact(
  engine: Engine,
  request: CompactRequest,
  progress: (done: number, total: number) => void = () => undefined,
): Promise<CompactedMonth[]> {
  const months = monthsOf(request.facts, request.through)
  const result: CompactedMonth[] = []
  let before: CompactedMonth | undefined
  for (const [i, month] of months.entries()) {
    const facts = factsOfMonth(request.facts, month)
    const inputsSha256 = inputsDigest(facts, before)
    const known = request.known.find((file) => file.month === month && file.inputsSha256 === inputsSha256)
    if (known && existsSync(join(request.lakeDir, known.path))) {
      before = { ...known, bytes: BigInt(statSync(join(request.lakeDir, known.path)).size), made: false }
    } else {
      before = await makeMonth(engine, request, { month, facts, before, inputsSha256 })
    }
    result.push(before)
    progress(i + 1, months.length)
  }
  return result
}

function monthsOf(facts: readonly LakeFile[], through: Day): Day[] {
  let first: Day | undefined
  for (const file of facts) if (file.firstDay && (!first || file.firstDay < first)) first = file.firstDay
  const months: Day[] = []
  if (!first) return months
  for (let month = monthStart(first); month <= through; month = addMonths(month, 1)) months.push(month)
  return months
}

function factsOfMonth(facts: readonly LakeFile[], month: Day): LakeFile[] {
  const last = addDays(addMonths(month, 1), -1)
  return facts
    .filter((file) => file.firstDay !== null && file.lastDay !== null && file.firstDay <= last && file.lastDay >= month)
    .sort((a, b) => a.id - b.id)
}

// The order of loads counts (the newest wins), their ids do not: a second home that loads the same files gets the
// same digest.
function inputsDigest(facts: readonly LakeFile[], before: CompactedMonth | undefined): string {
  const hash = createHash('sha256').update(`interval 4\n${before?.sha256 ?? 'none'}\n`)
  for (const file of facts) hash.update(`${file.sha256}\n`)
  return hash.digest('hex')
}

interface MonthWork {
  month: Day
  facts: readonly LakeFile[]
  before: CompactedMonth | undefined
  inputsSha256: string
}

async function makeMonth(engine: Engine, request: CompactRequest, work: MonthWork): Promise<CompactedMonth> {
  const partsDir = mkdtempSync(join(request.tempDir, `compact-${work.month}-`))
  try {
    const base: string[] = []
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const part = join(partsDir, `${bucket}.parquet`)
      await engine.exec(
        `copy (${monthSql(request, work, bucket)}) to ${literal(part)} (format parquet, compression zstd)`,
      )
      base.push(part)
    }
    const path = `intervals/${work.month.slice(0, 7)}-${work.inputsSha256.slice(0, 24)}.parquet`
    const target = join(request.lakeDir, path)
    // By currency first: a night reads the base currency in one fast pass and the others in a second one. Then what holds
    // on the last day or on the first apart from the rest: what had added up by either is read without the days between.
    const sorted = `select * from read_parquet(${fileList(base)}) order by currency,
      to_day = date '${addMonths(work.month, 1)}', from_day = date '${work.month}', bucket, position_id, from_day`
    const written = await writeParquet(engine, sorted, target)
    return { month: work.month, inputsSha256: work.inputsSha256, path, made: true, ...written }
  } finally {
    rmSync(partsDir, { recursive: true, force: true })
  }
}

// Rows of value 0 are left out until something has added up, as nothing follows from them: snapshots say 0 every day,
// changes say it once, and both must give the same intervals. A gap is kept even at 0, because it lowers confidence.
function monthSql(request: CompactRequest, work: MonthWork, bucket: number): string {
  const start = `date '${work.month}'`
  const end = `date '${addMonths(work.month, 1)}'`
  const opening = work.before
    ? `select bucket, position_id, account_id, ${start} - 1 as day, value, false as gap, 0 as ordinal
       from read_parquet(${literal(join(request.lakeDir, work.before.path))})
       where bucket = ${bucket} and to_day = ${start} union all `
    : ''
  const opened = work.before
    ? `select position_id, ${addedSql('days', 'value')} as days, ${addedSql('debt', 'least(value, 0)')} as debt
       from read_parquet(${literal(join(request.lakeDir, work.before.path))})
       where bucket = ${bucket} and to_day = ${start}`
    : 'select null::bigint as position_id, null::hugeint as days, null::hugeint as debt where false'
  const facts = relationWithOrdinal(request.lakeDir, work.facts, emptyFacts.balance)
  const newest = daysOverlap(work.facts)
    ? `select * exclude (next_day) from (
         select *, lead(day) over (partition by position_id order by day, ordinal) as next_day from given)
       where next_day is distinct from day`
    : 'select * from given'
  return `with given as (
      ${opening}select bucket, position_id, account_id, day, value, gap, ordinal from ${facts}
      where bucket = ${bucket} and day >= ${start} and day < ${end}),
    newest as (${newest}),
    carried as (
      select bucket, position_id, account_id, day, gap, coalesce(value, before, 0) as value,
        before is null or gap is distinct from gap_before or coalesce(value, before) <> before as starts
      from (select *,
          last_value(value ignore nulls) over (partition by position_id order by day
            rows between unbounded preceding and 1 preceding) as before,
          lag(gap) over (partition by position_id order by day) as gap_before
        from newest)),
    spans as (
      select bucket, position_id, account_id, greatest(day, ${start}) as from_day, value, gap,
        lead(day, 1, ${end}) over (partition by position_id order by day) as to_day
      from carried where starts),
    opened as (${opened}),
    summed as (
      select s.*, ${soFarSql('days', 's.value')} as days, ${soFarSql('debt', 'least(s.value, 0)')} as debt
      from spans s left join opened o on o.position_id = s.position_id)
    select s.bucket, s.position_id, s.account_id, p.currency, s.from_day, s.to_day, s.value, s.gap,
      ${storedSql('s.days')} as days, ${storedSql('s.debt')} as debt
    from summed s join read_parquet(${literal(request.positions)}) p on p.position_id = s.position_id
    where s.to_day > ${start} and (s.value <> 0 or s.gap or s.days is distinct from 0 or s.debt is distinct from 0)
    order by p.currency, s.position_id, s.from_day`
}

/** What has added up at the end of a row. */
function addedSql(column: string, value: string): string {
  return `${column} + ${value}::hugeint * (to_day - from_day)`
}

/** What has added up before a row of `spans`. Null, once it did not fit, stays null. */
function soFarSql(column: string, value: string): string {
  return `case when o.position_id is null then 0 else o.${column} end + coalesce(sum(${value}::hugeint * (s.to_day - s.from_day))
        over (partition by s.position_id order by s.from_day, s.to_day rows between unbounded preceding and 1 preceding), 0)`
}

// Half of what a BIGINT holds, so that a difference of two fits as well.
function storedSql(column: string): string {
  return `case when abs(${column}) < ${soFarMax} then ${column}::bigint end`
}

/** Writes the rows of `query` as one Parquet file: temporary name, fsync, rename. For whole outputs of a step. */
export async function writeParquet(
  engine: Engine,
  query: string,
  target: string,
): Promise<{ sha256: string; rows: bigint; bytes: bigint }> {
  mkdirSync(dirname(target), { recursive: true })
  // A night and a question of the same process may write the same file
  const temporary = `${target}.${randomUUID()}.part`
  // version v2: its delta encodings are smaller here and read in two thirds of the time
  await engine.exec(
    `copy (${query}) to ${literal(temporary)} (format parquet, parquet_version v2, compression zstd, row_group_size 122880)`,
  )
  const [counted] = await engine.rows<{ n: bigint }>(
    `select count(*)::bigint as n from read_parquet(${literal(temporary)})`,
  )
  const file = await open(temporary, 'r+')
  await file.sync()
  await file.close()
  renameSync(temporary, target)
  const folder = await open(dirname(target), 'r')
  await folder.sync()
  await folder.close()
  return { sha256: await hashOf(target), rows: counted?.n ?? 0n, bytes: BigInt(statSync(target).size) }
}

/** The interval files of the months as a relation: values that held, and gaps. */
export function intervalRelation(lakeDir: string, months: readonly { path: string }[]): string {
  return `(select bucket, position_id, account_id, currency, from_day, to_day, value, gap
    from ${intervalRows(lakeDir, months)} where value <> 0 or gap)`
}

/** Every row of the files, also those of value 0, which say only what a position has added up to. */
export function intervalRows(lakeDir: string, months: readonly { path: string }[]): string {
  return relation(
    lakeDir,
    months.map((month) => ({ path: month.path }) as LakeFile),
    emptyFacts.interval,
  )
}
