/**
 * The worker: takes jobs from the queue and does them, each with an audit trail of its own. One at a time, because a
 * night uses the whole machine; several workers may share one database.
 */
import { join } from 'node:path'
import { Logger, run, runMigrations, type TaskList } from 'graphile-worker'
import pg from 'pg'
import { expireApprovals } from '../access/approvals.ts'
import { keepSealing } from '../access/audit-sealer.ts'
import { openAuditSigner } from '../access/audit-signer.ts'
import { sweepSessions } from '../access/session-span.ts'
import { everything } from '../db/database.ts'
import { isDay } from '../kit/day.ts'
import { Refused } from '../kit/refusal.ts'
import { openEngine } from '../lake/engine.ts'
import { bringAssignments } from '../nightly/assignments.ts'
import { runNight } from '../nightly/night.ts'
import { fillReadings } from '../nightly/readings.ts'
import { retentionOfToday } from '../nightly/retention.ts'
import { openWorkplace, type Progress, type Workplace } from '../nightly/workplace.ts'
import { recomputeAllStale } from '../nightly/would-have-been.ts'
import { freeJobsOfDead, whileAlive } from './alive.ts'
import { keepErasing } from './erasing.ts'
import { type Tasks, tell } from './queue.ts'

const sweepEveryMs = 600_000
const lookForDeadEveryMs = 10_000
const progressEveryMs = 500

/** Makes or renews the tables of the queue; idempotent. Part of migrating. */
export async function installJobs(ownerUrl: string): Promise<void> {
  const pool = ownPool(ownerUrl)
  try {
    await runMigrations({ pgPool: pool, logger: silent })
  } finally {
    await pool.end()
  }
}

/** Does jobs until closed. `close` waits for the one under way. */
export async function work(workplace: Workplace): Promise<{ close: () => Promise<void> }> {
  const { config, db } = workplace
  const pool = ownPool(config.databaseDirectUrl || db.ownerUrl)
  // An engine of its own: a night must not keep somebody's "why?" waiting, nor the other way round.
  const engine = openEngine({
    threads: config.threads,
    memoryLimitMb: config.memoryLimitMb,
    tempDir: join(config.home, 'tmp', 'duckdb-jobs'),
  })
  await freeJobsOfDead(pool)
  const runner = await run({
    pgPool: pool,
    concurrency: 1,
    noHandleSignals: true,
    pollInterval: 5000,
    parsedCronItems: [],
    taskList: tasks(workplace, engine, pool),
    logger: silent,
  })
  // A worker that stops by itself would leave jobs undone in silence.
  runner.promise.catch((error: unknown) => process.emitWarning(`the worker ended: ${String(error)}`))
  const stop = new AbortController()
  const filling = fillReadings(workplace, undefined, stop.signal).catch((error: unknown) =>
    process.emitWarning(`readings of names: ${String(error)}`),
  )
  const sweeping = setInterval(() => void sweep(workplace).catch(() => undefined), sweepEveryMs)
  const looking = setInterval(() => void freeJobsOfDead(pool).catch(() => undefined), lookForDeadEveryMs)
  for (const timer of [sweeping, looking]) timer.unref()
  const sealing = keepSealing(db.owner, openAuditSigner(config.home), workplace.clock, (error) =>
    process.emitWarning(`sealing the audit: ${String(error)}`),
  )
  const erasing = keepErasing(workplace, (error) => {
    // A load in the way is nothing to tell: the next round tries again.
    if (!(error instanceof Refused && error.code === 'load_busy')) process.emitWarning(`erasing: ${String(error)}`)
  })
  return {
    close: async () => {
      for (const timer of [sweeping, looking]) clearInterval(timer)
      stop.abort()
      await filling
      await runner.stop().catch(() => undefined)
      await engine.close()
      await erasing.close()
      await sealing.close()
      await pool.end()
    },
  }
}

function tasks(workplace: Workplace, engine: Workplace['engine'], pool: pg.Pool): TaskList {
  return {
    night: async (payload, { job }) =>
      whileAlive(pool, job.locked_by ?? '', () => nightTask(workplace, engine, payload as Tasks['night'])),
    sweep: async () => sweep(workplace),
  }
}

async function nightTask(workplace: Workplace, engine: Workplace['engine'], asked: Tasks['night']): Promise<void> {
  const { db, config, clock } = workplace
  if (!isDay(asked.day)) return
  const { day } = asked
  const state = (payload: object) => db.withScope(everything, (trx) => tell(trx, 'night', { day, ...payload }))
  // What is computed after it is no progress of this night: whoever watches has been told that it is published.
  let published = false
  const told = throttled(clock, (progress) => {
    if (!published) void state({ state: 'running', step: progress.step, ...counts(progress) }).catch(() => undefined)
  })
  const own = await openWorkplace(config, { db, engine, clock, keys: workplace.keys, report: told })
  try {
    await runNight(own, { day, ...(asked.scheme !== undefined && { scheme: asked.scheme }) })
    published = true
    // What came late is looked at now; the night is published, so a fault here must not run it again
    await recomputeAllStale(own).catch((error: unknown) => process.emitWarning(`stale nights: ${String(error)}`))
  } catch (error) {
    await state({ state: 'failed', ...(error instanceof Refused && { code: error.code }) }).catch(() => undefined)
    // A "no" stays a no however often it is asked; only a fault is worth another try.
    if (!(error instanceof Refused) || error.code === 'night_busy') throw error
  } finally {
    await own.close()
  }
}

/** Sessions that ended, proposals that nobody decided; once a day assignments, and what has been kept long enough. */
async function sweep(workplace: Workplace): Promise<void> {
  await sweepSessions(workplace.db, workplace.clock)
  await expireApprovals(workplace.db, workplace.clock)
  await bringAssignments(workplace)
  await retentionOfToday(workplace)
}

function counts({ done, total }: Progress): { done?: number; total?: number } {
  return { ...(done !== undefined && { done }), ...(total !== undefined && { total }) }
}

/** Every change of step, and in between not more often than people can read. */
function throttled(clock: Workplace['clock'], report: (progress: Progress) => void): (progress: Progress) => void {
  let last = 0
  let step = ''
  return (progress) => {
    const now = clock.millis()
    if (progress.step === step && now - last < progressEveryMs) return
    last = now
    step = progress.step
    report(progress)
  }
}

// Without our type parsers: the worker's own types say text where ours give bigint. Without the listeners a database
// that stops would end this process.
function ownPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 4 })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

const silent = new Logger(() => () => undefined)
