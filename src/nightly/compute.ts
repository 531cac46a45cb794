/**
 * The sums of a night for every party: from intervals, rates and the desk snapshot to one row of measures per party.
 * The night, `tiers --policy`, simulations and "would have been" all come through here, so they cannot differ.
 */

import { assert } from '../kit/assert.ts'
import { addDays, type Day } from '../kit/day.ts'
import type { Engine } from '../lake/engine.ts'
import { literal } from '../lake/engine.ts'
import { emptyFacts, type LakeFile, relation } from '../lake/facts.ts'
import { neededRatesSql, type SumRequest, sumPositions } from '../lake/intervals.ts'
import { createRateTable, dailyRates, type NeededRate, readRates } from '../lake/rates.ts'
import { type SnapshotTable, snapshotPath } from '../lake/snapshot.ts'
import { measures } from '../measures/index.ts'
import type { Measure } from '../measures/measure.ts'
import { accountFlagsLeftOut } from '../tiers/assign.ts'
import { assetClasses, type Policy } from '../tiers/policy.ts'
import { type DistanceWindow, distanceWindow, type Window, windowOf } from '../tiers/window.ts'

export interface ComputeInput {
  policy: Policy
  day: Day
  /** Absolute folder of the lake. */
  lakeDir: string
  /** Absolute folder of the desk snapshot. */
  snapshotDir: string
  /** Relation with the interval columns; see `intervalRelation`. */
  intervals: string
  rateFiles: readonly LakeFile[]
  transactionFiles: readonly LakeFile[]
}

/** Every span of days that a computation speaks of. */
export interface Spans {
  window: Window
  distance: DistanceWindow
  /** First day of the window before this one. */
  before: Day
  /** First known day that still counts on the target cut-off; the day after `window.to` when none does. */
  kept: Day
}

export function spansOf(policy: Policy, day: Day): Spans {
  const window = windowOf(policy, day)
  const distance = distanceWindow(policy, day)
  return {
    window,
    distance,
    before: addDays(window.from, -window.days),
    kept: distance.stay && distance.stay.from <= day ? distance.stay.from : addDays(day, 1),
  }
}

/** A relation of the snapshot. */
export function desk(input: { snapshotDir: string }, table: SnapshotTable): string {
  return `read_parquet(${literal(snapshotPath(input.snapshotDir, table))})`
}

/**
 * Fills `<schema>.measure`: party_id and the columns of `measures`, one row per party of the night. Leaves behind
 * `<schema>.party` (the parties of the night), `segment`, `owner` and `rate`.
 */
export async function computeMeasures(engine: Engine, schema: string, input: ComputeInput): Promise<Spans> {
  const spans = spansOf(input.policy, input.day)
  const request: SumRequest = {
    intervals: input.intervals,
    baseCurrency: input.policy.currency,
    day: input.day,
    from: spans.window.from,
    before: spans.before,
    kept: spans.kept,
    negative: input.policy.negative,
  }
  await engine.exec(`create schema if not exists ${schema}`)
  await prepareDesk(engine, schema, input, spans)
  await prepareRates(engine, schema, input, request)
  await sumPositions(engine, schema, request)
  await engine.exec(partSql(schema))
  await engine.exec(`drop table ${schema}.counted`)
  await engine.exec(jointSql(schema, input.day))
  await engine.exec(measureSql(schema, input, spans))
  // A million customers' worth of each: the steps after this need the memory
  const done = ['position_sum', 'position_before', 'position_gap', 'other_sum', 'segmented', 'part', 'joint_rest']
  await engine.exec(done.map((table) => `drop table ${schema}.${table};`).join('\n'))
  return spans
}

/** Parties of the night: known to the bank on the day, not yet gone. */
export function partySql(input: { snapshotDir: string; day: Day }): string {
  return `(select * from ${desk(input, 'party')}
    where (opened_on is null or opened_on <= date '${input.day}') and (closed_on is null or closed_on > date '${input.day}'))`
}

