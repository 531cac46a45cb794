/**
 * What a complete snapshot leaves out. An account that is open on a day, of a product that snapshots speak of, and
 * absent gets a gap row: its last value is carried forward and the customer's confidence goes down.
 */
import { join } from 'node:path'
import type { Day } from '../../kit/day.ts'
import { fileList, literal } from '../../lake/engine.ts'
import type { Brought } from './lake-feeds.ts'
import { countOf, type Merge } from './merge.ts'

/** Fills the engine's table `load_gap` with facts of noun 'balance' whose value is NULL. */
export async function snapshotGaps(merge: Merge, rows: string, days: { first: Day; last: Day }): Promise<Brought> {
  const { engine } = merge
  const covers = await coveredProducts(merge, rows)
  if (covers.length === 0) return { gaps: 0n, covers, expected: 0n }
  const lived = `product_id in (${covers.join(', ')}) and (closed_on is null or closed_on > day)
    and (opened_on is null or opened_on <= day)`
  await engine.exec(`create or replace temp table load_day as
    select day, count(*) filter (${lived.replaceAll(/\b(product_id|closed_on|opened_on)\b/g, 'account_$1')}) as present
    from ${rows} group by day`)
  // Accounts open on each day of the file, without listing them: opened so far minus closed so far.
  await engine.exec(`create or replace temp table load_day as
    select day, present, (select count(*) from known.balance_account a where ${lived}) as expected from load_day`)
  const expected = await countOf(engine, 'select coalesce(sum(expected), 0) from load_day')
  const earlier = await earlierFacts(merge, days)
  await engine.exec(`create or replace temp table load_gap as
    select (a.account_id % 16)::utinyint as bucket, a.position_id, a.account_id, d.day, null::bigint as value, true as gap
    from (select day from load_day where expected > present) d
    join known.balance_account a on ${lived}
    anti join (select account_id, day from ${rows}) r on r.account_id = a.account_id and r.day = d.day
    anti join ${earlier} e on e.position_id = a.position_id and e.day = d.day`)
  return { gaps: await countOf(engine, 'select count(*) from load_gap'), covers, expected }
}

async function coveredProducts(merge: Merge, rows: string): Promise<number[]> {
  const { engine, client } = merge
  const here = await engine.rows<{ product_id: number }>(
    `select distinct account_product_id::integer as product_id from ${rows} where account_product_id is not null`,
  )
  const before = await client.query<{ product_id: number }>(
    `select distinct unnest(covers) as product_id from load where feed = 'balances' and status = 'loaded' and superseded_by_id is null`,
  )
  return [...new Set([...here, ...before.rows].map((row) => row.product_id))].sort((a, b) => a - b)
}

// A bank may send a day in several files: what an earlier one said is not missing from this one.
async function earlierFacts(merge: Merge, days: { first: Day; last: Day }): Promise<string> {
  const found = await merge.client.query<{ path: string }>(
    `select f.path from lake_file f join load l on l.id = f.load_id
     where f.kind = 'fact' and f.noun = 'balance' and f.superseded_at is null and l.feed = 'balances'
       and f.first_day <= $2 and f.last_day >= $1 and l.id <> all($3::int[]) order by f.id`,
    [days.first, days.last, merge.supersedes.map((load) => load.id)],
  )
  if (found.rows.length === 0) return '(select null::bigint as position_id, null::date as day where false)'
  const paths = fileList(found.rows.map((row) => join(merge.workplace.lakeDir, row.path)))
  return `(select position_id, day from read_parquet(${paths})
    where not gap and day between date ${literal(days.first)} and date ${literal(days.last)})`
}
