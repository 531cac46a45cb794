/** How often a person does what is watched: a limit per hour, counted from the audit itself, so that it holds everywhere. */
import { sql } from 'kysely'
import type { Trx } from '../db/database.ts'
import { refuse } from '../kit/refusal.ts'

/** What is watched, with how often an hour it is done at most. */
export const hourlyMax = {
  findElsewhere: 60,
  checkBlindly: 30,
  reveal: 60,
} as const
export type Watched = keyof typeof hourlyMax

/** Counts the entries of the last hour. Refuses volume_unusual at the limit. */
export async function mustBeUsual(trx: Trx, who: string, action: Watched): Promise<void> {
  const { rows } = await sql<{ done: bigint }>`select count(*) as done from (select from audit_entry
    where who = ${who} and action = ${action} and at > now() - interval '1 hour' limit ${hourlyMax[action]}) counted`.execute(
    trx,
  )
  if (Number(rows[0]?.done ?? 0n) >= hourlyMax[action]) refuse('volume_unusual', { limit: hourlyMax[action] })
}
