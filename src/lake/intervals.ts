/**
 * Sums over intervals, in two ways. A **plain** position (base currency, nothing about its account changes inside the
 * days, no value so large that a BIGINT could overflow) has one row of days-weighted integers, summed in one fast pass.
 * Every other position goes the general way: HUGEINT sums per position and segment, where a segment is a span of days
 * over which share, household and flags of its account stay the same.
 *
 * Made:
 * - `position_days`, the plain positions and those of general accounts: window_days, kept_days, before_days (Σ value × days, fen·days) and raw_fen (fen
 *   at the day, before the rule for negatives), all BIGINT
 * - `position_sum`, all others: position_id, seg_from; window_rated, kept_rated, before_rated: HUGEINT, fen·days ×
 *   `minorRateScale`; at_rated HUGEINT: fen at the day × `minorRateScale`; at_fen, raw_fen BIGINT: fen at the day, truncated,
 *   after and before the rule for negatives
 * - `position_gap`, positions with carried days, plain or not: position_id, seg_from, gap_days INTEGER, gap_rated:
 *   their window_rated
 */
import { addDays, type Day, daysBetween } from '../kit/day.ts'
import { minorRateScale, weightMax } from '../kit/money.ts'
import type { Engine } from './engine.ts'

/** The relation of each month's intervals, with days and debt. */
export type IntervalMonths = readonly { month: Day; rows: string }[]

export interface SumRequest {
  /** Relation with the interval columns. */
  intervals: string
  /** The same by month: then a plain sum is a difference of what had added up on two days. */
  months?: IntervalMonths
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
  /** Values beyond ± this go the general way; see `plainMaxOf`. */
  plainMax: bigint
}

/** Where the tables of a computation live, so that several do not meet: the name of a schema. */
export type Schema = string

/** The largest value of a plain position in [before, day]: times all days and any weight it still fits a BIGINT. */
export function plainMaxOf(before: Day, day: Day): bigint {
  return (2n ** 63n - 1n) / (BigInt(daysBetween(before, day) + 1) * weightMax)
}

/** The months, when their files say what had added up; undefined for files of a version that did not. */
export async function monthsWithDays(
  engine: Engine,
  months: IntervalMonths | undefined,
): Promise<IntervalMonths | undefined> {
  const last = months?.at(-1)
  if (!last) return undefined
  const found = await engine.rows(`select 1 from (describe select * from ${last.rows}) where column_name = 'days'`)
  return found.length === 1 ? months : undefined
}

/**
 * Fills `<schema>.foreign_interval` and `gap_interval`: the intervals in other currencies than the base, and those with
 * carried days. Apart, because the engine skips the row groups without any when nothing else is asked of a row, and reads
 * them all when something is.
 */
export async function findApart(engine: Engine, schema: Schema, request: SumRequest): Promise<void> {
  await engine.exec(`create or replace table ${schema}.foreign_interval as
      select * from ${request.intervals} where currency <> '${request.baseCurrency}';
    create or replace table ${schema}.gap_interval as
      select position_id, account_id, from_day, to_day from ${request.intervals} where gap`)
}

/**
 * Fills `<schema>.position_days`, `position_sum` and `position_gap`, and `general_position`: the columns of `position` for
 * all that are in the latter two. Reads `<schema>.segment` (account_id, seg_from, seg_to, counts: accounts that need
 * segments, days [before, day]), `<schema>.position` (position_id, account_id, is_foreign), `<schema>.general_account`
 * (account_id: whose unsegmented positions are to be in `position_sum` too), `<schema>.foreign_interval`,
 * `gap_interval` and `<schema>.rate` (currency, day, per_minor, prefix).
 */
