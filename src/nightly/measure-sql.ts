/**
 * The statements that turn sums of positions into one row of measures per party. Sums over days of plain positions and
 * of general ones are made apart (see lake/intervals.ts for what is plain) and added up at the end.
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

/** Parties or accounts by id, both ends included. */
export interface IdRange {
  from: bigint
  to: bigint
}

/** Plain sums are fen·days × 10^4 (a weight, no share): times this they are of scale `sumScale`. */
const plainUnit = `${minorRateScale * shareScale}::hugeint`

// Few different texts in millions of rows: as an enumeration they take a byte each, also in the tables of a join.
export const classType = `enum(${assetClasses.map(literal).join(', ')})`
const partyType = `enum('person', 'company')`
export const kindType = `enum('balance', 'holding', 'transit')`

/**
 * `<schema>.plain_owned`: shares of the plain positions of the accounts of a range. `generalOwnedSql` adds to it. Nothing about these changes inside the
 * days, so that who owns them on the first day owns them on all. The engine looks an owner up by place rather than by
 * hash when there is one at most for each of a million accounts or fewer: hence the range, and the whole shares, which
 * accounts that are not general have anyway.
 */
export function plainOwnedSql(schema: string, input: ComputeInput, spans: Spans, range: IdRange): string {
  const first = `date '${spans.before}'`
  const counted = input.policy.negative === 'zero' ? 'greatest(s.raw_fen, 0)' : 's.raw_fen'
  const byDay = asksMembers(input)
  const inRange = `account_id between ${range.from} and ${range.to}`
  return `select o.party_id, o.class, o.kind, false as is_foreign,
      s.raw_fen < 0 as is_overdrawn, ${byDay ? 'm.party_id is not null' : 'false'} as is_member,
      s.window_days * o.weight as window_scaled, s.kept_days * o.weight as kept_scaled,
      s.before_days * o.weight as before_scaled, ${counted} * o.weight as now_scaled, ${counted} as at_fen, s.raw_fen
    from ${schema}.position_days s
    join (select p.position_id, p.class, p.kind, p.weight, o.party_id
      from (select * from ${schema}.position where ${inRange}) p
      join (select account_id, party_id from ${schema}.owner
        where ${inRange} and share = ${shareScale} and from_day <= ${first} and to_day > ${first}) o on o.account_id = p.account_id
      anti join ${schema}.general_account g on g.account_id = p.account_id) o on o.position_id = s.position_id
    ${byDay ? `left join ${schema}.membership m on m.party_id = o.party_id and m.from_day <= ${first} and m.to_day > ${first}` : ''}`
}

function asksMembers({ policy }: ComputeInput): boolean {
  return policy.household?.membership === 'byDay'
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

/**
 * `<schema>.general_owned`: shares of all other positions. What they come to on the day is of the same unit as that of plain
 * ones and joins their rows, so that only sums over days are added up apart.
 */
export function generalOwnedSql(schema: string, input: ComputeInput): string {
  const part = (column: string, taken: string) =>
    `case when o.share = ${shareScale} or s.raw_fen = 0 then s.${column}
      when o.is_first then s.${column} - coalesce(j.${taken}, 0)
      else (s.${column}::hugeint * o.share // ${shareScale})::bigint end`
  const byDay = asksMembers(input)
  return `create or replace table ${schema}.general_owned as
    select o.party_id, o.class, o.kind, o.is_foreign, s.raw_fen < 0 as is_overdrawn,
      ${byDay ? 'm.party_id is not null' : 'false'} as is_member,
      s.window_rated * o.factor as window_scaled, s.kept_rated * o.factor as kept_scaled,
      s.before_rated * o.factor as before_scaled, s.at_rated * o.factor as now_scaled,
      s.at_rated * (o.factor * o.ahead_days) as ahead_scaled,
      ${part('at_fen', 'taken_fen')} as at_fen, ${part('raw_fen', 'taken_raw')} as raw_fen
    from ${schema}.position_sum s join ${ownersOf(schema)}
    left join ${jointSql(schema, input.day)} j on j.position_id = s.position_id
    ${byDay ? `left join ${schema}.membership m on m.party_id = o.party_id and m.from_day <= s.seg_from and m.to_day > s.seg_from` : ''};
    insert into ${schema}.plain_owned by name
    select party_id, class, kind, is_foreign, is_overdrawn, is_member, 0 as window_scaled, 0 as kept_scaled, 0 as before_scaled,
      0 as now_scaled, at_fen, raw_fen from ${schema}.general_owned`
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
function passes(given: readonly Measure[]): Pass[] {
  const found = new Map<string, Pass>()
  for (const measure of given.filter((one) => one.over !== 'party')) {
    const key = `${measure.over} ${measure.where ?? ''}`
    const pass = found.get(key) ?? { over: measure.over, where: measure.where, measures: [] }
    pass.measures.push(measure)
    found.set(key, pass)
  }
  return [...found.values()]
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
export function measureSql(schema: string, input: ComputeInput, spans: Spans, range: IdRange): string {
  const inRange = `party_id between ${range.from} and ${range.to}`
  const joins: string[] = []
  const filled: string[] = []
  const join = (alias: string, rows: string) =>
    joins.push(`left join (${rows}) ${alias} on ${alias}.party_id = p.party_id`)
  // Only `byDay` asks who was a member on a day: else these sums are of nothing
  const isEmpty = (measure: Measure) => measure.where === 'is_member' && !asksMembers(input)
  filled.push(...measures.filter(isEmpty).map(({ column }) => `0::hugeint as ${column}`))
  const summed = measures.filter((measure) => !isEmpty(measure))
  const overDays = summed.filter((measure) => measure.over === 'owned' && isOverDays(measure))
  join('general', passSql(`${schema}.general_owned`, overDays, inRange))
  for (const [i, pass] of passes(summed).entries()) {
    const alias = pass.over === 'owned' ? `plain_${i}` : pass.over
    if (pass.over === 'owned') join(alias, plainPassSql(schema, pass, spans, inRange))
    else join(alias, `select * from ${schema}.${pass.over} where ${inRange}`)
    const write = pass.over === 'owned' ? ownedSql : filledSql
    filled.push(...pass.measures.map((measure) => write(measure, alias)))
  }
  const ofParty = measures.filter((measure) => measure.over === 'party')
  return `select *${ofParty.map((measure) => `, ${measure.sql} as ${measure.column}`).join('')}
    from (select p.*, s.party_id is not null as no_data, ${filled.join(', ')}
      from (select party_id, kind::${partyType} as kind, identity_valid,
          coalesce(missing, '')::${schema}.missing_names as missing, missing_count
        from ${schema}.party where ${inRange}) p
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

const isOverDays = ({ unit }: Measure) => unit === 'fen·days × 10^19'

function ownedSql(measure: Measure, alias: string): string {
  const { column } = measure
  const plain = `coalesce(${alias}.${column}, 0)`
  return isOverDays(measure)
    ? `${plain}::hugeint * ${plainUnit} + coalesce(general.${column}, 0) as ${column}`
    : `${plain} as ${column}`
}

function filledSql({ column, unit }: Measure, alias: string): string {
  return unit === 'day' ? `${alias}.${column}` : `coalesce(${alias}.${column}, 0) as ${column}`
}
