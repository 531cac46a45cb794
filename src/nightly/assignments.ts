/**
 * From measures to tiers: who counts, households, the qualified tier, distances, scores and what happens to the tier in
 * force. The rules are in tiers/ and insight/ and emit their own SQL; this file hands them their relations.
 */
import type { Day } from '../kit/day.ts'
import { sumScale } from '../kit/money.ts'
import type { Engine } from '../lake/engine.ts'
import { assignSql, specialSql } from '../tiers/assign.ts'
import { distanceSql } from '../tiers/distance.ts'
import { householdSql, householdsSql, householdTierSql } from '../tiers/household.ts'
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
 * and `<schema>.household_result`. Reads `<schema>.party`.
 */
export async function assignTiers(engine: Engine, schema: string, source: AssignSource): Promise<void> {
  const { policy, day, spans } = source
  const { days } = spans.window
  const members = desk(source, 'household_member')
  await engine.exec(`create or replace table ${schema}.special as ${specialSql(policy, { flags: flagsSql(source) })}`)
  await engine.exec(`create or replace view ${schema}.sums as
    select m.party_id, m.own_sum, m.member_sum, coalesce(s.counts, true) as counts, m.kept_sum,
      ${policy.household?.membership === 'byDay' ? 'm.kept_member_sum' : 'm.kept_sum'} as kept_in_household,
      m.now_sum, m.ahead_sum
    from ${source.measure} m left join ${schema}.special s on s.party_id = m.party_id`)
  const household = { members, sums: `${schema}.sums`, day }
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
  await engine.exec(
    `create or replace table ${schema}.tiered as ${assignSql(policy, {
      days,
      input: `(select p.party_id, p.kind, p.identity_valid as has_valid_identity, s.counts, s.own_sum::hugeint as own_sum,
      h.household_id, h.household_sum, h.household_members, m.frequency, m.product_classes
      from ${schema}.party p join ${source.measure} m on m.party_id = p.party_id
      join ${schema}.sums s on s.party_id = p.party_id
      left join ${schema}.in_household h on h.party_id = p.party_id)`,
    })}`,
  )
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

function assignedSql(schema: string, source: AssignSource): string {
  const { policy, spans } = source
  // Toward zero, and truncating in steps gives what truncating once gives
  const before = `(select party_id, before_sum < 0 as is_negative, before_fen from
    ${withFloorFen(`(select party_id, before_sum, abs(before_sum) as before_size from ${source.measure})`, { before_fen: 'before_size' })})`
  const distance = distanceSql(policy, spans.distance, {
    input: `(select t.party_id, p.kind, s.counts, t.qualified_tier, s.kept_sum::hugeint as own_stay,
      s.now_sum::hugeint as own_now, s.ahead_sum::hugeint as own_ahead, f.household_stay, f.household_now,
      f.household_ahead, t.household_members, m.frequency, m.product_classes
      from ${schema}.tiered t join ${schema}.party p on p.party_id = t.party_id
      join ${schema}.sums s on s.party_id = t.party_id join ${source.measure} m on m.party_id = t.party_id
      left join ${schema}.household_flow f on f.household_id = t.household_id)`,
  })
  return `create or replace table ${schema}.assigned as
    select t.*, d.to_next_fen, d.to_keep_fen, d.near_line,
      case when b.is_negative then -b.before_fen else b.before_fen end // ${spans.window.days} as average_before_fen,
      coalesce(s.may_rise, true) as may_rise, coalesce(s.may_fall, true) as may_fall
    from ${schema}.tiered t
    join (${distance}) d on d.party_id = t.party_id
    join ${before} b on b.party_id = t.party_id
    left join ${schema}.special s on s.party_id = t.party_id`
}
