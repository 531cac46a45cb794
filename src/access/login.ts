/**
 * Signing in by name and password. A wrong name costs the same time and counts the same as a wrong password, so that
 * nobody learns which names exist; attempts are counted before the password is looked at, so that many at once do not
 * slip through.
 */
import { randomInt } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { sql } from 'kysely'
import { type Database, nobodyAs, type Scope, type Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'

/** OWASP's argon2id: 19 MiB, two passes. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Free attempts before waiting begins; the wait doubles up to the longest. */
const nameAttemptsMax = 5
const addressAttemptsMax = 30
const waitSeconds = 30
const waitSecondsMax = 900
/** Attempts older than this are forgotten. */
const forgetSeconds = 900

/** No customer is visible: for sign-in itself. */
export const nobody: Scope = nobodyAs('nobody')

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost)
}

export interface Login {
  id: number
  name: string
}

/** The login of that name and password. Refuses sign_in_failed, sign_in_throttled {seconds}. Both are audited. */
export async function checkPassword(
  db: Database,
  clock: Clock,
  given: { name: string; password: string; address: string },
): Promise<Login> {
  const name = given.name.trim().toLowerCase().slice(0, 80)
  const keys = [`name:${name}`, `address:${given.address}`] as const
  const wait = await db.withScope(nobody, async (trx) => {
    const seconds = await countAttempt(trx, clock, keys)
    if (seconds > 0) await auditSignIn(trx, 'signInThrottled', name, given.address)
    return seconds
  })
  if (wait > 0) refuse('sign_in_throttled', { seconds: wait })
  const found = await db.withScope(nobody, (trx) =>
    trx
      .selectFrom('login')
      .select(['id', 'name', 'password_hash'])
      .where('name', '=', name)
      .where('disabled_at', 'is', null)
      .executeTakeFirst(),
  )
  const right = await matches(found?.password_hash ?? (await dummyHash()), given.password)
  if (!found || !right) {
    await db.withScope(nobody, (trx) => auditSignIn(trx, 'signInFailed', name, given.address))
    refuse('sign_in_failed')
  }
  await db.withScope(nobody, (trx) => forgiveAttempt(trx, keys))
  return { id: found.id, name: found.name }
}

type AttemptKeys = readonly [name: string, address: string]
const attemptsMax = [nameAttemptsMax, addressAttemptsMax] as const

/**
 * Counts an attempt by name and by address and says how many seconds to wait: 0, and it may go on. From the last free
 * attempt on, each one that goes on starts a wait for the next. An attempt that is told to wait counts for nothing.
 */
async function countAttempt(trx: Trx, clock: Clock, keys: AttemptKeys): Promise<number> {
  const known = []
  for (const key of keys) known.push(await lockedAttempt(trx, clock, key))
  const wait = Math.max(...known.map((one) => one.wait))
  if (wait > 0) return wait
  for (const [index, { key, attempts }] of known.entries()) {
    const over = attempts + 1 - (attemptsMax[index] ?? 0)
    const seconds = over < 0 ? null : Math.min(waitSecondsMax, waitSeconds * 2 ** Math.min(over, 10))
    await sql`update sign_in_attempt set attempts = ${attempts + 1}, last_at = ${clock.now()},
      locked_until = ${clock.now()}::timestamptz + ${seconds} * interval '1 second' where key = ${key}`.execute(trx)
  }
  return 0
}

/** The row of a key, locked until the transaction ends, so that attempts at once are counted one after the other. */
async function lockedAttempt(
  trx: Trx,
  clock: Clock,
  key: string,
): Promise<{ key: string; attempts: number; wait: number }> {
  await sql`insert into sign_in_attempt (key, attempts, last_at) values (${key}, 0, ${clock.now()})
    on conflict (key) do nothing`.execute(trx)
  const { rows } = await sql<{ attempts: number; last_at: Date; locked_until: Date | null }>`
    select attempts, last_at, locked_until from sign_in_attempt where key = ${key} for update`.execute(trx)
  const row = rows[0]
  if (!row) return { key, attempts: 0, wait: 0 }
  const waitMs = (row.locked_until?.getTime() ?? 0) - clock.millis()
  const forgotten = clock.millis() - row.last_at.getTime() > forgetSeconds * 1000
  return { key, attempts: forgotten ? 0 : row.attempts, wait: Math.max(0, Math.ceil(waitMs / 1000)) }
}

/** A right password clears the name. The address gets back only this attempt: it must not buy guesses at other names. */
async function forgiveAttempt(trx: Trx, [name, address]: AttemptKeys): Promise<void> {
  await trx.deleteFrom('sign_in_attempt').where('key', '=', name).execute()
  await sql`update sign_in_attempt set attempts = greatest(attempts - 1, 0),
    locked_until = case when attempts - 1 >= ${addressAttemptsMax} then locked_until end
    where key = ${address}`.execute(trx)
}

/** A name that nobody has is sealed: people type passwords into the wrong field. */
async function auditSignIn(trx: Trx, action: string, name: string, address: string): Promise<void> {
  const known = await trx.selectFrom('login').select('id').where('name', '=', name).executeTakeFirst()
  const nounId = known ? String(known.id) : null
  await audit(trx, { who: 'nobody', action, noun: 'login', nounId, after: { name }, address })
}

async function matches(passwordHash: string, password: string): Promise<boolean> {
  try {
    return await verify(passwordHash, password)
  } catch {
    // Not a hash at all: a login that no password opens.
    return false
  }
}

let dummy: Promise<string> | undefined
function dummyHash(): Promise<string> {
  dummy ??= hashPassword('nobody has this password')
  return dummy
}

// No letters or digits that look alike: it is read from a terminal.
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
export function readablePassword(): string {
  const part = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return `${part()}-${part()}-${part()}`
}