export async function sumPositions(engine: Engine, schema: Schema, request: SumRequest): Promise<void> {
  const end = `date '${addDays(request.day, 1)}'`
  await engine.exec(`create or replace table ${schema}.wide as ${wideSql(request)}`)
  await engine.exec(`create or replace table ${schema}.general_position as
    select * from ${schema}.position p
    where p.is_foreign
      or p.account_id in (select account_id from ${schema}.general_account union select account_id from ${schema}.segment)
      or p.position_id in (select position_id from ${schema}.wide union select position_id from ${schema}.gap_interval)`)
  await engine.exec(`create or replace table ${schema}.slice as
    select p.position_id, s.seg_from, s.seg_to, s.counts
    from ${schema}.general_position p join ${schema}.segment s on s.account_id = p.account_id
    union all
    select p.position_id, date '${request.before}', ${end}, true
    from ${schema}.wide w join ${schema}.general_position p on p.position_id = w.position_id
    where not exists (select 1 from ${schema}.segment s where s.account_id = p.account_id)`)
  await engine.exec(
    `create or replace table ${schema}.position_days as ${request.months ? differenceSql(schema, request, request.months) : plainSql(schema, request)}`,
  )
  await engine.exec(`create or replace table ${schema}.position_sum as
    ${slicedSql(schema, request)}
    union all ${foreignSql(schema, request)}
    union all ${sharedSql(schema, request)}`)
  await engine.exec(`create or replace table ${schema}.position_gap as
    select g.position_id, g.seg_from, g.gap_days,
      coalesce(w.window_rated, d.window_days::hugeint * ${minorRateScale}, 0)::hugeint as gap_rated
    from (${gapSql(schema, request)}) g
    left join ${schema}.position_sum w on w.position_id = g.position_id and w.seg_from = g.seg_from
    left join ${schema}.position_days d on d.position_id = g.position_id`)
}

const value = (request: SumRequest) => (request.negative === 'zero' ? 'greatest(i.value, 0)' : 'i.value')

/** Days of an interval inside [from, to). */
function overlap(from: string, to: string): string {
  return `greatest(least(i.to_day, ${to}) - greatest(i.from_day, ${from}), 0)`
}

/**
 * Positions with a value too large to be plain, also on the day before the first, or that have added up to more than fits
 * by the last. The engine reads no row group whose values are all in bounds.
 */
function wideSql(request: SumRequest): string {
  const large = `select distinct i.position_id from ${request.intervals} i
    where i.currency = '${request.baseCurrency}' and (i.value > ${request.plainMax} or i.value < -${request.plainMax})
      and i.from_day <= date '${request.day}' and i.to_day >= date '${request.before}'`
  const last = request.months && monthOf(request.months, request.day)
  return last === undefined
    ? large
    : `${large} union select position_id from ${last.rows}
      where currency = '${request.baseCurrency}' and (days is null or debt is null)`
}

function monthOf(months: IntervalMonths, day: Day): IntervalMonths[number] | undefined {
  return months.find(({ month }) => month.slice(0, 7) === day.slice(0, 7))
}

/** What each position in base currency had added up to before `day`, and its value on the day before it. */
function soFarSql(request: SumRequest, months: IntervalMonths, day: Day): string {
  const month = monthOf(months, addDays(day, -1))
  if (!month) return '(select null::bigint as position_id, null::bigint as so_far, null::bigint as value where false)'
  const counted = request.negative === 'zero' ? 'days - debt' : 'days'
  return `(select i.position_id, ${counted} + ${value(request)} * (date '${day}' - i.from_day) as so_far, i.value
    from ${month.rows} i
    where i.currency = '${request.baseCurrency}' and i.from_day < date '${day}' and i.to_day >= date '${day}'
      and i.value between -${request.plainMax} and ${request.plainMax})`
}

/**
 * The plain sums as differences: one row per position and end of a span instead of every interval. A position that has
 * added up to something has a row on every later day, so that all are in the rows of the last one.
 */
function differenceSql(schema: Schema, request: SumRequest, months: IntervalMonths): string {
  const soFar = (day: Day) => soFarSql(request, months, day)
  const end = addDays(request.day, 1)
  const keeps = request.kept <= request.day
  return `select * from (
      select e.position_id, e.so_far - coalesce(f.so_far, 0) as window_days,
        ${keeps ? 'e.so_far - coalesce(k.so_far, 0)' : '0::bigint'} as kept_days,
        coalesce(f.so_far, 0) - coalesce(b.so_far, 0) as before_days, e.value as raw_fen
      from ${soFar(end)} e
      left join ${soFar(request.from)} f on f.position_id = e.position_id
      left join ${soFar(request.before)} b on b.position_id = e.position_id
      ${keeps ? `left join ${soFar(request.kept)} k on k.position_id = e.position_id` : ''}) d
    anti join ${schema}.slice s on s.position_id = d.position_id
    where window_days <> 0 or before_days <> 0 or raw_fen <> 0`
}

