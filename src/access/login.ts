/**
 * Signing in by name and password. A wrong name costs the same time and counts the same as a wrong password, so that
 * nobody learns which names exist.
 */
import { type Database, nobodyAs, type Scope, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { hideNumbers } from '../kit/free-text.ts'
import { refuse } from '../kit/refusal.ts'
import {
  attemptsNow,
  byAddress,
  byName,
  type Counted,
  countAttempt,
  forgetAttempts,
  giveBackAttempt,
} from './attempts.ts'
import { audit } from './audit.ts'
import { hashPassword, isPassword, needsRehash } from './password.ts'
import { raiseAlert } from './security-alerts.ts'

/** No customer is visible: for sign-in itself. */
export const nobody: Scope = nobodyAs('nobody')

/** Failures that are worth an alert, of those that are not forgotten: of one name, one address, of all together. */
const nameFailuresAlert = 8
const addressFailuresAlert = 30
const failuresAlert = 100

export interface Login {
  id: number
  name: string
}

export interface Credentials {
  name: string
  password: string
  address: string
  /** False: people come by the bank's own sign-on, and only break-glass accounts have a password. */
  peopleByPassword: boolean
}

interface Stored extends Login {
  kind: string
  password_hash: string
  valid_until: Date | null
  locked_at: Date | null
}

/**
 * The login of that name and password. Refuses sign_in_failed, sign_in_throttled {seconds}; and with the right password
 * sign_in_locked, break_glass_spent, local_sign_in_off. All are audited.
 */
export async function checkPassword(db: Database, clock: Clock, given: Credentials): Promise<Login> {
  const name = given.name.trim().toLowerCase().slice(0, 80)
  const counted = [byName(name), byAddress(given.address)] as const
  const wait = await db.withScope(nobody, async (trx) => {
    const seconds = await countAttempt(trx, clock, counted)
    if (seconds > 0) await auditSignIn(trx, 'signInThrottled', name, given.address)
    return seconds
  })
  if (wait > 0) refuse('sign_in_throttled', { seconds: wait })
  const found = await db.withScope(nobody, (trx) => storedLogin(trx, name))
  const right = await isPassword(found?.password_hash ?? (await dummyHash()), given.password)
  if (!found || !right) {
    await db.withScope(nobody, async (trx) => {
      await auditSignIn(trx, 'signInFailed', name, given.address)
      await noticeFailures(trx, clock, counted, { loginId: found?.id ?? null, address: given.address })
    })
    refuse('sign_in_failed')
  }
  await mustBeOpen(db, clock, found, given)
  await db.withScope(nobody, async (trx) => {
    await forgetAttempts(trx, counted[0])
    await giveBackAttempt(trx, counted[1])
  })
  if (needsRehash(found.password_hash)) await rehash(db, found, given.password)
  return { id: found.id, name: found.name }
}

async function storedLogin(trx: Trx, name: string): Promise<Stored | undefined> {
  return trx
    .selectFrom('login')
    .leftJoin('login_lock', 'login_lock.login_id', 'login.id')
    .select(['id', 'name', 'kind', 'password_hash', 'valid_until', 'locked_at'])
    .where('name', '=', name)
    .where('disabled_at', 'is', null)
    .where('kind', '!=', 'program')
    .executeTakeFirst()
}

/** Said only to whoever has the right password: a stranger must not learn which names are locked. */
async function mustBeOpen(db: Database, clock: Clock, found: Stored, given: Credentials): Promise<void> {
  const spent = found.valid_until !== null && found.valid_until.getTime() <= clock.millis()
  const off = found.kind === 'person' && !given.peopleByPassword
  if (found.locked_at === null && !spent && !off) return
  await db.withScope(nobody, (trx) => auditSignIn(trx, 'signInRefused', found.name, given.address))
  if (found.locked_at !== null) refuse('sign_in_locked')
  refuse(spent ? 'break_glass_spent' : 'local_sign_in_off')
}

/** Where somebody keeps failing, an alert. */
async function noticeFailures(
  trx: Trx,
  clock: Clock,
  [name, address]: readonly [name: Counted, address: Counted],
  whence: { loginId: number | null; address: string },
): Promise<void> {
  const { byKey, everywhere } = await attemptsNow(trx, clock, [name.key, address.key])
  const raise = (about: string, loginId: number | null = null) =>
    raiseAlert(trx, clock, { kind: 'signInFailures', about, loginId, address: whence.address })
  // A name that nobody has is no person's name, but may be a password typed into the wrong field
  if ((byKey.get(name.key) ?? 0) >= nameFailuresAlert && whence.loginId !== null)
    await raise(`login:${whence.loginId}`, whence.loginId)
  if ((byKey.get(address.key) ?? 0) >= addressFailuresAlert) await raise(address.key)
  if (everywhere >= failuresAlert) await raise('everywhere')
}

async function rehash(db: Database, { id, password_hash }: Stored, password: string): Promise<void> {
  const passwordHash = await hashPassword(password)
  await db.withScope(nobody, (trx) =>
    trx
      .updateTable('login')
      .set({ password_hash: passwordHash })
      .where('id', '=', id)
      .where('password_hash', '=', password_hash)
      .execute(),
  )
}

/** A name that nobody has is sealed, and without numbers: people type passwords and card numbers into the wrong field. */
async function auditSignIn(trx: Trx, action: string, name: string, address: string): Promise<void> {
  const known = await trx.selectFrom('login').select('id').where('name', '=', name).executeTakeFirst()
  const nounId = known ? String(known.id) : null
  const after = { name: known ? name : hideNumbers(name) }
  await audit(trx, { who: 'nobody', action, noun: 'login', nounId, after, address })
}

let dummy: Promise<string> | undefined
function dummyHash(): Promise<string> {
  dummy ??= hashPassword('nobody has this password')
  return dummy
}