/** Weight × 10^4 of a product row `pr`: the policy's by class, else the product's own. */
export function weightSql(policy: Policy): string {
  const cases = assetClasses.flatMap((name) => {
    const weight = policy.weights[name]
    return weight === undefined ? [] : [`when '${name}' then ${weight}`]
  })
  return cases.length === 0 ? 'pr.weight' : `case pr.class ${cases.join(' ')} else pr.weight end`
}

async function prepareDesk(engine: Engine, schema: string, input: ComputeInput, spans: Spans): Promise<void> {
  const { policy, day } = input
  const { heldFrom, daysLeft, cutOff } = spans.distance
  await engine.exec(`create or replace view ${schema}.party as select * from ${partySql(input)} p`)
  // What is known to end before the target cut-off counts only until then: see tiers/distance.ts
  await engine.exec(`create or replace table ${schema}.counted as
    select p.position_id, p.account_id, p.kind, p.currency <> '${policy.currency}' as is_foreign, pr.class,
      (${weightSql(policy)})::integer as weight, coalesce(e.ahead_days, ${daysLeft})::integer as ahead_days
    from ${desk(input, 'position')} p
    join ${desk(input, 'product')} pr on pr.product_id = p.product_id
    left join (
      select account_id, greatest(least(coalesce(matures_on, closed_on), coalesce(closed_on, matures_on)) - date '${heldFrom}', 0) as ahead_days
      from ${desk(input, 'account')}
      where least(coalesce(matures_on, closed_on), coalesce(closed_on, matures_on)) between date '${addDays(day, 1)}' and date '${cutOff}'
    ) e on e.account_id = p.account_id
    where pr.class in (${assetClasses.map(literal).join(', ')})`)
  await engine.exec(`create or replace view ${schema}.owner as
    select o.account_id, o.party_id, o.share, o.from_day, o.to_day,
      o.share = 10000 or o.party_id = f.first_party as is_first
    from ${desk(input, 'account_owner')} o
    left join (
      select account_id, min(ordinal::bigint * 1000000000000 + party_id) % 1000000000000 as first_party
      from ${desk(input, 'account_owner')}
      where share < 10000 and from_day <= date '${day}' and to_day > date '${day}'
      group by account_id) f on f.account_id = o.account_id`)
  await engine.exec(membershipSql(schema, input))
  for (const statement of segmentSql(schema, input, spans.before)) await engine.exec(statement)
}

/** Days of consenting membership in the household of the day, half-open. */
function membershipSql(schema: string, input: ComputeInput): string {
  return `create or replace table ${schema}.membership as
    select m.household_id, m.party_id, greatest(m.from_day, m.consent_from) as from_day,
      least(m.to_day, coalesce(m.consent_to, date '2299-12-31')) as to_day
    from ${desk(input, 'household_member')} m
    join (select party_id, min(household_id) as household_id from ${desk(input, 'household_member')}
      where from_day <= date '${input.day}' and to_day > date '${input.day}' and consent_from <= date '${input.day}'
        and coalesce(consent_to, date '2299-12-31') > date '${input.day}'
      group by party_id) today on today.party_id = m.party_id and today.household_id = m.household_id
    where m.consent_from is not null`
}

