/**
 * The second factor: codes of six digits by time (TOTP, RFC 6238) from a person's own device, and ten recovery codes
 * for the day on which the device is lost. The secret is sealed with the installation's key, recovery codes are kept as
 * keyed hashes; no code is taken twice.
 */
import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { generateSecret, generateURI, verifySync } from 'otplib'
import type { Output } from '../contract/endpoint.ts'
import type { readSecondFactor } from '../contract/own-security.ts'
import { type Database, nobodyAs, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { byCode, countAttempt, forgetAttempts } from './attempts.ts'
import { audit } from './audit.ts'
import type { Keys } from './keys.ts'
import { readableSecret } from './password.ts'
import { mustHaveReentered } from './reentry.ts'
import { openBytes, sealBytes } from './seal.ts'
import { hashToken, newToken, type Session } from './session.ts'

export const recoveryCodesMade = 10
/** Seconds that one code lives, and how far a device's clock may be off. */
const stepSeconds = 30
const driftSeconds = 30

type SecondFactorState = Output<typeof readSecondFactor>

export interface SecondFactors {
  state(session: Session): Promise<SecondFactorState>
  /**
   * A new secret that counts once a code of it was shown, and its address for a QR code. Refuses sign_in_unfinished,
   * second_factor_there, reentry_needed.
   */
  begin(session: Session, address: string): Promise<{ secret: string; uri: string }>
  /** Shows that the device has the secret; the recovery codes are told this once. Refuses code_wrong, sign_in_throttled. */
  confirm(session: Session, code: string, address: string): Promise<string[]>
  /**
   * Lifts the session over the step 'code'; its token from then on, null when it was over already. The token that only a
   * password stood behind opens nothing more. Refuses key_needs_person, code_wrong, sign_in_throttled.
   */
  enter(session: Session, code: string, address: string): Promise<string | null>
  /** Takes a code or a recovery code of the login. Refuses code_wrong, sign_in_throttled. */
  take(loginId: number, code: string, address: string): Promise<void>
  /** Ten new recovery codes in place of those before. Refuses reentry_needed, second_factor_missing. */
  renew(session: Session, address: string): Promise<string[]>
  /** Refuses reentry_needed, and second_factor_required while a role asks for it. */
  remove(session: Session, address: string): Promise<void>
}

/** The second factors of an installation: its keys seal and hash, `issuer` is what the device shows. */
export function secondFactors(place: { db: Database; clock: Clock; keys: Keys; issuer: string }): SecondFactors {
  const { db, clock, keys, issuer } = place
  const hashCode = (code: string) =>
    createHmac('sha256', keys.of('recoveryCode'))
      .update(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
      .digest()
  const take = (loginId: number, code: string, address: string) =>
    takeCode(place, hashCode, { loginId, code: code.trim(), address })

  return {
    take,

    state: (session) => stateOf(db, session),

    begin: async (session, address) => {
      mustBeAbleToEnrol(session, clock)
      const secret = generateSecret()
      const sealed = sealBytes(keys.of('secondFactor'), `totp:${session.loginId}`, secret)
      await db.withScope(nobodyAs(session.who), async (trx) => {
        await sql`insert into totp (login_id, sealed, created_at) values (${session.loginId}, ${sealed}, ${clock.now()})
          on conflict (login_id) do update set sealed = excluded.sealed, created_at = excluded.created_at, last_step = 0
          where totp.confirmed_at is null`.execute(trx)
        await auditFactor(trx, session, 'beginSecondFactor', address)
      })
      return { secret, uri: generateURI({ issuer, label: session.name, secret }) }
    },

    confirm: async (session, code, address) => {
      mustBeAbleToEnrol(session, clock)
      await take(session.loginId, code, address)
      return db.withScope(nobodyAs(session.who), async (trx) => {
        await confirmTotp(trx, clock, session.loginId)
        await sql`update session set factor_at = ${clock.now()} where id = ${session.sessionId}`.execute(trx)
        await auditFactor(trx, session, 'enrolSecondFactor', address)
        return writeRecoveryCodes(trx, session.loginId, hashCode)
      })
    },

    enter: async (session, code, address) => {
      if (session.byKey) refuse('key_needs_person')
      if (session.awaits !== 'code') return null
      await take(session.loginId, code, address)
      return enterAnew(place, session, address)
    },

    renew: async (session, address) => {
      mustHaveReentered(session, clock)
      if (!session.hasSecondFactor) refuse('second_factor_missing')
      return db.withScope(nobodyAs(session.who), async (trx) => {
        await auditFactor(trx, session, 'renewRecoveryCodes', address)
        return writeRecoveryCodes(trx, session.loginId, hashCode)
      })
    },

    remove: (session, address) => removeOwn(place, session, address),
  }
}

/** The session has a new token. */
async function enterAnew(
  { db, clock }: { db: Database; clock: Clock },
  session: Session,
  address: string,
): Promise<string> {
  const token = newToken()
  await db.withScope(nobodyAs(session.who), async (trx) => {
    await sql`update session set factor_at = ${clock.now()}, entered_at = ${clock.now()}, token_hash = ${hashToken(token)}
      where id = ${session.sessionId}`.execute(trx)
    await auditFactor(trx, session, 'enterSecondFactor', address)
  })
  return token
}

/** A secret that was begun anew while its code was on the way has had no code taken yet. Refuses code_wrong. */
async function confirmTotp(trx: Trx, clock: Clock, loginId: number): Promise<void> {
  const shown = await sql`update totp set confirmed_at = ${clock.now()}
    where login_id = ${loginId} and last_step > 0`.execute(trx)
  if (shown.numAffectedRows === 0n) refuse('code_wrong')
}

async function removeOwn(
  { db, clock }: { db: Database; clock: Clock },
  session: Session,
  address: string,
): Promise<void> {
  mustHaveReentered(session, clock)
  if (session.needsSecondFactor) refuse('second_factor_required')
  await db.withScope(nobodyAs(session.who), async (trx) => {
    await deleteSecondFactor(trx, session.loginId)
    await auditFactor(trx, session, 'removeSecondFactor', address)
  })
}

function stateOf(db: Database, session: Session): Promise<SecondFactorState> {
  return db.withScope(nobodyAs(session.who), async (trx) => {
    const { rows } = await sql<{ confirmed_at: Date | null; left: number }>`
      select (select confirmed_at from totp where login_id = ${session.loginId}),
        (select count(*)::int from recovery_code where login_id = ${session.loginId} and used_at is null) as left`.execute(
      trx,
    )
    return {
      enrolledAt: rows[0]?.confirmed_at?.toISOString() ?? null,
      needed: session.needsSecondFactor,
      recoveryCodesLeft: rows[0]?.left ?? 0,
    }
  })
}

/** Takes device and recovery codes from a login: by the person, or by an administrator when both are lost. */
export async function deleteSecondFactor(trx: Trx, loginId: number): Promise<void> {
  await trx.deleteFrom('totp').where('login_id', '=', loginId).execute()
  await trx.deleteFrom('recovery_code').where('login_id', '=', loginId).execute()
}

/** Whoever has not shown the code must not put a device of their own in its place. */
function mustBeAbleToEnrol(session: Session, clock: Clock): void {
  if (session.byKey) refuse('key_needs_person')
  if (session.awaits === 'code' || session.awaits === 'password') refuse('sign_in_unfinished', { step: session.awaits })
  if (session.hasSecondFactor) refuse('second_factor_there')
  mustHaveReentered(session, clock)
}

async function takeCode(
  { db, clock, keys }: { db: Database; clock: Clock; keys: Keys },
  hashCode: (code: string) => Buffer,
  { loginId, code, address }: { loginId: number; code: string; address: string },
): Promise<void> {
  const scope = nobodyAs(`login:${loginId}`)
  const wait = await db.withScope(scope, (trx) => countAttempt(trx, clock, [byCode(loginId)]))
  if (wait > 0) refuse('sign_in_throttled', { seconds: wait })
  const taken = await db.withScope(scope, async (trx) => {
    const right = /^\d{6}$/.test(code)
      ? await takeTotp(trx, clock, keys, { loginId, code })
      : await takeRecoveryCode(trx, clock, { loginId, codeHash: hashCode(code), address })
    if (right) await forgetAttempts(trx, byCode(loginId))
    else await audit(trx, { who: scope.who, action: 'codeFailed', noun: 'login', nounId: String(loginId), address })
    return right
  })
  if (!taken) refuse('code_wrong')
}

/** The row is locked, so that the same code sent twice at once is taken once. */
async function takeTotp(
  trx: Trx,
  clock: Clock,
  keys: Keys,
  { loginId, code }: { loginId: number; code: string },
): Promise<boolean> {
  const { rows } = await sql<{ sealed: Buffer; last_step: bigint }>`
    select sealed, last_step from totp where login_id = ${loginId} for update`.execute(trx)
  const row = rows[0]
  if (!row) return false
  const secret = openBytes(keys.of('secondFactor'), `totp:${loginId}`, row.sealed).toString('utf8')
  const epoch = Math.floor(clock.millis() / 1000)
  const found = verifySync({ secret, token: code, epoch, period: stepSeconds, epochTolerance: driftSeconds })
  if (!found.valid || !('timeStep' in found) || BigInt(found.timeStep) <= row.last_step) return false
  await sql`update totp set last_step = ${String(found.timeStep)}::bigint where login_id = ${loginId}`.execute(trx)
  return true
}

async function takeRecoveryCode(
  trx: Trx,
  clock: Clock,
  { loginId, codeHash, address }: { loginId: number; codeHash: Buffer; address: string },
): Promise<boolean> {
  const used = await sql`update recovery_code set used_at = ${clock.now()}
    where login_id = ${loginId} and code_hash = ${codeHash} and used_at is null`.execute(trx)
  if (used.numAffectedRows !== 1n) return false
  const who = `login:${loginId}`
  await audit(trx, { who, action: 'useRecoveryCode', noun: 'login', nounId: String(loginId), address })
  return true
}

async function writeRecoveryCodes(trx: Trx, loginId: number, hashCode: (code: string) => Buffer): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodesMade }, () => readableSecret(4))
  await trx.deleteFrom('recovery_code').where('login_id', '=', loginId).execute()
  const rows = codes.map((code) => ({ login_id: loginId, code_hash: hashCode(code) }))
  await trx.insertInto('recovery_code').values(rows).execute()
  return codes
}

function auditFactor(trx: Trx, session: Session, action: string, address: string): Promise<void> {
  return audit(trx, { who: session.who, action, noun: 'login', nounId: String(session.loginId), address })
}
