/**
 * How often a person does what is watched: a limit per hour, counted from the audit itself, so that it holds everywhere.
 * Whoever reaches it is refused, and compliance is told.
 */
import { sql } from 'kysely'
import type { SecurityAlertKind } from '../contract/security-alerts.ts'
import { type Database, everything, nobodyAs } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { raiseAlert } from './security-alerts.ts'
import type { Session } from './session.ts'

/** What is watched, by its audit entry: how often an hour it is done at most, and the alert at the limit. */
export const watched = {
  findElsewhere: { hourlyMax: 60, alert: 'manySearches' },
  checkBlindly: { hourlyMax: 30, alert: 'manyChecks' },
  reveal: { hourlyMax: 60, alert: 'manyReveals' },
  // Each is a file of up to thousands
  revealInBulk: { hourlyMax: 5, alert: 'manyReveals' },
  // Many small exports come to a large one, which takes a second person
  exportCustomers: { hourlyMax: 30, alert: 'manyExports' },
} as const satisfies Record<string, { hourlyMax: number; alert: SecurityAlertKind }>
type Watched = keyof typeof watched

/**
 * Counts the entries of the last hour, by the person and all keys of theirs; to be asked before the transaction of the
 * act, whose refusal would take the alert back. Refuses volume_unusual at the limit.
 */
export async function mustBeUsual(
  db: Database,
  clock: Clock,
  session: Session,
  { action, address }: { action: Watched; address: string },
): Promise<void> {
  const { who, loginId } = session
  const { hourlyMax, alert } = watched[action]
  const { rows } = await db.reading({ ...everything, who }, (trx) =>
    sql<{ done: bigint }>`select count(*) as done from (select from audit_entry
      where who = any(array_append(array(select 'key:' || id from api_key where login_id = ${loginId}), ${`login:${loginId}`}))
        and action = ${action} and at > now() - interval '1 hour' limit ${hourlyMax}) counted`.execute(trx),
  )
  if (Number(rows[0]?.done ?? 0n) < hourlyMax) return
  await db.withScope(nobodyAs(who), (trx) => raiseAlert(trx, clock, { kind: alert, about: who, loginId, address }))
  refuse('volume_unusual', { limit: hourlyMax })
}