// Whether a position is plain is asked of its sum rather than of each of its intervals: ten times fewer questions.
function plainSql(schema: Schema, request: SumRequest): string {
  const end = `date '${addDays(request.day, 1)}'`
  const from = `date '${request.from}'`
  const before = `date '${request.before}'`
  return `select * from (
      select i.position_id,
        sum(${value(request)} * ${overlap(from, end)})::bigint as window_days,
        sum(${value(request)} * ${overlap(`date '${request.kept}'`, end)})::bigint as kept_days,
        sum(${value(request)} * ${overlap(before, from)})::bigint as before_days,
        coalesce(max(case when i.to_day > date '${request.day}' then i.value end), 0) as raw_fen
      from ${request.intervals} i
      where i.currency = '${request.baseCurrency}' and i.from_day < ${end} and i.to_day > ${before}
        and i.value between -${request.plainMax} and ${request.plainMax}
      group by i.position_id)
    where position_id not in (select position_id from ${schema}.slice)`
}

/** The plain sums of general accounts in the shape of the others. */
function sharedSql(schema: Schema, request: SumRequest): string {
  const rated = (column: string) => `${column}::hugeint * ${minorRateScale}`
  const counted = request.negative === 'zero' ? 'greatest(raw_fen, 0)' : 'raw_fen'
  return `select d.position_id, date '${request.before}', ${rated('window_days')}, ${rated('kept_days')},
      ${rated('before_days')}, ${rated(counted)}, ${counted}, raw_fen
    from ${schema}.position_days d join ${schema}.general_position p on p.position_id = d.position_id
    where p.account_id in (select account_id from ${schema}.general_account)`
}

/** Days carried forward inside the window, per position and segment: (position_id, seg_from, gap_days). */
function gapSql(schema: Schema, request: SumRequest): string {
  const end = `date '${addDays(request.day, 1)}'`
  const from = `date '${request.from}'`
  const inside = (column: string, otherwise: string) => `coalesce(s.${column}, ${otherwise})`
  return `select i.position_id, ${inside('seg_from', `date '${request.before}'`)} as seg_from,
      sum(${overlap(`greatest(${inside('seg_from', from)}, ${from})`, `least(${inside('seg_to', end)}, ${end})`)})::integer as gap_days
    from ${schema}.gap_interval i left join ${schema}.segment s on s.account_id = i.account_id
    where i.from_day < ${end} and i.to_day > ${from} and coalesce(s.counts, true)
      and i.from_day < ${inside('seg_to', end)} and i.to_day > ${inside('seg_from', from)}
    group by i.position_id, ${inside('seg_from', `date '${request.before}'`)}`
}

function slicedSql(schema: Schema, request: SumRequest): string {
  const end = `date '${addDays(request.day, 1)}'`
  const from = `date '${request.from}'`
  const within = (first: string, last: string) => overlap(`greatest(s.seg_from, ${first})`, `least(s.seg_to, ${last})`)
  const atDay = `i.to_day > date '${request.day}' and s.seg_to > date '${request.day}'`
  const big = `${value(request)}::hugeint`
  return `select position_id, seg_from,
      window_days * ${minorRateScale} as window_rated, kept_days * ${minorRateScale} as kept_rated,
      before_days * ${minorRateScale} as before_rated, at_fen * ${minorRateScale} as at_rated,
      at_fen::bigint as at_fen, raw_fen::bigint as raw_fen
    from (select i.position_id, s.seg_from,
        sum(${big} * ${within(from, end)}) as window_days,
        sum(${big} * ${within(`date '${request.kept}'`, end)}) as kept_days,
        sum(${big} * ${within(`date '${request.before}'`, from)}) as before_days,
        sum(case when ${atDay} then ${value(request)} else 0 end) as at_fen,
        sum(case when ${atDay} then i.value else 0 end) as raw_fen
      from ${request.intervals} i join ${schema}.slice s on s.position_id = i.position_id
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
        from ${schema}.foreign_interval f left join ${schema}.segment s on s.account_id = f.account_id
        where coalesce(s.counts, true) and f.from_day < ${end} and f.to_day > date '${request.before}') i
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
    from ${schema}.foreign_interval i join ${schema}.position p on p.position_id = i.position_id
    where p.is_foreign and i.value <> 0 and i.from_day <= date '${request.day}' and i.to_day > date '${request.before}'
    group by i.currency order by i.currency`
}