// An account has segments when something about it changes inside (before, day]; all others are summed in one go.
function segmentSql(schema: string, input: ComputeInput, before: Day): string[] {
  const inside = (column: string) => `${column} > date '${before}' and ${column} <= date '${input.day}'`
  const leftOut = accountFlagsLeftOut(input.policy)
  const flags = `(select * from ${desk(input, 'account_flag')}
    where kind in (${['', ...leftOut].map(literal).join(', ')}) and from_day <= date '${input.day}' and to_day > date '${before}')`
  const owner = desk(input, 'account_owner')
  const cuts = [
    `select account_id, from_day as day from ${owner} where ${inside('from_day')}`,
    `select account_id, to_day from ${owner} where ${inside('to_day')}`,
    `select account_id, greatest(closed_on, date '${before}') from ${desk(input, 'account')} where closed_on <= date '${input.day}'`,
    `select account_id, greatest(from_day, date '${before}') from ${flags}`,
    `select account_id, to_day from ${flags} where ${inside('to_day')}`,
  ]
  if (input.policy.household?.membership === 'byDay') {
    for (const column of ['m.from_day', 'm.to_day']) {
      cuts.push(`select o.account_id, ${column} from ${schema}.membership m join ${owner} o on o.party_id = m.party_id
        where ${inside(column)}`)
    }
  }
  return [
    `create or replace table ${schema}.cut as select distinct account_id, day from (
      ${cuts.join('\n union all ')})`,
    `insert into ${schema}.cut select distinct account_id, date '${before}' from ${schema}.cut c
      where not exists (select 1 from ${schema}.cut o where o.account_id = c.account_id and o.day = date '${before}')`,
    `create or replace table ${schema}.segment as
      select c.account_id, c.day as seg_from, coalesce(c.next_day, date '${addDays(input.day, 1)}') as seg_to,
        (a.closed_on is null or a.closed_on > c.day)
          and not exists (select 1 from ${flags} f where f.account_id = c.account_id and f.from_day <= c.day and f.to_day > c.day) as counts
      from (select l.account_id, l.day, min(r.day) as next_day from ${schema}.cut l
        left join ${schema}.cut r on r.account_id = l.account_id and r.day > l.day group by l.account_id, l.day) c
      left join ${desk(input, 'account')} a on a.account_id = c.account_id`,
  ]
}

async function prepareRates(engine: Engine, schema: string, input: ComputeInput, request: SumRequest): Promise<void> {
  const needed = await engine.rows<NeededRate>(neededRatesSql(schema, request))
  const moved = await engine.rows<NeededRate>(`select distinct currency, null as "from", null as "to"
    from ${relation(input.lakeDir, input.transactionFiles, emptyFacts.transaction)}
    where day >= date '${request.from}' and day <= date '${input.day}' and currency <> '${request.baseCurrency}'
    order by currency`)
  const all = [...needed, ...moved.filter((one) => !needed.some((other) => other.currency === one.currency))]
  const rates = await readRates(engine, input.lakeDir, input.rateFiles, {
    currencies: all.map((one) => one.currency),
    to: input.day,
  })
  const daily = dailyRates(rates, {
    from: request.before,
    to: input.day,
    baseCurrency: input.policy.currency,
    rateAgeDaysMax: input.policy.rateAgeDaysMax,
    needed: all,
  })
  await createRateTable(engine, `${schema}.rate`, daily)
}

// A position with one of its owners and all that their sums are multiplied by or divided into.
function partSql(schema: string): string {
  return `create or replace table ${schema}.part as
    select c.position_id, o.party_id, o.from_day, o.to_day, c.weight::bigint * o.share as factor, o.share, o.is_first, c.class,
      c.kind, c.is_foreign, c.ahead_days
    from ${schema}.counted c join ${schema}.owner o on o.account_id = c.account_id`
}

// At the end of the day every owner but the first gets the truncated part, the first one what is left.
function jointSql(schema: string, day: Day): string {
  return `create or replace table ${schema}.joint_rest as
    select s.position_id, sum(s.at_fen::hugeint * o.share // 10000)::bigint as taken_fen,
      sum(s.raw_fen::hugeint * o.share // 10000)::bigint as taken_raw
    from ${schema}.position_sum s join ${schema}.part o on o.position_id = s.position_id
    where o.is_first is not true and o.from_day <= date '${day}' and o.to_day > date '${day}' and s.raw_fen <> 0
    group by s.position_id`
}

/** The relations that measures aggregate; see measures/measure.ts. */
type Owned = 'owned' | 'before' | 'carried'

