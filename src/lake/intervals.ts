/**
 * Sums over intervals: one row per position, or per position and segment where the days of an account do not all
 * belong to the same owners (ownership moved, the account closed, a flag took it out, a member joined by the day).
 * Everything else stays one group per position, so that a night reads the intervals once and in one fast pass.
 *
 * Made, all with position_id and seg_from, sums HUGEINT in fen·days × `minorRateScale`:
 * - `position_sum`: window_rated, kept_rated; at_rated HUGEINT: fen at the day × `minorRateScale`; at_fen, raw_fen BIGINT:
 *   fen at the day, truncated, after and before the rule for negatives
 * - `position_before`: before_rated, over the window before
 * - `position_gap`: gap_days INTEGER, gap_rated: window_rated; positions with carried days only
 *
 * Three tables, because each sum more in the one big aggregation costs all of its rows (1.3 s with three sums, 3.8 s with
 * six, over 12 million intervals of 800,000 positions).
 */
import { addDays, type Day } from '../kit/day.ts'
import { minorRateScale } from '../kit/money.ts'
import type { Engine } from './engine.ts'

export interface SumRequest {
  /** Relation with the interval columns. */
  intervals: string
  baseCurrency: string
  /** The night's day; last day of the window. */
  day: Day
  /** First day of the window. */
  from: Day
  /** First day of the window before; its last is the day before `from`. */
  before: Day
  /** First day that still counts on the target cut-off; after `day` when none does. */
  kept: Day
  negative: 'zero' | 'subtract'
}

/** Where the tables of a computation live, so that several do not meet: the name of a schema. */
export type Schema = string

/**
 * Fills `<schema>.position_sum`, `position_before` and `position_gap`. Reads `<schema>.segment` (account_id, seg_from, seg_to, counts: accounts that need
 * segments, days [before, day]), `<schema>.counted` (position_id, account_id, is_foreign) and `<schema>.rate` (currency, day, per_minor, prefix).
 */
export async function sumPositions(engine: Engine, schema: Schema, request: SumRequest): Promise<void> {
  await engine.exec(`create or replace table ${schema}.segmented as
    select c.position_id from ${schema}.counted c
    where exists (select 1 from ${schema}.segment s where s.account_id = c.account_id)`)
  await engine.exec(`create or replace table ${schema}.other_sum as
    ${segmentedSql(schema, request)}
    union all ${foreignSql(schema, request)}`)
  await engine.exec(`create or replace table ${schema}.position_sum as
    ${ordinarySql(schema, request)}
    union all select * exclude (before_rated) from ${schema}.other_sum`)
  await engine.exec(`create or replace table ${schema}.position_before as
    ${beforeSql(schema, request)}
    union all select position_id, seg_from, before_rated from ${schema}.other_sum where before_rated <> 0`)
  await engine.exec(`create or replace table ${schema}.position_gap as
    select g.position_id, g.seg_from, g.gap_days, coalesce(w.window_rated, 0)::hugeint as gap_rated
    from (${gapSql(schema, request)}) g
    left join (select position_id, seg_from, sum(window_rated) as window_rated from ${schema}.position_sum
      group by position_id, seg_from) w on w.position_id = g.position_id and w.seg_from = g.seg_from`)
}

const value = (request: SumRequest) => (request.negative === 'zero' ? 'greatest(i.value, 0)' : 'i.value')

/** Days of an interval inside [from, to). */
function overlap(from: string, to: string): string {
  return `greatest(least(i.to_day, ${to}) - greatest(i.from_day, ${from}), 0)`
}

// Asked of a sum of a position rather than of each of its intervals: fifteen times fewer questions.
const ordinary = (schema: Schema) =>
  `position_id not in (select position_id from ${schema}.segmented where position_id is not null)`

function ordinarySql(schema: Schema, request: SumRequest): string {
  const end = `date '${addDays(request.day, 1)}'`
  const from = `date '${request.from}'`
  const counted = request.negative === 'zero' ? 'greatest(raw_fen, 0)' : 'raw_fen'
  return `select position_id, date '${request.before}' as seg_from,
      window_days::hugeint * ${minorRateScale} as window_rated, kept_days::hugeint * ${minorRateScale} as kept_rated,
      ${counted}::hugeint * ${minorRateScale} as at_rated, (${counted})::bigint as at_fen, raw_fen::bigint as raw_fen
    from (select i.position_id,
        sum(${value(request)} * ${overlap(from, end)}) as window_days,
        sum(${value(request)} * ${overlap(`date '${request.kept}'`, end)}) as kept_days,
        coalesce(max(case when i.to_day > date '${request.day}' then i.value end), 0) as raw_fen
      from ${request.intervals} i
      where i.currency = '${request.baseCurrency}' and i.from_day < ${end} and i.to_day > ${from}
      group by i.position_id)
    where ${ordinary(schema)}`
}

function beforeSql(schema: Schema, request: SumRequest): string {
  const from = `date '${request.from}'`
  return `select position_id, date '${request.before}' as seg_from, before_days::hugeint * ${minorRateScale} as before_rated
    from (select i.position_id, sum(${value(request)} * ${overlap(`date '${request.before}'`, from)}) as before_days
      from ${request.intervals} i
      where i.currency = '${request.baseCurrency}' and i.from_day < ${from} and i.to_day > date '${request.before}'
      group by i.position_id)
    where ${ordinary(schema)}`
}

