/** Advisory locks: one load at a time, one night of a scheme at a time, whoever asks. */
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/** One lock per scheme keeps two nights of it apart. */
export const nightLockSpace = 7_301_001

const waitMs = 5000
const stepMs = 100

/**
 * Takes an advisory lock for this connection; false when another still holds it after five seconds. The wait is for a
 * process that was killed: the server frees its locks only when its connection has noticed, which takes a moment.
 */
export async function takeLock(client: pg.PoolClient, space: number, key: string): Promise<boolean> {
  for (let waited = 0; ; waited += stepMs) {
    const found = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as got', [
      space,
      key,
    ])
    if (found.rows[0]?.got) return true
    if (waited >= waitMs) return false
    await sleep(stepMs)
  }
}

/** Gives it back; a connection that has ended has given it back already. */
export async function freeLock(client: pg.PoolClient, space: number, key: string): Promise<void> {
  await client.query('select pg_advisory_unlock($1, hashtext($2))', [space, key]).catch(() => undefined)
}
