/** Re-entry: what is sensitive asks for password or code once more, unless that was given within the last minutes. */
import { sql } from 'kysely'
import { type Database, nobodyAs } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { Refused, refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { checkPassword } from './login.ts'
import type { SecondFactors } from './second-factor.ts'
import type { Session } from './session.ts'

export const reentryMinutes = 10

/** Until when sensitive acts go on without asking, in milliseconds; null when they ask at once. */
export function reenteredUntil(session: Session, clock: Clock): number | null {
  if (session.enteredMillis === null) return null
  const until = session.enteredMillis + reentryMinutes * 60_000
  return until > clock.millis() ? until : null
}

/** Refuses key_needs_person for a key, and reentry_needed unless password or code was given within the last 10 minutes. */
export function mustHaveReentered(session: Session, clock: Clock): void {
  if (session.byKey) refuse('key_needs_person')
  if (reenteredUntil(session, clock) === null) refuse('reentry_needed', { minutes: reentryMinutes })
}

export interface Reentry {
  password?: string | undefined
  code?: string | undefined
  address: string
}

/** Takes password or code. Refuses key_needs_person, password_wrong, code_wrong, sign_in_throttled. Audited. */
export async function reenter(
  { db, clock, factors }: { db: Database; clock: Clock; factors: SecondFactors },
  session: Session,
  given: Reentry,
): Promise<void> {
  if (session.byKey) refuse('key_needs_person')
  if (given.code !== undefined) await factors.take(session.loginId, given.code, given.address)
  else await mustBeOwnPassword(db, clock, session, { password: given.password ?? '', address: given.address })
  await noteReentry(db, clock, session, given.address)
}

/** Notes that the session proved who it is. */
export async function noteReentry(db: Database, clock: Clock, session: Session, address: string): Promise<void> {
  await db.withScope(nobodyAs(session.who), async (trx) => {
    await sql`update session set entered_at = ${clock.now()} where id = ${session.sessionId}`.execute(trx)
    await audit(trx, { who: session.who, action: 'reenter', noun: 'session', address })
  })
}

/** Whether whoever came back from the bank's own sign-on is the person signed in. Refuses sso_failed. */
export async function mustBeSamePerson(db: Database, session: Session, subject: string): Promise<void> {
  const found = await db.withScope(nobodyAs(session.who), (trx) =>
    trx.selectFrom('login').select('oidc_subject').where('id', '=', session.loginId).executeTakeFirst(),
  )
  if (found?.oidc_subject !== subject) refuse('sso_failed', { reason: 'another person', reasonZh: '不是同一人' })
}

/**
 * Whether the password is that of the person signed in; counts as an attempt to sign in. Answers in words of its own:
 * "sign in first" would send a signed-in person away. Refuses password_wrong, sign_in_throttled.
 */
export async function mustBeOwnPassword(
  db: Database,
  clock: Clock,
  session: Session,
  given: { password: string; address: string },
): Promise<void> {
  try {
    await checkPassword(db, clock, { name: session.name, ...given, peopleByPassword: true })
  } catch (failure) {
    if (failure instanceof Refused && failure.code === 'sign_in_failed') refuse('password_wrong')
    throw failure
  }
}
