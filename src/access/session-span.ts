/** A session's beginning and end: opened with a token that only the cookie keeps, closed, swept away when it is over. */
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { type Clock, hoursAfter, instantOf } from '../kit/clock.ts'
import { sweepAttempts } from './attempts.ts'
import { audit } from './audit.ts'
import { nobody } from './login.ts'
import { raiseAlert } from './security-alerts.ts'
import { hashToken, newToken, type Session, type SessionLimits } from './session.ts'
import { keepNewest } from './sessions.ts'

/** When a session is or was over, in SQL. */
export const sessionEnd = `least(expires_at, seen_at + idle_minutes * interval '1 minute')`

export interface Entry {
  loginId: number
  address: string
  agent: string
  limits: SessionLimits
  origin: 'password' | 'oidc'
  /** When a secret was last given, in milliseconds: the bank's own sign-on may know the person from this morning. */
  enteredMillis: number | null
  /** The provider's session and its sealed token. */
  oidc?: { session: string | null; token: Buffer }
}

/**
 * Opens a session; the token goes into the cookie and is kept nowhere else. A break-glass account raises an alert, and
 * its first use starts the hours that are left to it.
 */
export async function openSession(db: Database, clock: Clock, entry: Entry): Promise<{ token: string }> {
  const token = newToken()
  const { loginId, address, agent, limits, origin, enteredMillis, oidc } = entry
  const enteredAt = enteredMillis === null ? null : instantOf(enteredMillis)
  const now = clock.now()
  await db.withScope(nobody, async (trx) => {
    const { rows } = await sql<{ kind: string }>`update login set last_sign_in_at = ${now},
      valid_until = case when use_hours is not null and last_sign_in_at is null
        then least(valid_until, ${now}::timestamptz + use_hours * interval '1 hour') else valid_until end
      where id = ${loginId} returning kind`.execute(trx)
    await sql`insert into session (token_hash, login_id, created_at, seen_at, expires_at, idle_minutes, address, agent,
        origin, entered_at, oidc_session, oidc_token)
      values (${hashToken(token)}, ${loginId}, ${now}, ${now}, ${hoursAfter(clock.millis(), limits.hours)}, ${limits.idleMinutes},
        ${address}, ${agent.slice(0, 200)}, ${origin}, ${enteredAt}, ${oidc?.session ?? null},
        ${oidc?.token ?? null})`.execute(trx)
    await keepNewest(trx, clock, { loginId, max: limits.sessionsMax, address })
    const isBreakGlass = rows[0]?.kind === 'breakGlass'
    await audit(trx, {
      who: `login:${loginId}`,
      action: isBreakGlass ? 'breakGlass' : 'signIn',
      noun: 'session',
      after: { origin },
      address,
    })
    if (isBreakGlass)
      await raiseAlert(trx, clock, { kind: 'breakGlassUsed', about: `login:${loginId}`, loginId, address })
  })
  return { token }
}

/** The provider's token of a session that came from the bank's own sign-on, sealed. */
export function tokenOfProvider(db: Database, session: Session): Promise<Buffer | null> {
  return db.withScope(nobody, async (trx) => {
    const id = session.sessionId ?? 0
    const row = await trx.selectFrom('session').select('oidc_token').where('id', '=', id).executeTakeFirst()
    return row?.oidc_token ?? null
  })
}

/** Ends the session at once. */
export async function closeSession(db: Database, token: string, who: string, address: string): Promise<void> {
  await db.withScope(nobody, async (trx) => {
    await trx.deleteFrom('session').where('token_hash', '=', hashToken(token)).execute()
    await audit(trx, { who, action: 'signOut', noun: 'session', address })
  })
}

/** Deletes sessions that ended longer ago than they are kept, and attempts that are forgotten; returns how many sessions. */
export async function sweepSessions(db: Database, clock: Clock): Promise<number> {
  return db.withScope(nobody, async (trx) => {
    const gone = await sql`delete from session where ${sql.raw(sessionEnd)}
      < ${clock.now()}::timestamptz - (select keep from retention where noun = 'sessions') * interval '1 day'`.execute(
      trx,
    )
    await sweepAttempts(trx, clock)
    return Number(gone.numAffectedRows ?? 0n)
  })
}
