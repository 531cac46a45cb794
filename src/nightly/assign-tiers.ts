/**
 * From measures to tiers: who counts, households, the qualified tier, distances, scores and what happens to the tier in
 * force. The rules are in tiers/ and insight/ and emit their own SQL; this file hands them their relations.
 */
import type { Day } from '../kit/day.ts'
import { sumScale } from '../kit/money.ts'
import type { Engine } from '../lake/engine.ts'
import { assignSql, specialSql } from '../tiers/assign.ts'
import { distanceSql } from '../tiers/distance.ts'
import { householdSql, householdsSql, householdTierSql, memberValuesSql } from '../tiers/household.ts'
import type { Policy } from '../tiers/policy.ts'
import { withFloorFen } from '../tiers/scaled-sql.ts'
import { desk, type Spans } from './compute.ts'

export interface AssignSource {
  policy: Policy
  day: Day
  snapshotDir: string
  spans: Spans
  /** Relation with party_id and the columns of the measures. */
  measure: string
}

/**
 * Fills `<schema>.assigned` (what a night says about a party: tier, path, averages, distances, who may rise or fall)
 * and `<schema>.household_result`.
 */
export async function assignTiers(engine: Engine, schema: string, source: AssignSource): Promise<void> {
  const { policy, day, spans } = source
  const { days } = spans.window
  const members = desk(source, 'household_member')
  await engine.exec(`create or replace table ${schema}.special as ${specialSql(policy, { flags: flagsSql(source) })}`)
  // Members are few: their sums are picked out once, so that nothing below goes through all parties again
  await engine.exec(`create or replace table ${schema}.sums as
    select m.party_id, m.own_sum, m.member_sum, coalesce(s.counts, true) as counts, m.kept_sum,
      ${policy.household?.membership === 'byDay' ? 'm.kept_member_sum' : 'm.kept_sum'} as kept_in_household,
      m.now_sum, m.ahead_sum
    from ${source.measure} m left join ${schema}.special s on s.party_id = m.party_id
    where m.party_id in (select party_id from ${members})`)
  const given = { members, sums: `${schema}.sums`, day }
  await engine.exec(`create or replace table ${schema}.member_value as ${memberValuesSql(policy, given)}`)
  const household = { ...given, values: `${schema}.member_value` }
  await engine.exec(`create or replace table ${schema}.in_household as ${householdSql(policy, household)}`)
  await engine.exec(`create or replace table ${schema}.household_result as
    select h.household_id, k.household_no, k.unit_id, h.members, h.consenting, h.household_sum,
      (h.household_sum // ${sumScale}::hugeint)::bigint as sum_fen,
      (h.household_sum // (${sumScale * BigInt(days)}::hugeint * greatest(h.consenting, 1)))::bigint as average_fen,
      ${householdTierSql(policy, days)} as tier
    from (select *, consenting as household_members from (${householdsSql(policy, household)})) h
    join ${desk(source, 'household')} k on k.household_id = h.household_id`)
  await engine.exec(`create or replace table ${schema}.household_flow as
    select i.household_id,
      sum(case when s.counts then s.kept_in_household else 0::hugeint end)::hugeint as household_stay,
      sum(case when s.counts then s.now_sum else 0::hugeint end)::hugeint as household_now,
      sum(case when s.counts then s.ahead_sum else 0::hugeint end)::hugeint as household_ahead
    from ${schema}.in_household i left join ${schema}.sums s on s.party_id = i.party_id group by i.household_id`)
  await engine.exec(assignedSql(schema, source))
}

/** (party_id, kind) of the flags valid on the day: the party's own, and frozen and pledged of the accounts it owns. */
function flagsSql(source: AssignSource): string {
  const valid = (name: string) => `${name}.from_day <= date '${source.day}' and ${name}.to_day > date '${source.day}'`
  return `(select party_id, kind from ${desk(source, 'party_flag')} f where ${valid('f')}
    union all select o.party_id, f.kind from ${desk(source, 'account_flag')} f
      join ${desk(source, 'account_owner')} o on o.account_id = f.account_id
      where f.kind in ('frozen', 'pledged') and ${valid('f')} and ${valid('o')})`
}

/** What the tier rule says of a party; the distance rule hands it on. */
const assigned = [
  'qualified_tier',
  'path',
  'individual_tier',
  'household_tier',
  'entry_tier',
  'average_fen',
  'sum_fen',
  'sum_scaled',
  'household_id',
  'household_average_fen',
  'household_total_fen',
  'household_members',
  'household_sum',
  'points',
]
/** What the tier rule hands on to the distance rule. */
const flows = ['own_stay', 'own_now', 'own_ahead', 'household_stay', 'household_now', 'household_ahead']
const facts = ['kind', 'counts', 'frequency', 'product_classes']
const others = ['before_sum', 'before_fen', 'may_rise', 'may_fall']

// One pass over the parties: every rule reads the row that the one before it made.
function assignedSql(schema: string, source: AssignSource): string {
  const { policy, spans } = source
  const input = `(select m.party_id, m.kind, m.identity_valid as has_valid_identity, coalesce(s.counts, true) as counts,
      coalesce(s.may_rise, true) as may_rise, coalesce(s.may_fall, true) as may_fall, m.own_sum::hugeint as own_sum,
      m.frequency, m.product_classes, m.kept_sum::hugeint as own_stay, m.now_sum::hugeint as own_now,
      m.ahead_sum::hugeint as own_ahead, m.before_sum, abs(m.before_sum) as before_size, h.household_id, h.household_sum,
      h.household_members, f.household_stay, f.household_now, f.household_ahead
      from ${source.measure} m
      left join ${schema}.special s on s.party_id = m.party_id
      left join (${schema}.in_household h left join ${schema}.household_flow f on f.household_id = h.household_id)
        on h.party_id = m.party_id)`
  const tiered = assignSql(policy, {
    days: spans.window.days,
    input: withFloorFen(input, { before_fen: 'before_size' }),
    keep: [...facts, ...flows, ...others],
  })
  const distant = distanceSql(policy, spans.distance, { input: `(${tiered})`, keep: [...assigned, ...others] })
  // Toward zero, and truncating in steps gives what truncating once gives
  return `create or replace table ${schema}.assigned as
    select party_id, ${assigned.join(', ')}, to_next_fen, to_keep_fen, near_line,
      case when before_sum < 0 then -before_fen else before_fen end // ${spans.window.days} as average_before_fen,
      may_rise, may_fall
    from (${distant})`
}
