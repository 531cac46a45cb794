/**
 * The statements that turn sums of positions into one row of measures per party. Shares of plain positions and general
 * ones are summed apart (see lake/intervals.ts for what is plain) and added up at the end.
 */
import type { Day } from '../kit/day.ts'
import { minorRateScale, shareScale } from '../kit/money.ts'
import { literal } from '../lake/engine.ts'
import { emptyFacts, relation } from '../lake/facts.ts'
import { measures } from '../measures/index.ts'
import type { Measure } from '../measures/measure.ts'
import { assetClasses } from '../tiers/policy.ts'
import type { ComputeInput, Spans } from './compute.ts'

/** What the steps after it read of a party besides its measures: columns of `<schema>.measure`. */
export const partyColumns = ['kind', 'identity_valid', 'missing', 'missing_count', 'no_data'] as const

/** Plain sums are fen·days × 10^4 (a weight, no share): times this they are of scale `sumScale`. */
const plainUnit = `${minorRateScale * shareScale}::hugeint`

// Few different texts in millions of rows: as an enumeration they take a byte each.
const classType = `enum(${assetClasses.map(literal).join(', ')})`
const partyType = `enum('person', 'company')`
const kindType = `enum('balance', 'holding', 'transit')`

/**
 * `<schema>.plain_owned`: shares of plain positions. Nothing about their accounts changes inside the days, so that who
 * owns them on the first day owns them on all.
 */
export function plainOwnedSql(schema: string, input: ComputeInput, spans: Spans): string {
  const first = `date '${spans.before}'`
  const counted = input.policy.negative === 'zero' ? 'greatest(s.raw_fen, 0)' : 's.raw_fen'
  const byDay = input.policy.household?.membership === 'byDay'
  return `create or replace table ${schema}.plain_owned as
    select o.party_id, p.class::${classType} as class, p.kind::${kindType} as kind, false as is_foreign,
      s.raw_fen < 0 as is_overdrawn, ${byDay ? 'm.party_id is not null' : 'false'} as is_member,
      s.window_days * p.weight as window_scaled, s.kept_days * p.weight as kept_scaled,
      s.before_days * p.weight as before_scaled, ${counted} * p.weight as now_scaled, ${counted} as at_fen, s.raw_fen
    from ${schema}.position_days s
    join ${schema}.position p on p.position_id = s.position_id
    join ${schema}.owner o on o.account_id = p.account_id and o.from_day <= ${first} and o.to_day > ${first}
    ${byDay ? `left join ${schema}.membership m on m.party_id = o.party_id and m.from_day <= ${first} and m.to_day > ${first}` : ''}
    where p.account_id not in (select account_id from ${schema}.general_account where account_id is not null)`
}

/** `<schema>.part`: a general or carried position with one of its owners and all that its sums are multiplied by. */
export function partSql(schema: string, day: Day, spans: Spans): string {
  return `create or replace table ${schema}.part as
    select p.position_id, o.party_id, o.from_day, o.to_day, p.weight::bigint * o.share as factor, o.share,
      o.share = ${shareScale} or o.party_id = f.first_party as is_first, p.class, p.kind, p.is_foreign,
      coalesce(e.ahead_days, ${spans.distance.daysLeft})::integer as ahead_days
    from ${schema}.general_position p join ${schema}.owner o on o.account_id = p.account_id
    left join ${schema}.ending e on e.account_id = p.account_id
    left join (
      select account_id, min(ordinal::bigint * 1000000000000 + party_id) % 1000000000000 as first_party
      from ${schema}.owner where share < ${shareScale} and from_day <= date '${day}' and to_day > date '${day}'
      group by account_id) f on f.account_id = p.account_id`
}

