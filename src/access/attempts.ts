/**
 * Attempts to prove who one is, counted by name, by address and by login: after a few free ones each further attempt
 * waits. An attempt is counted before the secret is looked at, so that many at once do not slip through.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Trx } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'

/** What attempts are counted by, and how many of them are free. */
export interface Counted {
  key: string
  attemptsMax: number
}

const waitSeconds = 30
const waitSecondsMax = 900
/** Attempts older than this are forgotten. */
const forgetSeconds = 900

/** Not the name itself: people type passwords, phone and card numbers into the wrong field. */
export const byName = (name: string): Counted => ({
  key: `name:${createHash('sha256').update(name).digest('base64url')}`,
  attemptsMax: 5,
})
export const byAddress = (address: string): Counted => ({ key: `address:${address}`, attemptsMax: 30 })
/** Codes of a second factor: six digits can be guessed, so few attempts are free. */
export const byCode = (loginId: number): Counted => ({ key: `code:${loginId}`, attemptsMax: 5 })

/**
 * Counts an attempt and says how many seconds to wait: 0, and it may go on. From the last free attempt on, each one
 * that goes on starts a wait for the next. An attempt that is told to wait counts for nothing.
 */
export async function countAttempt(trx: Trx, clock: Clock, counted: readonly Counted[]): Promise<number> {
  const known = []
  for (const one of counted) known.push({ ...one, ...(await lockedAttempt(trx, clock, one.key)) })
  const wait = Math.max(...known.map((one) => one.wait))
  if (wait > 0) return wait
  for (const { key, attempts, attemptsMax } of known) {
    const over = attempts + 1 - attemptsMax
    const seconds = over < 0 ? null : Math.min(waitSecondsMax, waitSeconds * 2 ** Math.min(over, 10))
    await sql`update sign_in_attempt set attempts = ${attempts + 1}, last_at = ${clock.now()},
      locked_until = ${clock.now()}::timestamptz + ${seconds} * interval '1 second' where key = ${key}`.execute(trx)
  }
  return 0
}

/** The row of a key, locked until the transaction ends, so that attempts at once are counted one after the other. */
async function lockedAttempt(trx: Trx, clock: Clock, key: string): Promise<{ attempts: number; wait: number }> {
  await sql`insert into sign_in_attempt (key, attempts, last_at) values (${key}, 0, ${clock.now()})
    on conflict (key) do nothing`.execute(trx)
  const { rows } = await sql<{ attempts: number; last_at: Date; locked_until: Date | null }>`
    select attempts, last_at, locked_until from sign_in_attempt where key = ${key} for update`.execute(trx)
  const row = rows[0]
  if (!row) return { attempts: 0, wait: 0 }
  const waitMs = (row.locked_until?.getTime() ?? 0) - clock.millis()
  const forgotten = clock.millis() - row.last_at.getTime() > forgetSeconds * 1000
  return { attempts: forgotten ? 0 : row.attempts, wait: Math.max(0, Math.ceil(waitMs / 1000)) }
}

/** A right secret clears its key. */
export async function forgetAttempts(trx: Trx, { key }: Counted): Promise<void> {
  await trx.deleteFrom('sign_in_attempt').where('key', '=', key).execute()
}

/** An address gets back only the attempt that was right: it must not buy guesses at other names. */
export async function giveBackAttempt(trx: Trx, { key, attemptsMax }: Counted): Promise<void> {
  await sql`update sign_in_attempt set attempts = greatest(attempts - 1, 0),
    locked_until = case when attempts - 1 >= ${attemptsMax} then locked_until end where key = ${key}`.execute(trx)
}

/** Attempts that are not forgotten: by key, and those of all addresses together. */
export async function attemptsNow(
  trx: Trx,
  clock: Clock,
  keys: readonly string[],
): Promise<{ byKey: Map<string, number>; everywhere: number }> {
  const since = sql`${clock.now()}::timestamptz - ${forgetSeconds} * interval '1 second'`
  const { rows } = await sql<{ key: string; attempts: number }>`select key, attempts from sign_in_attempt
    where key = any(${keys as string[]}) and last_at >= ${since}`.execute(trx)
  const all = await sql<{ attempts: number }>`select coalesce(sum(attempts), 0)::int as attempts from sign_in_attempt
    where key like 'address:%' and last_at >= ${since}`.execute(trx)
  return { byKey: new Map(rows.map((row) => [row.key, row.attempts])), everywhere: all.rows[0]?.attempts ?? 0 }
}

/** Forgets what is older than a day; returns nothing. */
export async function sweepAttempts(trx: Trx, clock: Clock): Promise<void> {
  await sql`delete from sign_in_attempt where last_at < ${clock.now()}::timestamptz - interval '1 day'`.execute(trx)
}