function ownedSql(schema: string, input: ComputeInput, over: Owned): string {
  const owners = `${schema}.part o on o.position_id = s.position_id and o.from_day <= s.seg_from and o.to_day > s.seg_from`
  if (over === 'before') {
    return `(select o.party_id, s.before_rated * o.factor as before_scaled from ${schema}.position_before s join ${owners})`
  }
  if (over === 'carried') {
    return `(select o.party_id, s.gap_days, s.gap_rated * o.factor as gap_scaled
      from ${schema}.position_gap s join ${owners})`
  }
  const part = (column: string, taken: string) =>
    `case when o.share = 10000 or s.raw_fen = 0 then s.${column}
      when o.is_first then s.${column} - coalesce(j.${taken}, 0)
      else (s.${column}::hugeint * o.share // 10000)::bigint end`
  const byDay = input.policy.household?.membership === 'byDay'
  const ofMember = (rated: string) =>
    byDay ? `case when m.party_id is not null then s.${rated} * o.factor else 0::hugeint end` : '0::hugeint'
  return `(select o.party_id, o.class, o.kind, o.is_foreign, s.raw_fen < 0 as is_overdrawn,
      s.window_rated * o.factor as window_scaled,
      s.kept_rated * o.factor as kept_scaled,
      s.at_rated * o.factor as now_scaled,
      s.at_rated * (o.factor * o.ahead_days) as ahead_scaled,
      ${ofMember('window_rated')} as window_member,
      ${ofMember('kept_rated')} as kept_member,
      ${part('at_fen', 'taken_fen')} as at_fen,
      ${part('raw_fen', 'taken_raw')} as raw_fen
    from ${schema}.position_sum s join ${owners}
    left join ${schema}.joint_rest j on j.position_id = s.position_id
    ${byDay ? `left join ${schema}.membership m on m.party_id = o.party_id and m.from_day <= s.seg_from and m.to_day > s.seg_from` : ''})`
}

function activitySql(schema: string, input: ComputeInput, spans: Spans): string {
  const facts = relation(input.lakeDir, input.transactionFiles, emptyFacts.transaction)
  return `(select o.party_id, t.day, t.count, (t.amount_fen * o.share // 10000)::bigint as amount_fen,
      t.day >= date '${spans.window.from}' as in_window
    from (select f.account_id, f.day, count(*) as count,
        sum(case when f.currency = '${input.policy.currency}' then abs(f.amount)::hugeint
          else abs(f.amount)::hugeint * coalesce(r.per_minor, 0) // 100000000000 end) as amount_fen
      from ${facts} f left join ${schema}.rate r on r.currency = f.currency and r.day = f.day
      where f.day <= date '${input.day}' and f.kind not in ('interest', 'fee')
      group by f.account_id, f.day) t
    join ${schema}.owner o on o.account_id = t.account_id and o.from_day <= t.day and o.to_day > t.day)`
}

// Measures over the same rows share a pass; every pass is narrow, and most are over few rows.
function measureSql(schema: string, input: ComputeInput, spans: Spans): string {
  const passes = new Map<string, { over: Measure['over']; where: string | undefined; columns: string[] }>()
  for (const { over, where, sql, column } of measures) {
    if (over === 'party') continue
    const key = `${over} ${where ?? ''}`
    const pass = passes.get(key) ?? { over, where, columns: [] }
    pass.columns.push(`${sql} as ${column}`)
    passes.set(key, pass)
  }
  const joined = [...passes.values()].map(({ over, where, columns }, i) => {
    const rows = over === 'activity' ? activitySql(schema, input, spans) : ownedSql(schema, input, over as Owned)
    return `left join (select party_id as party_${i}, ${columns.join(', ')}
        from ${rows} ${where === undefined ? '' : `where ${where}`} group by party_id) p${i} on p${i}.party_${i} = p.party_id`
  })
  const filled = measures
    .filter((measure) => measure.over !== 'party')
    .map((measure) => (measure.unit === 'day' ? measure.column : `coalesce(${measure.column}, 0) as ${measure.column}`))
  const ofParty = measures.filter((measure) => measure.over === 'party')
  assert(ofParty.length > 0, 'measures from columns come last')
  return `create or replace table ${schema}.measure as
    select *, ${ofParty.map((measure) => `${measure.sql} as ${measure.column}`).join(', ')}
    from (select p.party_id, ${filled.join(', ')} from ${schema}.party p ${joined.join('\n')})`
}