// At the end of the day every owner but the first gets the truncated part, the first one what is left.
function jointSql(schema: string, day: Day): string {
  return `(select s.position_id, sum(s.at_fen::hugeint * o.share // ${shareScale})::bigint as taken_fen,
      sum(s.raw_fen::hugeint * o.share // ${shareScale})::bigint as taken_raw
    from ${schema}.position_sum s join ${schema}.part o on o.position_id = s.position_id
    where o.is_first is not true and o.from_day <= date '${day}' and o.to_day > date '${day}' and s.raw_fen <> 0
    group by s.position_id)`
}

/** `<schema>.general_owned`: shares of all other positions. */
export function generalOwnedSql(schema: string, input: ComputeInput): string {
  const part = (column: string, taken: string) =>
    `case when o.share = ${shareScale} or s.raw_fen = 0 then s.${column}
      when o.is_first then s.${column} - coalesce(j.${taken}, 0)
      else (s.${column}::hugeint * o.share // ${shareScale})::bigint end`
  const byDay = input.policy.household?.membership === 'byDay'
  return `create or replace table ${schema}.general_owned as
    select o.party_id, o.class, o.kind, o.is_foreign, s.raw_fen < 0 as is_overdrawn,
      ${byDay ? 'm.party_id is not null' : 'false'} as is_member,
      s.window_rated * o.factor as window_scaled, s.kept_rated * o.factor as kept_scaled,
      s.before_rated * o.factor as before_scaled, s.at_rated * o.factor as now_scaled,
      s.at_rated * (o.factor * o.ahead_days) as ahead_scaled,
      ${part('at_fen', 'taken_fen')} as at_fen, ${part('raw_fen', 'taken_raw')} as raw_fen
    from ${schema}.position_sum s join ${ownersOf(schema)}
    left join ${jointSql(schema, input.day)} j on j.position_id = s.position_id
    ${byDay ? `left join ${schema}.membership m on m.party_id = o.party_id and m.from_day <= s.seg_from and m.to_day > s.seg_from` : ''}`
}

const ownersOf = (schema: string) =>
  `${schema}.part o on o.position_id = s.position_id and o.from_day <= s.seg_from and o.to_day > s.seg_from`

function carriedSql(schema: string): string {
  return `(select o.party_id, s.gap_days, s.gap_rated * o.factor as gap_scaled
    from ${schema}.position_gap s join ${ownersOf(schema)})`
}

function activitySql(schema: string, input: ComputeInput, spans: Spans): string {
  const facts = relation(input.lakeDir, input.transactionFiles, emptyFacts.transaction)
  return `(select o.party_id, t.day, t.count, (t.amount_fen * o.share // ${shareScale})::bigint as amount_fen,
      t.day >= date '${spans.window.from}' as in_window
    from (select f.account_id, f.day, count(*) as count,
        sum(case when f.currency = '${input.policy.currency}' then abs(f.amount)::hugeint
          else abs(f.amount)::hugeint * coalesce(r.per_minor, 0) // ${minorRateScale} end) as amount_fen
      from ${facts} f left join ${schema}.rate r on r.currency = f.currency and r.day = f.day
      where f.day <= date '${input.day}' and f.kind not in ('interest', 'fee')
      group by f.account_id, f.day) t
    join ${schema}.owner o on o.account_id = t.account_id and o.from_day <= t.day and o.to_day > t.day)`
}

interface Pass {
  over: Measure['over']
  where: string | undefined
  measures: Measure[]
}

/** Measures over the same rows share a pass; every pass is narrow, and most are over few rows. */
function passes(): Pass[] {
  const found = new Map<string, Pass>()
  for (const measure of measures.filter((one) => one.over !== 'party')) {
    const key = `${measure.over} ${measure.where ?? ''}`
    const pass = found.get(key) ?? { over: measure.over, where: measure.where, measures: [] }
    pass.measures.push(measure)
    found.set(key, pass)
  }
  return [...found.values()]
}

/** Parties by id, both ends included. */
export interface PartyRange {
  from: bigint
  to: bigint
}

