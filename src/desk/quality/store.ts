/** Data quality as the page shows it: tallies by dimension, feed, column and unit, and their course over days. */
import { type RawBuilder, sql } from 'kysely'
import type { Output } from '../../contract/endpoint.ts'
import type { readQuality as readEndpoint } from '../../contract/quality.ts'
import { inUnits, type Trx } from '../../db/database.ts'
import { addDays, type Day } from '../../kit/day.ts'
import { isAll, only, type UnitSet } from '../../kit/unit-set.ts'
import { subtree } from '../nights/current.ts'

type Quality = Output<typeof readEndpoint>

interface Sum {
  checked: bigint
  passed: bigint
}

/**
 * Of each column the scores of its newest day count, those of superseded loads not. Rows without a unit speak of the
 * whole file, rows with one of that unit's part of it, so the two are never added up together.
 */
export async function readQuality(
  trx: Trx,
  asked: { feed?: string | undefined; unit?: string | undefined; days: number },
  visible: UnitSet,
): Promise<Quality> {
  const units = asked.unit === undefined ? null : only(await subtree(trx, asked.unit))
  const alive = sql`(q.load_id is null or exists (select 1 from load l where l.id = q.load_id
    and l.superseded_by_id is null)) and (${asked.feed ?? null}::text is null or q.feed = ${asked.feed ?? null})`
  const within = (set: UnitSet) => inUnits(set, 'q.unit_id')
  // Whoever sees only a part of the bank sees that part's scores.
  const part: RawBuilder<unknown> =
    units !== null
      ? sql`${within(units)} and ${within(visible)}`
      : isAll(visible)
        ? sql`q.unit_id is null`
        : within(visible)
  const newest = sql`select feed, column_name, dimension, max(day) as day from quality_score q
    where ${alive} and ${part} group by 1, 2, 3`
  const { rows: columns } = await sql<
    { feed: string; column: string; dimension: Quality['columns'][number]['dimension']; day: Day } & Sum
  >`with newest as (${newest}) select q.feed, q.column_name as column, q.dimension, q.day, sum(q.checked)::bigint as checked,
      sum(q.passed)::bigint as passed
    from quality_score q join newest n using (feed, column_name, dimension, day) where ${alive} and ${part}
    group by 1, 2, 3, 4 order by 1, 2, 3 limit 2000`.execute(trx)
  const day = columns.reduce<Day | null>((last, row) => (last === null || row.day > last ? row.day : last), null)
  const seen = units ?? visible
  const { rows: byUnit } = await sql<{ code: string; name: string } & Sum>`with newest as (
      select feed, column_name, dimension, unit_id, max(day) as day from quality_score q
      where ${alive} and q.unit_id is not null and ${within(seen)} group by 1, 2, 3, 4)
    select u.code, u.name, sum(q.checked)::bigint as checked, sum(q.passed)::bigint as passed
    from quality_score q join newest n using (feed, column_name, dimension, unit_id, day) join unit u on u.id = q.unit_id
    where ${alive} group by u.id, u.code, u.name
    order by sum(q.passed)::float8 / nullif(sum(q.checked), 0) nulls last, u.code limit 1000`.execute(trx)
  const { rows: trend } = await sql<{ day: string } & Sum>`select q.day, sum(q.checked)::bigint as checked,
      sum(q.passed)::bigint as passed
    from quality_score q where ${alive} and ${part} and q.day > ${day === null ? null : addDays(day, -asked.days)}
    group by 1 order by 1 limit 1000`.execute(trx)
  const dimensions = group(columns, (row) => row.dimension)
  return {
    day,
    total: total(columns),
    dimensions: [...dimensions].map(([dimension, rows]) => ({ dimension, ...total(rows) })),
    feeds: [...group(columns, (row) => row.feed)].map(([feed, rows]) => ({ feed, ...total(rows) })),
    columns: columns.map(({ feed, column, dimension, day: on, ...sum }) => ({
      feed,
      column,
      dimension,
      day: on,
      ...total([sum]),
    })),
    units: byUnit.map(({ code, name, ...sum }) => ({ unit: { code, name }, ...total([sum]) })),
    trend: trend.map(({ day: on, ...sum }) => ({ day: on, ...total([sum]) })),
  }
}

function total(rows: readonly Sum[]): { checked: number; passed: number } {
  return {
    checked: Number(rows.reduce((sum, row) => sum + row.checked, 0n)),
    passed: Number(rows.reduce((sum, row) => sum + row.passed, 0n)),
  }
}

function group<Row, Key>(rows: readonly Row[], by: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>()
  for (const row of rows) groups.set(by(row), [...(groups.get(by(row)) ?? []), row])
  return groups
}
