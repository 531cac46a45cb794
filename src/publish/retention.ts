/**
 * What is kept of old nights: their rows for the last nights and month-ends of a scheme, as many as the settings of
 * retention say (7 and 27 unless a person changed them); their sums for ever.
 */
import type pg from 'pg'

export interface KeptNight {
  id: number
  isMonthEnd: boolean
  published_at: Date
  /** Its rows are under no setting any more. */
  goes: boolean
}

/** Every published night, of one scheme or all, whose rows are there. */
export async function oldNights(owner: pg.Pool, scheme?: string): Promise<KeptNight[]> {
  const found = await owner.query<KeptNight>(
    `with newest as (
       select id, scheme, day, published_at, (date_trunc('month', day) + interval '1 month - 1 day')::date = day as month_end,
         row_number() over (partition by scheme order by day desc, id desc) as place,
         row_number() over (partition by scheme, day order by id desc) as place_of_day
       from night where status = 'published' and ($1::text is null or scheme = $1)),
     placed as (
       select *, row_number() over (partition by scheme, month_end and place_of_day = 1 order by day desc) as month_place
       from newest),
     setting as (
       select max(keep) filter (where noun = 'nights') as nights, max(keep) filter (where noun = 'monthEnds') as month_ends
       from retention)
     select id, month_end as "isMonthEnd", published_at,
       not (place <= nights or (month_end and place_of_day = 1 and month_place <= month_ends)
         or id in (select night_id from published_night)) as goes
     from placed, setting where to_regclass('night_customer_' || id) is not null order by id`,
    [scheme ?? null],
  )
  return found.rows
}

/** Drops the partitions of older nights; one at a time, so that readers wait for none of them long. */
export async function dropOldNights(owner: pg.Pool, scheme: string): Promise<number[]> {
  const dropped: number[] = []
  for (const { id, goes } of await oldNights(owner, scheme)) {
    if (!goes) continue
    await owner.query(`drop table if exists night_customer_${id}, night_household_${id}`)
    dropped.push(id)
  }
  return dropped
}
