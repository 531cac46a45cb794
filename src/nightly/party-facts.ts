/**
 * What the lake knows of a few parties on a day: their positions with values, shares and flags by spans of days, in the
 * shape of tiers/explain-facts.ts. Reads the same snapshot and intervals as the night of that day when there is one,
 * so an explanation says what the night saw.
 */
import { join } from 'node:path'
import { showLast4 } from '../access/show.ts'
import type { Currency } from '../kit/currency.ts'
import { addDays, type Day } from '../kit/day.ts'
import { intervalRelation } from '../lake/compact.ts'
import { literal } from '../lake/engine.ts'
import { dailyRates, readRates } from '../lake/rates.ts'
import { accountFlagsLeftOut } from '../tiers/assign.ts'
import type { ExplainFacts, PositionFacts, SpanFacts } from '../tiers/explain-facts.ts'
import { type AssetClass, assetClasses, type Policy, type Special } from '../tiers/policy.ts'
import { desk } from './compute.ts'
import { manifestFacts } from './freeze.ts'
import type { Inputs } from './what-if.ts'
import type { Workplace } from './workplace.ts'

export interface PartyQuery {
  policy: Policy
  day: Day
  /** First day whose values are wanted. */
  from: Day
  inputs: Inputs
  parties: readonly bigint[]
  /** True: days without a usable rate count 0 instead of being refused. For charts. */
  lenientRates?: boolean
}

export interface PartyPositions {
  positions: Map<bigint, PositionFacts[]>
  flags: Map<bigint, Special[]>
  /** Parties with an open account of which no balance ever came. */
  noData: Set<bigint>
  rates: ExplainFacts['rates']
}

interface OwnedPosition {
  party_id: bigint
  account_id: bigint
  position_id: bigint | null
  kind: PositionFacts['kind'] | null
  currency: Currency
  class: string
  code: string
  weight: bigint
  share: bigint
  from_day: Day
  to_day: Day
  opened_on: Day | null
  closed_on: Day | null
  matures_on: Day | null
}

interface IntervalRow {
  position_id: bigint
  from_day: Day
  to_day: Day
  value: bigint
  gap: boolean
}

/** Positions of the parties with their spans in [from, day]. Refuses `rate_missing` like a night. */
export async function positionsOf(workplace: Workplace, query: PartyQuery): Promise<PartyPositions> {
  const snapshotDir = join(workplace.lakeDir, 'snapshots', query.inputs.snapshot)
  const owned = await readOwned(workplace, query, snapshotDir)
  const flags = await readFlags(workplace, query, snapshotDir, owned)
  const intervals = await readIntervals(workplace, query, owned)
  const shown = await readShown(workplace, owned)
  const positions = new Map<bigint, PositionFacts[]>(query.parties.map((party) => [party, []]))
  const noData = new Set<bigint>()
  for (const [key, rows] of Map.groupBy(owned, (row) => `${row.party_id} ${row.account_id} ${row.position_id}`)) {
    const [row] = rows
    if (!row) throw new Error(`a group ${key} has a row`)
    if (row.position_id === null) {
      if (rows.some((one) => isOpen(one, query.day) && one.from_day <= query.day && one.to_day > query.day)) {
        noData.add(row.party_id)
      }
      continue
    }
    const text = shown.get(row.account_id)
    positions.get(row.party_id)?.push({
      customerNo: '',
      accountId: String(row.account_id),
      accountNo: showLast4(text?.last4 ?? ''),
      product: row.code,
      productName: text?.products.get(row.code) ?? row.code,
      class: row.class as AssetClass,
      kind: row.kind ?? 'balance',
      currency: row.currency,
      productWeight: BigInt(row.weight),
      spans: spansOfPosition(
        intervals.get(row.position_id) ?? [],
        rows,
        flags.leftOut.get(row.account_id) ?? [],
        query,
      ),
      endsOn: [row.matures_on, row.closed_on].filter((end) => end !== null && end > query.day).sort()[0] ?? null,
    })
  }
  for (const list of positions.values()) list.sort((a, b) => Number(BigInt(a.accountId) - BigInt(b.accountId)))
  return { positions, flags: flags.parties, noData, rates: await readRateList(workplace, query, positions) }
}