/** `<schema>.carried` and `<schema>.activity`: the measures of few parties, or of rows that are costly to find. */
export function smallPassesSql(schema: string, input: ComputeInput, spans: Spans): string {
  const rows = { carried: carriedSql(schema), activity: activitySql(schema, input, spans) }
  return Object.entries(rows)
    .map(([over, from]) => {
      const own = measures.filter((measure) => measure.over === over)
      return `create or replace table ${schema}.${over} as ${passSql(from, own, 'true')}`
    })
    .join(';\n')
}

/** The type of `missing`: few different lists of names for all parties. Replaces that of an earlier computation. */
export function missingTypeSql(schema: string): string {
  return `drop table if exists ${schema}.measure; drop type if exists ${schema}.missing_names;
    create type ${schema}.missing_names as enum (
      select distinct coalesce(missing, '') as names from ${schema}.party union select '' order by names)`
}

/**
 * The query of party_id, `partyColumns` and the measures of the parties of a range. A range at a time, because the
 * tables of sums of a million parties at once take more memory than an engine has, and more than fits its caches.
 */
export function measureSql(schema: string, spans: Spans, range: PartyRange): string {
  const inRange = `party_id between ${range.from} and ${range.to}`
  const joins: string[] = []
  const filled: string[] = []
  const join = (alias: string, rows: string) =>
    joins.push(`left join (${rows}) ${alias} on ${alias}.party_id = p.party_id`)
  const owned = measures.filter((measure) => measure.over === 'owned')
  join('general', passSql(`${schema}.general_owned`, owned, inRange))
  for (const [i, pass] of passes().entries()) {
    const alias = pass.over === 'owned' ? `plain_${i}` : pass.over
    if (pass.over === 'owned') join(alias, plainPassSql(schema, pass, spans, inRange))
    else join(alias, `select * from ${schema}.${pass.over} where ${inRange}`)
    const write = pass.over === 'owned' ? bothSql : filledSql
    filled.push(...pass.measures.map((measure) => write(measure, alias)))
  }
  const ofParty = measures.filter((measure) => measure.over === 'party')
  return `select *${ofParty.map((measure) => `, ${measure.sql} as ${measure.column}`).join('')}
    from (select p.party_id, p.kind::${partyType} as kind, p.identity_valid,
        coalesce(p.missing, '')::${schema}.missing_names as missing, p.missing_count,
        s.party_id is not null as no_data, ${filled.join(', ')}
      from (select * from ${schema}.party where ${inRange}) p
      left join ${schema}.silent s on s.party_id = p.party_id
      ${joins.join('\n')})`
}

function passSql(rows: string, columns: readonly Measure[], where: string): string {
  return `select party_id, ${columns.map((measure) => `${measure.sql} as ${measure.column}`).join(', ')}
    from ${rows} where ${where} group by party_id`
}

function plainPassSql(schema: string, pass: Pass, spans: Spans, inRange: string): string {
  const summed = pass.measures.filter((measure) => measure.plain === undefined)
  const where = pass.where === undefined ? inRange : `${inRange} and (${pass.where})`
  const columns = pass.measures.map((measure) => `${measure.plain ?? measure.column} as ${measure.column}`)
  return `select party_id, ${columns.join(', ')}
    from (select *, ${spans.distance.daysLeft} as days_left from (${passSql(`${schema}.plain_owned`, summed, where)}))`
}

function bothSql({ column, unit }: Measure, alias: string): string {
  const plain = `coalesce(${alias}.${column}, 0)`
  const scaled = unit === 'fen·days × 10^19' ? `${plain}::hugeint * ${plainUnit}` : plain
  return `${scaled} + coalesce(general.${column}, 0) as ${column}`
}

function filledSql({ column, unit }: Measure, alias: string): string {
  return unit === 'day' ? `${alias}.${column}` : `coalesce(${alias}.${column}, 0) as ${column}`
}
