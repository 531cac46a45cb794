/**
 * Which workers live. The queue keeps the job of a worker that was killed locked for hours; so each holds an advisory
 * lock of its own while it does a job, which ends with its connection, and the others free the jobs of those without.
 */
import type pg from 'pg'
import { freeLock, takeLock } from '../db/lock.ts'

/** Any number that nothing else here locks by. */
const lockSpace = 7_302_001
/** Between taking a job and taking the lock. */
const graceSeconds = 5

/** Does `work` while the worker counts as alive. */
export async function whileAlive<T>(pool: pg.Pool, workerId: string, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await takeLock(client, lockSpace, workerId)
    return await work()
  } finally {
    await freeLock(client, lockSpace, workerId)
    client.release()
  }
}

/** Frees the jobs of workers that are gone, for anybody to take; returns how many workers those were. */
export async function freeJobsOfDead(pool: pg.Pool): Promise<number> {
  const found = await pool.query<{ worker: string }>(
    `select locked_by as worker from (
       select distinct locked_by from graphile_worker.jobs
       where locked_by is not null and locked_at < now() - make_interval(secs => $2)) held
     where pg_try_advisory_xact_lock($1, hashtext(locked_by))`,
    [lockSpace, graceSeconds],
  )
  const dead = found.rows.map((row) => row.worker)
  if (dead.length > 0) await pool.query('select graphile_worker.force_unlock_workers($1::text[])', [dead])
  return dead.length
}
