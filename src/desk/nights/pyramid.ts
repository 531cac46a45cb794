/** The pyramid, movements between two nights, and the organisation tree with counts: sums without a person in them. */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { toFenText } from '../../contract/common.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { listUnits, pyramid, readFlows } from '../../contract/nights.ts'
import { inUnits, type Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { allUnits, only, type UnitSet } from '../../kit/unit-set.ts'
import type { Policy } from '../../tiers/policy.ts'
import {
  currentNight,
  lastNightUntil,
  type NightPointer,
  ofScheme,
  subtreeOn,
  type TierNames,
  tierNames,
} from './current.ts'

/**
 * Whose figures are shown: every customer of these units, or the customers of a book. Sums of a book are counted from
 * its customers, those of units are kept per night.
 */
export type Sight = { units: UnitSet } | { book: number }

interface TierSum {
  tier: number
  customers: bigint
  assets_fen: string
  average_fen: string
}

/** Counts and assets per tier. Refuses not_found for an unknown unit. */
export async function readPyramid(
  trx: Trx,
  night: NightPointer,
  policy: Policy,
  sight: Sight,
  unitCode?: string,
): Promise<z.output<typeof pyramid>> {
  const names = tierNames(policy)
  const below = unitCode === undefined ? allUnits : only(await subtreeOn(trx, unitCode, night.day))
  const unit = unitCode === undefined ? null : await unitNamed(trx, unitCode)
  const { rows } = await sums(night, policy, sight, below).execute(trx)
  const total = (of: (row: TierSum) => bigint) => rows.reduce((sum, row) => sum + of(row), 0n)
  const customers = total((row) => row.customers)
  const assets = total((row) => BigInt(row.assets_fen))
  return {
    night: { id: night.id, day: night.day },
    unit,
    tiers: rows.map((row) => ({
      tier: names(row.tier),
      customers: Number(row.customers),
      assetsFen: toFenText(row.assets_fen),
      averageFen: toFenText(row.average_fen),
      customersShare: partOf(row.customers, customers),
      assetsShare: partOf(BigInt(row.assets_fen), assets),
    })),
    total: {
      customers: Number(customers),
      assetsFen: toFenText(assets),
      averageFen: toFenText(total((row) => BigInt(row.average_fen))),
    },
    outside: await outsideOf(trx, night, policy, sight, below),
  }
}

/** Customers for whom the scheme is not. */
async function outsideOf(trx: Trx, night: NightPointer, policy: Policy, sight: Sight, below: UnitSet): Promise<number> {
  if (policy.appliesTo === 'everyone') return 0
  const { rows } = await ('book' in sight
    ? sql<{ customers: bigint }>`select count(*) as customers from night_customer
        where night_id = ${night.id} and kind <> ${policy.appliesTo} and ${inUnits(below)}`
    : sql<{ customers: bigint }>`select coalesce(sum(customers), 0)::bigint as customers from night_count
        where night_id = ${night.id} and kind <> ${policy.appliesTo} and ${inUnits(sight.units)} and ${inUnits(below)}`
  ).execute(trx)
  return Number(rows[0]?.customers ?? 0n)
}

function sums(night: NightPointer, policy: Policy, sight: Sight, below: UnitSet): RawBuilder<TierSum> {
  if ('book' in sight) {
    return sql<TierSum>`select qualified_tier::int as tier, count(*) as customers, sum(aum_fen)::numeric(38, 0) as assets_fen,
        sum(average_fen)::numeric(38, 0) as average_fen
      from night_customer where night_id = ${night.id} and ${ofScheme(policy, 'kind')} and ${inUnits(below)}
      group by 1 order by 1 desc`
  }
  return sql<TierSum>`select tier::int as tier, sum(customers)::bigint as customers,
      sum(assets_fen)::numeric(38, 0) as assets_fen, sum(average_fen)::numeric(38, 0) as average_fen
    from night_pyramid where night_id = ${night.id} and ${inUnits(sight.units)} and ${inUnits(below)}
    group by 1 order by 1 desc`
}

/** Movements between two nights. A book's are counted from its customers, those of units from what the night kept. */
export async function readFlowsBetween(
  trx: Trx,
  night: NightPointer,
  policy: Policy,
  sight: Sight,
  asked: { from?: number | undefined; unit?: string | undefined },
): Promise<Output<typeof readFlows>> {
  const names = tierNames(policy)
  const comparable = await comparableNights(trx, night, sight)
  const from = asked.from === undefined ? comparable[0] : comparable.find((one) => one.id === asked.from)
  const below = asked.unit === undefined ? allUnits : only(await subtreeOn(trx, asked.unit, night.day))
  const links = from ? await flows(trx, night, from.id, policy, sight, below) : []
  const count = (which: (link: Flow) => boolean) =>
    links.filter(which).reduce((sum, link) => sum + Number(link.customers), 0)
  return {
    night: { id: night.id, day: night.day },
    from: from ?? null,
    comparable,
    links: links.map((link) => ({
      fromTier: names(link.from_tier),
      toTier: names(link.to_tier),
      customers: Number(link.customers),
    })),
    rises: count((link) => link.to_tier > link.from_tier),
    falls: count((link) => link.to_tier < link.from_tier),
    same: count((link) => link.to_tier === link.from_tier),
  }
}

interface Flow {
  from_tier: number
  to_tier: number
  customers: bigint
}

// What was written down when the later one was published; else from the customers of both, while both are kept.
async function flows(
  trx: Trx,
  night: NightPointer,
  from: number,
  policy: Policy,
  sight: Sight,
  below: UnitSet,
): Promise<Flow[]> {
  if (!('book' in sight)) {
    const kept =
      await sql<Flow>`select from_tier::int as from_tier, to_tier::int as to_tier, sum(customers)::bigint as customers
      from night_flow where night_id = ${night.id} and from_night_id = ${from} and ${inUnits(sight.units)}
        and ${inUnits(below)} group by 1, 2 order by 1, 2`.execute(trx)
    if (kept.rows.length > 0) return kept.rows
  }
  const { rows } =
    await sql<Flow>`select coalesce(b.qualified_tier, 0)::int as from_tier, n.qualified_tier::int as to_tier,
      count(*) as customers
    from night_customer n left join night_customer b on b.party_id = n.party_id and b.night_id = ${from}
    where n.night_id = ${night.id} and ${ofScheme(policy, 'n.kind')} and ${inUnits(below, 'n.unit_id')} group by 1, 2 order by 1, 2`.execute(
      trx,
    )
  return rows
}

/** Published nights of the scheme before this one, newest first: those whose customers are kept, or compared already. */
async function comparableNights(trx: Trx, night: NightPointer, sight: Sight): Promise<{ id: number; day: string }[]> {
  const isKept = (id: RawBuilder<unknown>) => sql`to_regclass('night_customer_' || ${id}) is not null`
  const compared = sql`exists (select 1 from night_flow f where f.night_id = ${night.id} and f.from_night_id = n.id)`
  const { rows } = await sql<{ id: number; day: string }>`select distinct on (n.day) n.id, n.day from night n
    where n.scheme = ${night.scheme} and n.day < ${night.day} and n.published_at is not null
      and (${'book' in sight ? sql`false` : compared} or (${isKept(sql`n.id`)} and ${isKept(sql.lit(night.id))}))
    order by n.day desc, n.id desc limit 60`.execute(trx)
  return rows
}

interface UnitRow {
  id: number
  code: string
  name: string
  name_en: string | null
  kind: Output<typeof listUnits>['units'][number]['kind']
  parent_id: number | null
  path: string
  closed_on: string | null
  staff: bigint
}

/** The tree that this session may see, each unit with the sums of everything below it. */
export async function readUnits(
  trx: Trx,
  namesOf: (night: NightPointer) => Promise<TierNames>,
  visible: UnitSet,
  on?: Day,
): Promise<Output<typeof listUnits>> {
  const night = on === undefined ? await currentNight(trx) : await lastNightUntil(trx, on)
  const names = night ? await namesOf(night) : undefined
  const { rows: units } = await sql<UnitRow>`select u.id, u.code, u.name, u.name_en, u.kind, u.parent_id, u.path,
      u.closed_on, (select count(*) from staff s where s.unit_id = u.id and s.left_on is null) as staff
    from ${on === undefined ? sql`unit u` : treeOn(on)} where ${inUnits(visible, 'u.id')}
    order by u.path limit 20000`.execute(trx)
  const sums = night ? await sumsByUnit(trx, night.id, units) : []
  const totals = new Map<number, Map<number, { customers: bigint; assets: bigint }>>()
  for (const sum of sums) addUpwards(totals, sum)
  const codes = new Map(units.map((unit) => [unit.id, unit.code]))
  return {
    night: night ? { id: night.id, day: night.day } : null,
    units: units.map((unit) => {
      const tiers = [...(totals.get(unit.id) ?? new Map()).entries()].sort(([a], [b]) => b - a)
      return {
        code: unit.code,
        name: unit.name,
        nameEn: unit.name_en,
        kind: unit.kind,
        parentCode: unit.parent_id === null ? null : (codes.get(unit.parent_id) ?? null),
        closedOn: unit.closed_on,
        customers: tiers.reduce((sum, [, one]) => sum + Number(one.customers), 0),
        assetsFen: toFenText(tiers.reduce((sum, [, one]) => sum + one.assets, 0n)),
        staff: Number(unit.staff),
        tiers: tiers.map(([tier, one]) => ({
          tier: names?.(tier) ?? { ordinal: tier, code: String(tier) },
          customers: Number(one.customers),
          assetsFen: toFenText(one.assets),
        })),
      }
    }),
  }
}

/** The tree of a day in the columns of `unit`. */
function treeOn(day: Day): RawBuilder<unknown> {
  return sql`(with recursive tree as (
      select h.unit_id, h.parent_id, h.name, h.name_en, h.kind, '/' || h.unit_id || '/' as path from unit_history h
        where h.from_day <= ${day} and h.to_day > ${day} and h.parent_id is null
      union all
      select h.unit_id, h.parent_id, h.name, h.name_en, h.kind, t.path || h.unit_id || '/' from unit_history h
        join tree t on h.parent_id = t.unit_id where h.from_day <= ${day} and h.to_day > ${day}
    ) select t.unit_id as id, unit.code, t.name, t.name_en, t.kind, t.parent_id, t.path collate "C" as path,
        null::date as closed_on from tree t join unit on unit.id = t.unit_id) u`
}

interface UnitSum {
  path: string
  tier: number
  customers: bigint
  assets_fen: string
}

/** What a night kept of the units that are shown, each with the path under which it counts. */
async function sumsByUnit(trx: Trx, nightId: number, units: readonly UnitRow[]): Promise<UnitSum[]> {
  const paths = new Map(units.map((unit) => [unit.id, unit.path]))
  const { rows } = await sql<Omit<UnitSum, 'path'> & { unit_id: number }>`select unit_id, tier::int as tier, customers,
      assets_fen from night_pyramid where night_id = ${nightId} and unit_id = any(${[...paths.keys()]}::int[])`.execute(
    trx,
  )
  return rows.map(({ unit_id, ...sum }) => ({ ...sum, path: paths.get(unit_id) ?? '/' }))
}

/** '/1/4/9/' counts for 1, 4 and 9. */
function addUpwards(totals: Map<number, Map<number, { customers: bigint; assets: bigint }>>, sum: UnitSum): void {
  for (const id of sum.path.split('/').filter(Boolean).map(Number)) {
    const tiers = totals.get(id) ?? new Map<number, { customers: bigint; assets: bigint }>()
    totals.set(id, tiers)
    const before = tiers.get(sum.tier) ?? { customers: 0n, assets: 0n }
    tiers.set(sum.tier, {
      customers: before.customers + sum.customers,
      assets: before.assets + BigInt(sum.assets_fen),
    })
  }
}

async function unitNamed(trx: Trx, code: string): Promise<{ code: string; name: string } | null> {
  const row = await trx.selectFrom('unit').select(['code', 'name']).where('code', '=', code).executeTakeFirst()
  return row ?? null
}

/** × 10,000, rounded down; 0 of nothing. */
function partOf(part: bigint, whole: bigint): number {
  return whole <= 0n || part <= 0n ? 0 : Number((part * 10_000n) / whole)
}