function isOpen(row: OwnedPosition, day: Day): boolean {
  return (row.opened_on === null || row.opened_on <= day) && (row.closed_on === null || row.closed_on > day)
}

async function readOwned(workplace: Workplace, query: PartyQuery, snapshotDir: string): Promise<OwnedPosition[]> {
  const source = { snapshotDir }
  return workplace.engine.rows<OwnedPosition>(`
    select o.party_id, o.account_id, p.position_id, p.kind, coalesce(p.currency, a.currency) as currency, pr.class, pr.code,
      pr.weight::bigint as weight, o.share::bigint as share, o.from_day::varchar as from_day, o.to_day::varchar as to_day,
      a.opened_on::varchar as opened_on, a.closed_on::varchar as closed_on, a.matures_on::varchar as matures_on
    from ${desk(source, 'account_owner')} o
    join ${desk(source, 'account')} a on a.account_id = o.account_id
    left join ${desk(source, 'position')} p on p.account_id = o.account_id
    join ${desk(source, 'product')} pr on pr.product_id = coalesce(p.product_id, a.product_id)
    where o.party_id in (${query.parties.join(', ')}) and o.from_day <= date '${query.day}' and o.to_day > date '${query.from}'
      and pr.class in (${assetClasses.map(literal).join(', ')})
    order by o.party_id, o.account_id, p.position_id, o.from_day`)
}

async function readFlags(
  workplace: Workplace,
  query: PartyQuery,
  snapshotDir: string,
  owned: readonly OwnedPosition[],
): Promise<{ parties: Map<bigint, Special[]>; leftOut: Map<bigint, { from: Day; to: Day }[]> }> {
  const source = { snapshotDir }
  const ofParties = await workplace.engine.rows<{ party_id: bigint; kind: Special }>(
    `select party_id, kind from ${desk(source, 'party_flag')} where party_id in (${query.parties.join(', ')})
     and from_day <= date '${query.day}' and to_day > date '${query.day}' order by party_id, kind`,
  )
  const accounts = [...new Set(owned.map((row) => row.account_id))]
  const ofAccounts = await workplace.engine.rows<{ account_id: bigint; kind: Special; from_day: Day; to_day: Day }>(
    `select account_id, kind, from_day::varchar as from_day, to_day::varchar as to_day from ${desk(source, 'account_flag')}
     where account_id in (${[0n, ...accounts].join(', ')}) order by account_id, kind, from_day`,
  )
  const parties = new Map<bigint, Special[]>(query.parties.map((party) => [party, []]))
  for (const flag of ofParties) parties.get(flag.party_id)?.push(flag.kind)
  const leftOut = new Map<bigint, { from: Day; to: Day }[]>()
  const kinds: readonly Special[] = accountFlagsLeftOut(query.policy)
  for (const flag of ofAccounts) {
    if (kinds.includes(flag.kind)) {
      leftOut.set(flag.account_id, [...(leftOut.get(flag.account_id) ?? []), { from: flag.from_day, to: flag.to_day }])
    }
    if (flag.kind === 'dormant' || flag.from_day > query.day || flag.to_day <= query.day) continue
    for (const row of owned) {
      const list = parties.get(row.party_id)
      const owns = row.account_id === flag.account_id && row.from_day <= query.day && row.to_day > query.day
      if (owns && list && !list.includes(flag.kind)) list.push(flag.kind)
    }
  }
  return { parties, leftOut }
}

// Row groups are pruned by bucket and position, so a customer's months are read in milliseconds out of a million's.
async function readIntervals(
  workplace: Workplace,
  query: PartyQuery,
  owned: readonly OwnedPosition[],
): Promise<Map<bigint, IntervalRow[]>> {
  const ids = [...new Set(owned.flatMap((row) => (row.position_id === null ? [] : [row.position_id])))]
  const months = (query.inputs.intervals ?? []).filter(
    (month) => month.month <= query.day && month.month.slice(0, 7) >= query.from.slice(0, 7),
  )
  if (ids.length === 0 || months.length === 0) return new Map()
  const buckets = [...new Set(owned.map((row) => row.account_id % 16n))]
  const rows = await workplace.engine.rows<IntervalRow>(`
    select position_id, from_day::varchar as from_day, to_day::varchar as to_day, value, gap
    from ${intervalRelation(workplace.lakeDir, months)}
    where bucket in (${buckets.join(', ')}) and position_id in (${ids.join(', ')})
      and from_day <= date '${query.day}' and to_day > date '${query.from}'
    order by position_id, from_day`)
  return Map.groupBy(rows, (row) => row.position_id)
}

