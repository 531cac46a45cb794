/**
 * What another policy would do: two assignments of the same customers compared. Moves, counts and assets per tier; and
 * for a draft that is tried on a labelled sample, how often it hits.
 */

export interface Assigned {
  partyId: bigint
  tier: number
  /** Fen; the assets that move along. */
  assetsFen: bigint
}

export interface Comparison {
  /** Every pair of tiers that occurs, ascending; staying is a move from a tier to itself. */
  moves: { fromTier: number; toTier: number; customers: number; assetsFen: bigint }[]
  /** Every tier that occurs on either side, ascending; assets are those after. */
  tiers: { tier: number; before: number; after: number; assetsFen: bigint }[]
  rises: number
  falls: number
  same: number
}

/** Compares two assignments of the same parties; a party of one side only counts as tier 0 on the other. */
export function compare(before: readonly Assigned[], after: readonly Assigned[]): Comparison {
  const from = new Map(before.map((one) => [one.partyId, one]))
  const to = new Map(after.map((one) => [one.partyId, one]))
  const moves = new Map<string, Comparison['moves'][number]>()
  for (const partyId of new Set([...from.keys(), ...to.keys()])) {
    const [old, now] = [from.get(partyId), to.get(partyId)]
    const [fromTier, toTier] = [old?.tier ?? 0, now?.tier ?? 0]
    const move = moves.get(`${fromTier} ${toTier}`) ?? { fromTier, toTier, customers: 0, assetsFen: 0n }
    move.customers += 1
    move.assetsFen += now?.assetsFen ?? old?.assetsFen ?? 0n
    moves.set(`${fromTier} ${toTier}`, move)
  }
  return summarise([...moves.values()])
}

/** The comparison that a list of moves amounts to; also for the rows of `movesSql`. */
export function summarise(moves: Comparison['moves']): Comparison {
  const sorted = moves.toSorted((a, b) => a.fromTier - b.fromTier || a.toTier - b.toTier)
  const count = (wanted: (move: Comparison['moves'][number]) => boolean) =>
    sorted.filter(wanted).reduce((sum, move) => sum + move.customers, 0)
  const tiers = [...new Set(sorted.flatMap((move) => [move.fromTier, move.toTier]))].toSorted((a, b) => a - b)
  return {
    moves: sorted,
    tiers: tiers.map((tier) => ({
      tier,
      before: count((move) => move.fromTier === tier),
      after: count((move) => move.toTier === tier),
      assetsFen: sorted.filter((move) => move.toTier === tier).reduce((sum, move) => sum + move.assetsFen, 0n),
    })),
    rises: count((move) => move.toTier > move.fromTier),
    falls: count((move) => move.toTier < move.fromTier),
    same: count((move) => move.toTier === move.fromTier),
  }
}

/**
 * The moves as SQL: `before` and `after` are relations with one row per party (party_id, tier SMALLINT, assets_fen
 * BIGINT). Gives from_tier, to_tier SMALLINT, customers BIGINT, assets_fen as text (an exact integer).
 */
export function movesSql(source: { before: string; after: string }): string {
  return `
select from_tier, to_tier, count(*) as customers, sum(assets_fen)::varchar as assets_fen
from (
  select coalesce(before.tier, 0)::smallint as from_tier, coalesce(after.tier, 0)::smallint as to_tier,
    coalesce(after.assets_fen, before.assets_fen)::hugeint as assets_fen
  from ${source.before} as before full join ${source.after} as after on after.party_id = before.party_id
)
group by from_tier, to_tier
order by from_tier, to_tier`
}

/** How a draft does on a sample whose right tiers are known: per label, how many it hits, and where the misses go. */
export function hits(labels: ReadonlyMap<bigint, number>, assigned: readonly Assigned[]) {
  const found = new Map(assigned.map((one) => [one.partyId, one.tier]))
  const rows = [...labels].map(([partyId, label]) => ({ partyId, label, tier: found.get(partyId) ?? 0 }))
  const misses = rows.filter((row) => row.tier !== row.label)
  return {
    sample: rows.length,
    hits: rows.length - misses.length,
    tooHigh: misses.filter((row) => row.tier > row.label).length,
    tooLow: misses.filter((row) => row.tier < row.label).length,
    misses,
  }
}
