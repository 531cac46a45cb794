/** A signed-in person changes the own password: the old one is asked for, and every other session of the person ends. */
import { type Database, nobodyAs } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { hashPassword, type PasswordContext, passwordFault } from './password.ts'
import { mustBeOwnPassword } from './reentry.ts'
import type { Session } from './session.ts'
import { tellSessions } from './sessions.ts'

export interface PasswordChange {
  password: string
  newPassword: string
  context: PasswordContext
  address: string
}

/**
 * Changes it and returns how many other sessions ended; keys for programs stay. A wrong old password counts as an
 * attempt to sign in. Refuses key_needs_person, sign_in_unfinished, password_weak, password_wrong, sign_in_throttled.
 * Audited.
 */
export async function changeOwnPassword(
  db: Database,
  clock: Clock,
  session: Session,
  given: PasswordChange,
): Promise<number> {
  if (session.byKey) refuse('key_needs_person')
  if (session.awaits !== null && session.awaits !== 'password') refuse('sign_in_unfinished', { step: session.awaits })
  const { newPassword, context, address } = given
  await mustBeOwnPassword(db, clock, session, given)
  const names = [session.name, session.displayName, ...context.names]
  const fault = passwordFault(newPassword, { ...context, names })
  if (fault) refuse('password_weak', { ...fault })
  if (newPassword === given.password)
    refuse('password_weak', { reason: 'it is the old one', reasonZh: '不能与原密码相同' })
  const passwordHash = await hashPassword(newPassword)
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const { loginId, who } = session
    await trx
      .updateTable('login')
      .set({ password_hash: passwordHash, demo_password: null, password_temporary: false })
      .where('id', '=', loginId)
      .execute()
    const { numDeletedRows } = await trx
      .deleteFrom('session')
      .where('login_id', '=', loginId)
      .where('id', '!=', session.sessionId ?? 0)
      .executeTakeFirst()
    const sessionsEnded = Number(numDeletedRows)
    await tellSessions(trx, loginId)
    const after = { sessionsEnded }
    await audit(trx, { who, action: 'changePassword', noun: 'login', nounId: String(loginId), after, address })
    return sessionsEnded
  })
}
