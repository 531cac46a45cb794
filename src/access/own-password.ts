/** A signed-in person changes the own password: the old one is asked for, and every other session of the person ends. */
import { type Database, nobodyAs } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { Refused, refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { checkPassword, hashPassword } from './login.ts'
import { hashToken, type Session } from './session.ts'

/** Length decides how long a guess takes; rules about digits and signs only make people write it down. */
export const passwordLengthMin = 12

export interface PasswordChange {
  password: string
  newPassword: string
  /** Of the session that asks: it goes on. */
  token: string | undefined
  address: string
}

/**
 * Changes it and returns how many other sessions ended; keys for programs stay. A wrong old password counts as an
 * attempt to sign in. Refuses key_needs_person, password_weak, password_wrong, sign_in_throttled. Audited.
 */
export async function changeOwnPassword(
  db: Database,
  clock: Clock,
  session: Session,
  given: PasswordChange,
): Promise<number> {
  if (session.byKey) refuse('key_needs_person')
  await mustBeOwn(db, clock, session, given)
  mustBeStrong(session, given)
  const passwordHash = await hashPassword(given.newPassword)
  return db.withScope(nobodyAs(session.who), async (trx) => {
    await trx
      .updateTable('login')
      .set({ password_hash: passwordHash, demo_password: null })
      .where('id', '=', session.loginId)
      .execute()
    let others = trx.deleteFrom('session').where('login_id', '=', session.loginId)
    if (given.token !== undefined) others = others.where('token_hash', '!=', hashToken(given.token))
    const { numDeletedRows } = await others.executeTakeFirst()
    const sessionsEnded = Number(numDeletedRows)
    const { who, loginId } = session
    const { address } = given
    const after = { sessionsEnded }
    await audit(trx, { who, action: 'changePassword', noun: 'login', nounId: String(loginId), after, address })
    return sessionsEnded
  })
}

/** Answers in words of its own: "sign in first" would send a signed-in person away. */
async function mustBeOwn(db: Database, clock: Clock, session: Session, given: PasswordChange): Promise<void> {
  const { password, address } = given
  try {
    await checkPassword(db, clock, { name: session.name, password, address })
  } catch (failure) {
    if (failure instanceof Refused && failure.code === 'sign_in_failed') refuse('password_wrong')
    throw failure
  }
}

function mustBeStrong(session: Session, { password, newPassword }: PasswordChange): void {
  const lower = newPassword.toLowerCase()
  if ([...newPassword].length < passwordLengthMin) {
    refuse('password_weak', {
      reason: `it takes at least ${passwordLengthMin} characters`,
      reasonZh: `至少 ${passwordLengthMin} 个字符`,
    })
  }
  if (new Set(lower).size < 4) {
    refuse('password_weak', { reason: 'it repeats few characters', reasonZh: '重复的字符过多' })
  }
  if (lower.includes(session.name)) {
    refuse('password_weak', { reason: 'it holds the sign-in name', reasonZh: '不能包含用户名' })
  }
  if (newPassword === password) {
    refuse('password_weak', { reason: 'it is the old one', reasonZh: '不能与原密码相同' })
  }
}