async function readShown(
  workplace: Workplace,
  owned: readonly OwnedPosition[],
): Promise<Map<bigint, { last4: string; products: Map<string, string> }>> {
  const found = await workplace.db.owner.query('select id, no_last4 from account where id = any($1::bigint[])', [
    [...new Set(owned.map((row) => row.account_id))],
  ])
  const named = await workplace.db.owner.query('select code, name from product where code = any($1)', [
    [...new Set(owned.map((row) => row.code))],
  ])
  const products = new Map<string, string>(named.rows.map((row) => [row.code, row.name]))
  return new Map(found.rows.map((row) => [row.id, { last4: row.no_last4, products }]))
}

/** A position's values clipped to the days its owner's share, the account and its flags each hold, merged over months. */
function spansOfPosition(
  intervals: readonly IntervalRow[],
  ownership: readonly OwnedPosition[],
  leftOut: readonly { from: Day; to: Day }[],
  query: PartyQuery,
): SpanFacts[] {
  const end = addDays(query.day, 1)
  const closed = ownership[0]?.closed_on ?? null
  const cuts = leftOut.flatMap((flag) => [flag.from, flag.to])
  const spans: SpanFacts[] = []
  for (const interval of intervals) {
    for (const owner of ownership) {
      const from = [interval.from_day, owner.from_day, query.from].sort().at(-1) as Day
      const to = [interval.to_day, owner.to_day, end, ...(closed === null ? [] : [closed])].sort()[0] as Day
      if (from >= to) continue
      const points = [from, ...cuts.filter((cut) => cut > from && cut < to).sort(), to]
      for (const [i, start] of points.slice(0, -1).entries()) {
        const span: SpanFacts = {
          from: start,
          to: points[i + 1] as Day,
          value: interval.value,
          share: BigInt(owner.share),
          carried: interval.gap,
          leftOut: leftOut.some((flag) => flag.from <= start && flag.to > start),
        }
        const before = spans.at(-1)
        if (before && before.to === span.from && sameValue(before, span)) before.to = span.to
        else spans.push(span)
      }
    }
  }
  return spans
}

function sameValue(a: SpanFacts, b: SpanFacts): boolean {
  return a.value === b.value && a.share === b.share && a.carried === b.carried && a.leftOut === b.leftOut
}

async function readRateList(
  workplace: Workplace,
  query: PartyQuery,
  positions: ReadonlyMap<bigint, PositionFacts[]>,
): Promise<ExplainFacts['rates']> {
  const all = [...positions.values()].flat()
  const foreign = all.filter((position) => position.currency !== query.policy.currency && position.spans.length > 0)
  const currencies = [...new Set(foreign.map((position) => position.currency))].sort()
  const rates = await readRates(workplace.engine, workplace.lakeDir, manifestFacts(query.inputs, 'rate'), {
    currencies,
    to: query.day,
  })
  const needed = currencies.map((currency) => {
    const spans = foreign.filter((position) => position.currency === currency).flatMap((position) => position.spans)
    const from = spans.map((span) => span.from).sort()[0] ?? query.day
    const to = addDays(
      spans
        .map((span) => span.to)
        .sort()
        .at(-1) ?? addDays(query.day, 1),
      -1,
    )
    return { currency, from, to }
  })
  if (!query.lenientRates) {
    dailyRates(rates, {
      from: query.from,
      to: query.day,
      baseCurrency: query.policy.currency,
      rateAgeDaysMax: query.policy.rateAgeDaysMax,
      needed,
    })
  }
  return Object.fromEntries(
    currencies.map((currency) => [
      currency,
      [
        ...(query.lenientRates ? [{ from: '1900-01-01' as Day, rate: 0n }] : []),
        ...rates.filter((rate) => rate.currency === currency).map(({ day, rate }) => ({ from: day, rate })),
      ],
    ]),
  )
}
