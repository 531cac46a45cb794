/** Quality scores of one load: how many values were looked at and how many were well, per column and dimension. */
import type pg from 'pg'
import { type Day, daysBetween } from '../../kit/day.ts'
import type { CheckedFile } from '../../lake/check.ts'
import type { Brought } from './lake-feeds.ts'
import { countOf, type Merge, type Rejection } from './merge.ts'
import { copyRows } from './stage.ts'

export type Dimension = 'completeness' | 'validity' | 'consistency' | 'timeliness' | 'uniqueness'

export interface Score {
  unitId: number | null
  column: string
  dimension: Dimension
  checked: bigint
  passed: bigint
}

/** Scores of a file as a whole: from the checker's counts, the rows rejected here, and what a snapshot left out. */
export function fileScores(
  merge: Merge,
  checked: CheckedFile,
  rejected: readonly Rejection[],
  brought: Brought | undefined,
): Score[] {
  const scores: Score[] = []
  const add = (column: string, dimension: Dimension, all: bigint, passed: bigint) => {
    if (all > 0n) scores.push({ unitId: null, column, dimension, checked: all, passed: passed < 0n ? 0n : passed })
  }
  const wanted = new Set(
    merge.feed.columns.filter((column) => column.required || column.wanted).map((column) => column.name),
  )
  for (const column of checked.columns) {
    if (wanted.has(column.column)) add(column.column, 'completeness', column.checked, column.checked - column.missing)
    const present = column.checked - column.missing
    add(column.column, 'validity', present, present - column.invalid)
  }
  if (merge.feed.key.length > 0)
    add(merge.feed.key.join('+'), 'uniqueness', checked.read, checked.read - checked.duplicates)
  const byColumn = new Map<string, Set<bigint>>()
  for (const row of rejected) byColumn.set(row.column, (byColumn.get(row.column) ?? new Set()).add(row.line))
  for (const [column, lines] of byColumn)
    add(column, 'consistency', checked.accepted, checked.accepted - BigInt(lines.size))
  if (brought && brought.expected > 0n)
    add('snapshot', 'completeness', brought.expected, brought.expected - brought.gaps)
  return scores
}

/**
 * Days that should have come between the last file of this feed and this one, for feeds that come every day: none
 * missing is on time.
 */
export async function timeliness(merge: Merge, first: Day, last: Day): Promise<Score | undefined> {
  if (merge.feed.name !== 'balances' || merge.supersedes.length > 0) return undefined
  const before = await merge.client.query<{ last: Day | null }>(
    `select max(last_day) as last from load where feed = $1 and status = 'loaded' and superseded_by_id is null and last_day < $2`,
    [merge.feed.name, first],
  )
  const previous = before.rows[0]?.last
  const due = previous ? daysBetween(previous, last) : daysBetween(first, last) + 1
  const came = daysBetween(first, last) + 1
  return {
    unitId: null,
    column: 'day',
    dimension: 'timeliness',
    checked: BigInt(due),
    passed: BigInt(Math.min(came, due)),
  }
}

const perUnit = ['identity_kind', 'identity_no', 'birth_on', 'phone', 'address'] as const

/** Scores of the customers feed for every unit: what an outlet has to ask its customers for. */
export async function unitScores(merge: Merge): Promise<Score[]> {
  if (merge.feed.name !== 'customers' || (await countOf(merge.engine, 'select count(*) from load_customer')) === 0n)
    return []
  const looked = (column: string) => (column === 'birth_on' ? `kind = 'person'` : 'true')
  const wrong = (column: string) => `coalesce(list_contains(string_split(reported, ','), '${column}'), false)`
  const parts = perUnit.map(
    (column) => `select unit_id, '${column}' as column_name, count(*) filter (${looked(column)}) as checked,
      count(*) filter (${looked(column)} and ${column} is not null) as present,
      count(*) filter (${looked(column)} and ${column} is not null and not ${wrong(column)}) as valid
    from load_customer group by unit_id`,
  )
  const rows = await merge.engine.rows<{
    unit_id: bigint
    column_name: string
    checked: bigint
    present: bigint
    valid: bigint
  }>(`${parts.join(' union all ')} order by unit_id, column_name`)
  const scores: Score[] = []
  for (const row of rows) {
    const of = { unitId: Number(row.unit_id), column: row.column_name }
    if (row.checked > 0n) scores.push({ ...of, dimension: 'completeness', checked: row.checked, passed: row.present })
    if (row.present > 0n) scores.push({ ...of, dimension: 'validity', checked: row.present, passed: row.valid })
  }
  return scores
}

/** A birth date that contradicts the identity number: counted, and let in. */
export async function birthContradictions(merge: Merge): Promise<Score | undefined> {
  if (merge.feed.name !== 'customers') return undefined
  const both = `identity_kind = 'residentId' and length(identity_no) = 18 and birth_on is not null
    and not coalesce(list_contains(string_split(reported, ','), 'identity_no'), false)`
  const checked = await countOf(merge.engine, `select count(*) from load_customer where ${both}`)
  if (checked === 0n) return undefined
  const passed = await countOf(
    merge.engine,
    `select count(*) from load_customer where ${both} and substr(identity_no, 7, 8) = strftime(birth_on, '%Y%m%d')`,
  )
  return { unitId: null, column: 'birth_on', dimension: 'consistency', checked, passed }
}

export async function insertScores(
  client: pg.PoolClient,
  load: { id: number; feed: string; day: string },
  scores: readonly Score[],
): Promise<void> {
  await copyRows(
    client,
    'quality_score (day, feed, unit_id, column_name, dimension, checked, passed, load_id)',
    scores.map((score) => [
      load.day,
      load.feed,
      score.unitId,
      score.column,
      score.dimension,
      score.checked,
      score.passed,
      load.id,
    ]),
  )
}
