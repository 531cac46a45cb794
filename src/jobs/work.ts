/**
 * What happens later: nights that somebody asked for, and sweeping. Jobs come in through strata.enqueue, inside the
 * transaction of whoever asks; they are done here, one at a time, beside the people at their screens.
 */
import { Logger, parseCronItems, run, runMigrations, type TaskList } from 'graphile-worker'
import pg from 'pg'
import { z } from 'zod'
import { isDay } from '../kit/day.ts'
import { Refused } from '../kit/refusal.ts'
import { runNight } from '../nightly/night.ts'
import { openWorkplace, type Progress, type Workplace } from '../nightly/workplace.ts'

const nightJob = z.object({
  day: z.string().refine(isDay).optional(),
  scheme: z.string().max(40).optional(),
})

const eventKeptDays = 7
const attemptKeptDays = 2
/** Progress goes to everybody who looks: at most this often. */
const progressMs = 500

/** Makes the tables of the job queue, as the owner. Safe to call again and by several at once. */
export async function installJobs(ownerUrl: string): Promise<void> {
  await withPool(ownerUrl, (pgPool) => runMigrations({ pgPool, logger }))
}

/** Starts to do jobs until `close`, which lets the running one end first. */
export async function work(workplace: Workplace): Promise<{ close(): Promise<void> }> {
  // A pool of its own with the driver's own types: with ours the number of a job would be a bigint.
  const pool = ownPool(workplace.config.databaseDirectUrl || workplace.db.ownerUrl)
  const runner = await run({
    pgPool: pool,
    taskList: tasksOf(workplace),
    concurrency: 1,
    noHandleSignals: true,
    pollInterval: 5000,
    parsedCronItems: parseCronItems([{ task: 'sweep', match: '17 * * * *' }]),
    logger,
  })
  // An end that nobody asked for would otherwise be an unhandled rejection.
  runner.promise.catch(() => undefined)
  return {
    close: async () => {
      await runner.stop().catch(() => undefined)
      await pool.end()
    },
  }
}

function tasksOf(workplace: Workplace): TaskList {
  return {
    night: async (payload) => nightTask(workplace, nightJob.parse(payload)),
    sweep: async () => sweep(workplace),
  }
}

// An engine of its own: a night of minutes must not stand before somebody's simulation of milliseconds.
async function nightTask(shared: Workplace, asked: z.output<typeof nightJob>): Promise<void> {
  let toldAt = 0
  const tell = (state: 'running' | 'failed', progress?: Progress) => {
    const now = performance.now()
    if (state === 'running' && now - toldAt < progressMs) return
    toldAt = now
    const { step, done, total } = progress ?? {}
    const payload = JSON.stringify({ state, day: asked.day ?? progress?.detail ?? '', step, done, total })
    shared.db.owner.query("insert into event (topic, payload) values ('night', $1)", [payload]).catch(() => undefined)
  }
  const workplace = openWorkplace(shared.config, {
    db: shared.db,
    clock: shared.clock,
    report: (progress) => tell('running', progress),
  })
  try {
    await runNight(workplace, { ...(asked.day && { day: asked.day }), ...(asked.scheme && { scheme: asked.scheme }) })
  } catch (error) {
    tell('failed')
    // The business said no, and the night says why: trying again would hear the same.
    if (!(error instanceof Refused)) throw error
  } finally {
    await workplace.close()
  }
}

async function sweep({ db }: Workplace): Promise<void> {
  await db.owner.query('delete from session where expires_at < now()')
  await db.owner.query('delete from sign_in_attempt where last_at < now() - make_interval(days => $1)', [
    attemptKeptDays,
  ])
  await db.owner.query('delete from event where at < now() - make_interval(days => $1)', [eventKeptDays])
}

async function withPool(url: string, use: (pool: pg.Pool) => Promise<void>): Promise<void> {
  const pool = ownPool(url)
  try {
    await use(pool)
  } finally {
    await pool.end()
  }
}

// Stopping the server kills Node with an unhandled error unless both the pool and each client listen.
function ownPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 4 })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

// Its own log repeats every job; what matters is in the record. Errors are said.
const logger = new Logger(() => (level, message) => {
  if (level === 'error') process.stderr.write(`strata: job: ${message}\n`)
})
