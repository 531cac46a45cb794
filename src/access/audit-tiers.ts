/** Tier changes under audit: many at once are answered for by one entry, which holds their count and digest. */
import { sql } from 'kysely'
import type pg from 'pg'
import type { Trx } from '../db/database.ts'

/** Which tier changes: those that a night made by policy, a load brought, or a person decided. */
export type TierChanges = { night: number } | { load: number } | { ids: readonly string[] }

/**
 * Count and SHA-256 of tier changes, for the entry that answers for them (sql/0010_audit.sql says why they have no entry
 * of their own). Nothing where there are none.
 */
export async function tierChangeDigest(
  client: pg.PoolClient,
  of: TierChanges,
): Promise<{ tierChanges?: number; tierChangeDigest?: string }> {
  const found = await client.query<TierDigestRow>('select * from strata.tier_change_digest($1, $2, $3)', [
    'night' in of ? of.night : null,
    'load' in of ? of.load : null,
    'ids' in of ? of.ids : null,
  ])
  return asTierDigest(found.rows[0])
}

/** The same in the application's transaction, for changes that a person decided. */
export async function tierChangeDigestOf(
  trx: Trx,
  ids: readonly string[],
): Promise<{ tierChanges?: number; tierChangeDigest?: string }> {
  const { rows } = await sql<TierDigestRow>`
    select * from strata.tier_change_digest(null, null, ${ids}::bigint[])`.execute(trx)
  return asTierDigest(rows[0])
}

interface TierDigestRow {
  changes: bigint
  digest: string
}

function asTierDigest(row: TierDigestRow | undefined): { tierChanges?: number; tierChangeDigest?: string } {
  return row && row.changes > 0n ? { tierChanges: Number(row.changes), tierChangeDigest: row.digest } : {}
}
