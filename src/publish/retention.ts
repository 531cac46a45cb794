/** What is kept of old nights: their rows for the last 7 nights and 27 month-ends of a scheme; their sums for ever. */
import type pg from 'pg'

export const nightsKept = 7
export const monthEndsKept = 27

/** Drops the partitions of older nights; one at a time, so that readers wait for none of them long. */
export async function dropOldNights(owner: pg.Pool, scheme: string): Promise<number[]> {
  const found = await owner.query(
    `with kept as (
       (select id from night where scheme = $1 and status = 'published' order by day desc, id desc limit ${nightsKept})
       union (select id from (select distinct on (day) id, day from night
          where scheme = $1 and status = 'published' and (date_trunc('month', day) + interval '1 month - 1 day')::date = day
          order by day desc, id desc) m order by day desc limit ${monthEndsKept})
       union select night_id from published_night)
     select n.id from night n where n.scheme = $1 and n.status = 'published' and n.id not in (select id from kept)
       and to_regclass('night_customer_' || n.id) is not null order by n.id`,
    [scheme],
  )
  const dropped: number[] = []
  for (const { id } of found.rows as { id: number }[]) {
    await owner.query(`drop table if exists night_customer_${id}, night_household_${id}`)
    dropped.push(id)
  }
  return dropped
}
