/**
 * How often a person does what is watched: a limit per hour, counted from the audit itself, so that it holds everywhere.
 * Whoever reaches it is refused, and compliance is told.
 */
import { sql } from 'kysely'
import type { SecurityAlertKind } from '../contract/security-alerts.ts'
import { goOnUnder } from '../db/connection.ts'
import { type Database, everything, nobodyAs, type Scope, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { Refused, refuse } from '../kit/refusal.ts'
import { raiseAlert } from './security-alerts.ts'
import type { Session } from './session.ts'

/** What is watched, by its audit entry: how often an hour it is done at most, and the alert at the limit. */
export const watched = {
  findElsewhere: { hourlyMax: 60, alert: 'manySearches' },
  checkBlindly: { hourlyMax: 30, alert: 'manyChecks' },
  reveal: { hourlyMax: 60, alert: 'manyReveals' },
  // A counter opens a few for each customer who comes
  openPaper: { hourlyMax: 120, alert: 'manyReveals' },
  // Each is a file of up to thousands
  revealInBulk: { hourlyMax: 5, alert: 'manyReveals' },
  // Many small exports come to a large one, which takes a second person
  exportCustomers: { hourlyMax: 30, alert: 'manyExports' },
  exportAuditList: { hourlyMax: 30, alert: 'manyExports' },
} as const satisfies Record<string, { hourlyMax: number; alert: SecurityAlertKind }>
type Watched = keyof typeof watched

const volumeLockSpace = 7_305_001

/**
 * Does the act in one transaction under the scope, unless the person and all keys of theirs have done it as often within
 * the hour as is usual. Acts of one login take turns from the counting to the commit, so that two at once never both
 * take the last that is left. Refuses volume_unusual, with an alert.
 */
export async function asUsual<Done>(
  { db, clock }: { db: Database; clock: Clock },
  { session, scope }: { session: Session; scope: Scope },
  { action, address }: { action: Watched; address: string },
  act: (trx: Trx) => Promise<Done>,
): Promise<Done> {
  const { who, loginId } = session
  const { hourlyMax, alert } = watched[action]
  try {
    return await db.withScope({ ...everything, who }, async (trx) => {
      await sql`select pg_advisory_xact_lock(${volumeLockSpace}, ${loginId})`.execute(trx)
      if ((await timesDone(trx, loginId, action)) >= hourlyMax) refuse('volume_unusual', { limit: hourlyMax })
      await goOnUnder(trx, scope)
      return act(trx)
    })
  } catch (failure) {
    // In a transaction of its own: the refusal took back that of the act
    if (failure instanceof Refused && failure.code === 'volume_unusual')
      await db.withScope(nobodyAs(who), (trx) => raiseAlert(trx, clock, { kind: alert, about: who, loginId, address }))
    throw failure
  }
}

/** Within the last hour, at most as often as is usual. */
async function timesDone(trx: Trx, loginId: number, action: Watched): Promise<number> {
  const { rows } = await sql<{ done: bigint }>`select count(*) as done from (select from audit_entry
    where who = any(array_append(array(select 'key:' || id from api_key where login_id = ${loginId}), ${`login:${loginId}`}))
      and action = ${action} and at > now() - interval '1 hour' limit ${watched[action].hourlyMax}) counted`.execute(
    trx,
  )
  return Number(rows[0]?.done ?? 0n)
}
