/**
 * The sums of a night for every party: from intervals, rates and the desk snapshot to one row of measures per party.
 * The night, `tiers --policy`, simulations and "would have been" all come through here, so they cannot differ.
 */

import { addDays, type Day } from '../kit/day.ts'
import { ceilDivide, shareScale } from '../kit/money.ts'
import type { Engine } from '../lake/engine.ts'
import { literal } from '../lake/engine.ts'
import { emptyFacts, type LakeFile, relation } from '../lake/facts.ts'
import {
  findApart,
  type IntervalMonths,
  monthsWithDays,
  neededRatesSql,
  plainMaxOf,
  type SumRequest,
  sumPositions,
} from '../lake/intervals.ts'
import { createRateTable, dailyRates, type NeededRate, readRates } from '../lake/rates.ts'
import { type SnapshotTable, snapshotPath } from '../lake/snapshot.ts'
import { accountFlagsLeftOut } from '../tiers/assign.ts'
import { assetClasses, type Policy } from '../tiers/policy.ts'
import { type DistanceWindow, distanceWindow, type Window, windowOf } from '../tiers/window.ts'
import {
  classType,
  generalOwnedSql,
  type IdRange,
  kindType,
  measureSql,
  missingTypeSql,
  partSql,
  plainOwnedSql,
  smallPassesSql,
} from './measure-sql.ts'

