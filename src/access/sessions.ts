/** The sessions of a person, as that person or an administrator sees and ends them. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { openSession } from '../contract/own-security.ts'
import { type Database, nobodyAs, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { isOpenSession, type Session } from './session.ts'

type OpenSession = z.output<typeof openSession>

const sessionsShownMax = 200

/** Those that are open, the one used last first. */
export function openSessionsOf(db: Database, clock: Clock, session: Session, loginId: number): Promise<OpenSession[]> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const { rows } = await sql<{
      id: number
      created_at: Date
      seen_at: Date
      expires_at: Date
      address: string | null
      agent: string | null
      origin: OpenSession['origin']
    }>`select id, created_at, seen_at, expires_at, address, agent, origin from session
      where login_id = ${loginId} and ${isOpenSession(clock, 'session')}
      order by seen_at desc, id desc limit ${sessionsShownMax}`.execute(trx)
    return rows.map((row) => ({
      id: row.id,
      createdAt: row.created_at.toISOString(),
      seenAt: row.seen_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      address: row.address,
      agent: row.agent,
      origin: row.origin,
      current: row.id === session.sessionId,
    }))
  })
}

/** Which sessions of a login end: one, or all but one. */
export interface Ended {
  loginId: number
  only?: number
  butNot?: number | null
  address: string
}

/** Ends them at once and says how many; whoever watches is told. Refuses not_found for one that is not there. Audited. */
export function endSessions(db: Database, session: Session, ended: Ended): Promise<number> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const { loginId, only, butNot, address } = ended
    const which = only !== undefined ? sql`id = ${only}` : typeof butNot === 'number' ? sql`id <> ${butNot}` : sql`true`
    const gone = await sql`delete from session where login_id = ${loginId} and ${which}`.execute(trx)
    const count = Number(gone.numAffectedRows ?? 0n)
    if (count === 0 && only !== undefined) refuse('not_found', { what: `session ${only}`, whatZh: `会话 ${only}` })
    await tellSessions(trx, loginId)
    const { who } = session
    await audit(trx, { who, action: 'endSessions', noun: 'login', nounId: String(loginId), after: { count }, address })
    return count
  })
}

/** Of more than `max` open ones, ends those that were used longest ago. Audited. */
export async function keepNewest(
  trx: Trx,
  clock: Clock,
  { loginId, max, address }: { loginId: number; max: number; address: string },
): Promise<void> {
  const gone = await sql`delete from session where id in (
    select id from session where login_id = ${loginId} and ${isOpenSession(clock, 'session')}
    order by seen_at desc, id desc offset ${max})`.execute(trx)
  const count = Number(gone.numAffectedRows ?? 0n)
  if (count === 0) return
  await tellSessions(trx, loginId)
  const after = { count, by: 'limit' }
  const who = `login:${loginId}`
  await audit(trx, { who, action: 'endSessions', noun: 'login', nounId: String(loginId), after, address })
}

/** Tells the browsers of a person that sessions ended, so that theirs look whether they are among them. */
export async function tellSessions(trx: Trx, loginId: number): Promise<void> {
  await sql`insert into event (topic, payload) values ('session', ${JSON.stringify({ loginId })}::jsonb)`.execute(trx)
}