/** Days carried forward inside the window, per position and segment: (position_id, seg_from, gap_days). */
function gapSql(schema: Schema, request: SumRequest): string {
  const end = `date '${addDays(request.day, 1)}'`
  const from = `date '${request.from}'`
  const inside = (column: string, otherwise: string) => `coalesce(s.${column}, ${otherwise})`
  return `select i.position_id, ${inside('seg_from', `date '${request.before}'`)} as seg_from,
      sum(${overlap(`greatest(${inside('seg_from', from)}, ${from})`, `least(${inside('seg_to', end)}, ${end})`)})::integer as gap_days
    from ${request.intervals} i left join ${schema}.segment s on s.account_id = i.account_id
    where i.gap and i.from_day < ${end} and i.to_day > ${from} and coalesce(s.counts, true)
      and i.from_day < ${inside('seg_to', end)} and i.to_day > ${inside('seg_from', from)}
    group by i.position_id, ${inside('seg_from', `date '${request.before}'`)}`
}

function segmentedSql(schema: Schema, request: SumRequest): string {
  const end = `date '${addDays(request.day, 1)}'`
  const from = `date '${request.from}'`
  const within = (first: string, last: string) => overlap(`greatest(s.seg_from, ${first})`, `least(s.seg_to, ${last})`)
  const atDay = `i.to_day > date '${request.day}' and s.seg_to > date '${request.day}'`
  return `select position_id, seg_from,
      window_days::hugeint * ${minorRateScale} as window_rated, kept_days::hugeint * ${minorRateScale} as kept_rated,
      before_days::hugeint * ${minorRateScale} as before_rated, at_fen::hugeint * ${minorRateScale} as at_rated,
      at_fen::bigint as at_fen, raw_fen::bigint as raw_fen
    from (select i.position_id, s.seg_from,
        sum(${value(request)} * ${within(from, end)}) as window_days,
        sum(${value(request)} * ${within(`date '${request.kept}'`, end)}) as kept_days,
        sum(${value(request)} * ${within(`date '${request.before}'`, from)}) as before_days,
        sum(case when ${atDay} then ${value(request)} else 0 end) as at_fen,
        sum(case when ${atDay} then i.value else 0 end) as raw_fen
      from ${request.intervals} i join ${schema}.segment s on s.account_id = i.account_id
      where i.currency = '${request.baseCurrency}' and s.counts
        and i.from_day < ${end} and i.to_day > date '${request.before}'
        and i.from_day < s.seg_to and i.to_day > s.seg_from
      group by i.position_id, s.seg_from)`
}

// Prefix sums never fall, so clipping a day to a range and then looking up its prefix is the same as clipping the
// prefix to the prefixes of the range's ends: two look-ups per interval give all three sums.
function foreignSql(schema: Schema, request: SumRequest): string {
  const end = `date '${addDays(request.day, 1)}'`
  const between = (first: string, last: string) =>
    `greatest(least(p_to, ${last}) - greatest(p_from, ${first}), 0::hugeint)`
  return `select position_id, seg_from,
      sum(v * ${between('p_window', 'p_end')})::hugeint, sum(v * ${between('p_kept', 'p_end')})::hugeint,
      sum(v * ${between('p_before', 'p_window')})::hugeint, sum(v * at_rate)::hugeint,
      (sum(v * at_rate) // ${minorRateScale})::bigint, (sum(raw * at_rate) // ${minorRateScale})::bigint
    from (
      select i.position_id, i.seg_from, ${value(request)}::hugeint as v, i.value::hugeint as raw,
        r_from.prefix as p_from, r_to.prefix as p_to, c.p_before, c.p_window, c.p_kept, c.p_end,
        case when i.to_day = ${end} then c.per_minor else 0 end as at_rate
      from (
        select f.position_id, f.currency, f.value,
          coalesce(s.seg_from, date '${request.before}') as seg_from,
          greatest(f.from_day, coalesce(s.seg_from, date '${request.before}'), date '${request.before}') as from_day,
          least(f.to_day, coalesce(s.seg_to, ${end}), ${end}) as to_day
        from ${request.intervals} f left join ${schema}.segment s on s.account_id = f.account_id
        where f.currency <> '${request.baseCurrency}' and coalesce(s.counts, true)
          and f.from_day < ${end} and f.to_day > date '${request.before}') i
      join ${schema}.rate r_from on r_from.currency = i.currency and r_from.day = i.from_day
      join ${schema}.rate r_to on r_to.currency = i.currency and r_to.day = i.to_day
      join (select currency,
          max(case when day = date '${request.before}' then prefix end) as p_before,
          max(case when day = date '${request.from}' then prefix end) as p_window,
          max(case when day = least(date '${request.kept}', ${end}) then prefix end) as p_kept,
          max(case when day = ${end} then prefix end) as p_end,
          max(case when day = date '${request.day}' then per_minor end) as per_minor
        from ${schema}.rate group by currency) c on c.currency = i.currency
      where i.from_day < i.to_day)
    group by position_id, seg_from`
}

/**
 * Foreign currencies that counted positions hold in [from, day], with the first and last day on which a rate is
 * needed. Currencies held only before `from` come with no needed days: a missing rate there counts 0.
 */
export function neededRatesSql(schema: Schema, request: SumRequest): string {
  return `select i.currency,
      greatest(min(case when i.to_day > date '${request.from}' then i.from_day end), date '${request.from}')::varchar as "from",
      least(max(case when i.to_day > date '${request.from}' then i.to_day end) - 1, date '${request.day}')::varchar as "to"
    from ${request.intervals} i join ${schema}.counted c on c.position_id = i.position_id
    where i.currency <> '${request.baseCurrency}' and c.is_foreign and i.value <> 0
      and i.from_day <= date '${request.day}' and i.to_day > date '${request.before}'
    group by i.currency order by i.currency`
}