export interface ComputeInput {
  policy: Policy
  day: Day
  /** Absolute folder of the lake. */
  lakeDir: string
  /** Absolute folder of the desk snapshot. */
  snapshotDir: string
  /** Relation with the interval columns; see `intervalRows`. */
  intervals: string
  /** The same by month, for sums that are a difference of two days; without it, every interval is read. */
  months?: IntervalMonths
  rateFiles: readonly LakeFile[]
  transactionFiles: readonly LakeFile[]
  /** Overrides `plainMaxOf`: lower, and more positions go the general way, to the same result. */
  plainMax?: bigint
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

/** The tables of a join or a sum over so many fit an engine's memory, and mostly its caches. */
export const partiesAtOnce = 250_000n
const accountsAtOnce = 500_000n

/**
 * Fills `<schema>.measure`: party_id, `partyColumns` and the columns of `measures`, one row per party of the night. Leaves
 * behind `<schema>.party` (the parties of the night), `segment`, `owner` and `rate`.
 */
export async function computeMeasures(engine: Engine, schema: string, input: ComputeInput): Promise<Spans> {
  const spans = spansOf(input.policy, input.day)
  const months = await monthsWithDays(engine, input.months)
  const request: SumRequest = {
    intervals: input.intervals,
    ...(months ? { months } : {}),
    baseCurrency: input.policy.currency,
    day: input.day,
    from: spans.window.from,
    before: spans.before,
    kept: spans.kept,
    negative: input.policy.negative,
    plainMax: input.plainMax ?? plainMaxOf(spans.before, input.day),
  }
  await engine.exec(`create schema if not exists ${schema}`)
  await prepareDesk(engine, schema, input, spans)
  await prepareRates(engine, schema, input, request)
  await sumPositions(engine, schema, request)
  await fillPlainOwned(engine, schema, input, spans)
  await engine.exec(partSql(schema, input.day, spans))
  await engine.exec(generalOwnedSql(schema, input))
  await drop(engine, schema, ['position_days', 'position_sum', 'slice', 'foreign_interval', 'gap_interval', 'wide'])
  await engine.exec(smallPassesSql(schema, input, spans))
  await engine.exec(missingTypeSql(schema))
  await fillMeasure(engine, schema, input, spans)
  // A million customers' worth of each: the steps after this need the memory
  await drop(engine, schema, [
    'plain_owned',
    'general_owned',
    'part',
    'general_position',
    'position_gap',
    'general_account',
    'ending',
    'silent',
    'carried',
    'activity',
  ])
  return spans
}

async function fillPlainOwned(engine: Engine, schema: string, input: ComputeInput, spans: Spans): Promise<void> {
  const into = `${schema}.plain_owned`
  for (const [i, range] of (await idRanges(engine, desk(input, 'account'), 'account_id', accountsAtOnce)).entries()) {
    const query = plainOwnedSql(schema, input, spans, range)
    await engine.exec(i === 0 ? `create or replace table ${into} as ${query}` : `insert into ${into} ${query}`)
  }
}

async function fillMeasure(engine: Engine, schema: string, input: ComputeInput, spans: Spans): Promise<void> {
  const into = `${schema}.measure`
  for (const [i, range] of (await idRanges(engine, `${schema}.party`, 'party_id', partiesAtOnce)).entries()) {
    const query = measureSql(schema, input, spans, range)
    await engine.exec(i === 0 ? `create or replace table ${into} as ${query}` : `insert into ${into} ${query}`)
  }
}

/** The ids of a relation in ranges of about `atOnce` rows; at least one range. */
export async function idRanges(engine: Engine, relation: string, id: string, atOnce: bigint): Promise<IdRange[]> {
  const [known] = await engine.rows<{ n: bigint; first: bigint; last: bigint }>(
    `select count(*) as n, coalesce(min(${id}), 0) as first, coalesce(max(${id}), 0) as last from ${relation}`,
  )
  const { n, first, last } = known ?? { n: 0n, first: 0n, last: 0n }
  const step = (last - first) / (ceilDivide(n, atOnce) || 1n) + 1n
  const ranges: IdRange[] = []
  for (let from = first; from <= last; from += step) ranges.push({ from, to: from + step - 1n })
  return ranges
}

async function drop(engine: Engine, schema: string, tables: readonly string[]): Promise<void> {
  await engine.exec(tables.map((table) => `drop table ${schema}.${table};`).join('\n'))
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
  const { heldFrom, cutOff } = spans.distance
  await engine.exec(`create or replace view ${schema}.party as select * from ${partySql(input)} p;
    create or replace view ${schema}.owner as select * from ${desk(input, 'account_owner')};
    create or replace view ${schema}.position as
    select p.position_id, p.account_id, p.kind, p.is_foreign, pr.class, pr.weight
    from (select position_id, account_id, product_id, kind::${kindType} as kind, currency <> '${policy.currency}' as is_foreign
      from ${desk(input, 'position')}) p
    join (select product_id, class::${classType} as class, (${weightSql(policy)})::integer as weight
      from ${desk(input, 'product')} pr where class in (${assetClasses.map(literal).join(', ')})) pr on pr.product_id = p.product_id`)
  // What is known to end before the target cut-off counts only until then: see tiers/distance.ts
  const ends = 'least(coalesce(matures_on, closed_on), coalesce(closed_on, matures_on))'
  await engine.exec(`create or replace table ${schema}.ending as
    select account_id, greatest(${ends} - date '${heldFrom}', 0) as ahead_days from ${desk(input, 'account')}
    where ${ends} between date '${addDays(day, 1)}' and date '${cutOff}'`)
  await engine.exec(`create or replace table ${schema}.general_account as
    select account_id from ${schema}.owner where share <> ${shareScale}
    union select account_id from ${schema}.ending`)
  await engine.exec(silentSql(schema, input))
  await engine.exec(membershipSql(schema, input))
  for (const statement of segmentSql(schema, input, spans.before)) await engine.exec(statement)
}

/** Owners of an open account of financial assets of which no balance ever came. */
function silentSql(schema: string, input: ComputeInput): string {
  return `create or replace table ${schema}.silent as
    select distinct o.party_id
    from (select a.account_id from ${desk(input, 'account')} a
      join ${desk(input, 'product')} pr on pr.product_id = a.product_id
      anti join ${desk(input, 'position')} p on p.account_id = a.account_id
      where (a.opened_on is null or a.opened_on <= date '${input.day}') and (a.closed_on is null or a.closed_on > date '${input.day}')
        and pr.class in (${assetClasses.map(literal).join(', ')})) a
    join ${schema}.owner o on o.account_id = a.account_id and o.from_day <= date '${input.day}' and o.to_day > date '${input.day}'`
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
  await findApart(engine, schema, request)
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
