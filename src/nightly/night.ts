/**
 * A night: state(D) = f(state(D−1), facts, desk snapshot of D, policy version). It freezes its inputs, then runs step by
 * step; each step writes its whole output and is recorded, so that a killed night goes on where it was. Until the last
 * step has flipped one row, readers see the night before.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { auditAsOwner } from '../access/audit.ts'
import { ownerTransaction } from '../db/database.ts'
import { freeLock, nightLockSpace, takeLock } from '../db/lock.ts'
import { present } from '../kit/assert.ts'
import type { Day } from '../kit/day.ts'
import { Refused, refusalText, refuse } from '../kit/refusal.ts'
import { dropOldNights } from '../publish/retention.ts'
import type { Policy } from '../tiers/policy.ts'
import { isCutOff } from '../tiers/window.ts'
import { bringAssignments } from './assignments.ts'
import { freeze, type Manifest, manifestFacts } from './freeze.ts'
import { bringIntervals } from './intervals.ts'
import { checkDay, newestDay } from './night-day.ts'
import { policyById, policyInForce, schemeDefault } from './policies.ts'
import { pruneLake } from './prune.ts'
import { publishStep } from './publish-step.ts'
import type { StepFile } from './run-files.ts'
import { forgetTables, type NightContext, runStep, type StepName, stepNames } from './steps.ts'
import type { Workplace } from './workplace.ts'

export interface NightRequest {
  /** Default: the newest day with balance facts. */
  day?: Day
  /** Default: 'personal'. */
  scheme?: string
  /** Computes this night again from its manifest and compares; nothing is published. */
  replay?: number
}

export interface NightResult {
  nightId: number
  day: Day
  scheme: string
  policyVersion: number
  status: 'published' | 'replayed'
  /** SHA-256 over the digests of all tables. */
  digest: string
  customers: bigint
  steps: { name: string; digest: string; seconds: number }[]
  /** Of a replay: the tables whose digest differs from the first run's; empty when all are equal. */
  differs: string[]
}

/** One entry of night.steps. A step may write several tables; each is an entry. */
interface StepRecord extends Partial<StepFile> {
  name: string
  step: string
  digest: string
  seconds: number
}

interface NightRow {
  id: number
  day: Day
  scheme: string
  policy_id: number
  manifest: Manifest | null
  steps: StepRecord[]
  replay_of_id: number | null
}

/**
 * Runs the night of a day, or finishes the one that was killed first. Refuses `night_day_invalid`, `night_busy`,
 * `rate_missing`, `policy_invalid`.
 */
export async function runNight(workplace: Workplace, request: NightRequest = {}): Promise<NightResult> {
  const scheme = request.replay ? await schemeOf(workplace, request.replay) : (request.scheme ?? schemeDefault)
  const lock = await workplace.db.owner.connect()
  try {
    if (!(await takeLock(lock, nightLockSpace, scheme))) refuse('night_busy', { run: scheme })
    const killed = await runningNight(workplace.db.owner, scheme)
    if (killed) {
      const resumed = await finish(workplace, killed)
      if (isWanted(resumed, killed.replay_of_id, request)) return resumed
    }
    const row = request.replay
      ? await startReplay(workplace, request.replay)
      : await startNight(workplace, scheme, request.day)
    const result = await finish(workplace, row)
    if (result.status === 'published') await prune(workplace, scheme)
    return result
  } finally {
    await freeLock(lock, nightLockSpace, scheme)
    lock.release()
  }
}

/** Whether the night that was finished first is the one that was asked for: a replay never stands in for a night. */
function isWanted(done: NightResult, replayOf: number | null, { day, replay }: NightRequest): boolean {
  if (replay !== undefined || replayOf !== null) return replayOf === (replay ?? null)
  return done.day === (day ?? done.day)
}

/** The night is published: that something old could not be deleted is no reason to run it again. */
async function prune(workplace: Workplace, scheme: string): Promise<void> {
  const warn = (error: unknown) => process.emitWarning(`old nights: ${String(error)}`)
  await dropOldNights(workplace.db.owner, scheme).catch(warn)
  await pruneLake(workplace).catch(warn)
}

async function startNight(workplace: Workplace, scheme: string, wanted: Day | undefined): Promise<NightRow> {
  const day = wanted ?? (await newestDay(workplace))
  await checkDay(workplace, day)
  await bringAssignments(workplace)
  const policy = await policyInForce(workplace.db.owner, scheme, day, workplace.config.baseCurrency)
  return ownerTransaction(workplace.db.owner, async (client) => {
    const made = await client.query<NightRow>(
      `insert into night (day, scheme, policy_id, status, step, is_cut_off) values ($1, $2, $3, 'running', 'freeze', $4)
       returning id, day, scheme, policy_id, manifest, steps, replay_of_id`,
      [day, scheme, policy.id, isCutOff(policy.policy, day)],
    )
    const row = present(made.rows[0], 'the night just begun')
    const { version, sha256 } = policy
    await auditNight(client, workplace, 'startNight', row, { policyVersion: version, policySha256: sha256 })
    return row
  })
}

async function startReplay(workplace: Workplace, replayOf: number): Promise<NightRow> {
  const found = await workplace.db.owner.query(
    `select day, scheme, policy_id, manifest, is_cut_off from night where id = $1 and status in ('published', 'replayed')`,
    [replayOf],
  )
  const [first] = found.rows
  if (!first?.manifest) refuse('not_found', { what: `night ${replayOf}`, whatZh: `跑批 ${replayOf}` })
  const { intervals: _, ...manifest } = first.manifest as Manifest
  const inputs = [`snapshots/${manifest.snapshot}`, ...(manifest.stateBefore ? [manifest.stateBefore.path] : [])]
  if (!inputs.every((path) => existsSync(join(workplace.lakeDir, path)))) refuse('night_pruned', { night: replayOf })
  const made = await workplace.db.owner.query<NightRow>(
    `insert into night (day, scheme, policy_id, status, step, is_cut_off, replay_of_id, manifest)
     values ($1, $2, $3, 'running', 'compact', $4, $5, $6)
     returning id, day, scheme, policy_id, manifest, steps, replay_of_id`,
    [first.day, first.scheme, first.policy_id, first.is_cut_off, replayOf, JSON.stringify(manifest)],
  )
  const row = present(made.rows[0], 'the replay just begun')
  await auditNight(workplace.db.owner, workplace, 'startReplay', row, { of: replayOf })
  return row
}

async function auditNight(
  client: pg.PoolClient | pg.Pool,
  workplace: Workplace,
  action: string,
  { id, day, scheme }: NightRow,
  more: object,
): Promise<void> {
  const after = { day, scheme, ...more }
  await auditAsOwner(client, workplace.keys, { who: 'strata', action, noun: 'night', nounId: String(id), after })
}

/** Runs what is left of a night. A refusal or a bug marks it failed; a kill leaves it running, for the next call. */
async function finish(workplace: Workplace, row: NightRow): Promise<NightResult> {
  try {
    return await runSteps(workplace, row)
  } catch (error) {
    const failure =
      error instanceof Refused
        ? {
            code: error.code,
            zh: refusalText(error.code, error.params, 'zh'),
            en: refusalText(error.code, error.params, 'en'),
          }
        : {
            code: 'bug',
            zh: '程序错误',
            en: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
          }
    await workplace.db.owner
      .query(
        `update night set status = 'failed', failure = $2, finished_at = now() where id = $1 and status = 'running'`,
        [row.id, JSON.stringify(failure)],
      )
      .then(() => auditNight(workplace.db.owner, workplace, 'failNight', row, { code: failure.code }))
      .catch(() => undefined)
    throw error
  } finally {
    await forgetTables(workplace.engine).catch(() => undefined)
  }
}

async function runSteps(workplace: Workplace, row: NightRow): Promise<NightResult> {
  const pool = workplace.db.owner
  const policy = await policyById(pool, row.policy_id)
  const manifest = await frozen(workplace, row, policy)
  await compactStep(workplace, row, manifest)
  const context: NightContext = { workplace, nightId: row.id, policy: policy.policy, manifest, files: new Map() }
  for (const record of row.steps) if (isWhole(workplace, record)) context.files.set(record.name, record as StepFile)
  const records = row.steps.filter((record) => context.files.has(record.name))
  for (const [i, name] of stepNames.entries()) {
    workplace.report({ step: name, done: i, total: stepNames.length, detail: row.day })
    if (records.some((record) => record.step === name)) continue
    records.push(...(await timedStep(name, context)))
    await pool.query('update night set step = $2, steps = $3 where id = $1', [
      row.id,
      stepNames[i + 1] ?? 'publish',
      JSON.stringify(records),
    ])
  }
  const digest = createHash('sha256')
    .update(
      records
        .map((record) => `${record.name} ${record.digest}\n`)
        .sort()
        .join(''),
    )
    .digest('hex')
  const differs = row.replay_of_id === null ? [] : await compareWith(pool, row.replay_of_id, records)
  workplace.report({ step: 'publish', done: 0, total: 1, detail: row.day })
  const customers =
    row.replay_of_id === null
      ? await publishStep(context, digest)
      : await markReplayed(workplace, row, digest, BigInt(context.files.get('measure')?.rows ?? 0), differs)
  workplace.report({ step: 'publish', done: 1, total: 1, detail: row.day })
  return {
    nightId: row.id,
    day: row.day,
    scheme: row.scheme,
    policyVersion: policy.version,
    status: row.replay_of_id === null ? 'published' : 'replayed',
    digest,
    customers,
    steps: records.map(({ name, digest, seconds }) => ({ name, digest, seconds })),
    differs,
  }
}

async function frozen(
  workplace: Workplace,
  row: NightRow,
  policy: { policy: Policy; sha256: string },
): Promise<Manifest> {
  if (row.manifest) return row.manifest
  workplace.report({ step: 'freeze', detail: row.day })
  const manifest = await freeze(workplace, {
    day: row.day,
    scheme: row.scheme,
    policySha256: policy.sha256,
    baseCurrency: policy.policy.currency,
  })
  await workplace.db.owner.query(`update night set manifest = $2, step = 'compact' where id = $1`, [
    row.id,
    JSON.stringify(manifest),
  ])
  return manifest
}

async function compactStep(workplace: Workplace, row: NightRow, manifest: Manifest): Promise<void> {
  if (manifest.intervals?.every((month) => existsSync(join(workplace.lakeDir, month.path)))) return
  const months = await bringIntervals(workplace, {
    facts: manifestFacts(manifest, 'balance'),
    snapshot: manifest.snapshot,
    through: row.day,
    register: row.replay_of_id === null,
  })
  manifest.intervals = months.map(({ month, path, sha256 }) => ({ month, path, sha256 }))
  await workplace.db.owner.query(`update night set manifest = $2, step = 'measure' where id = $1`, [
    row.id,
    JSON.stringify(manifest),
  ])
}

async function timedStep(name: StepName, context: NightContext): Promise<StepRecord[]> {
  const began = performance.now()
  const files = await runStep(name, context)
  const seconds = Math.round(performance.now() - began) / 1000
  for (const file of files) context.files.set(file.name, file)
  return files.map((file) => ({ ...file, step: name, seconds }))
}

function isWhole(workplace: Workplace, record: StepRecord): boolean {
  return record.path !== undefined && existsSync(join(workplace.lakeDir, record.path))
}

async function compareWith(pool: pg.Pool, nightId: number, records: readonly StepRecord[]): Promise<string[]> {
  const found = await pool.query('select steps from night where id = $1', [nightId])
  const first = new Map((found.rows[0].steps as StepRecord[]).map((record) => [record.name, record.digest]))
  return records.filter((record) => first.get(record.name) !== record.digest).map((record) => record.name)
}

async function markReplayed(
  workplace: Workplace,
  row: NightRow,
  digest: string,
  customers: bigint,
  differs: readonly string[],
): Promise<bigint> {
  await workplace.db.owner.query(
    `update night set status = 'replayed', step = null, digest = $2, customers = $3, finished_at = now(), failure = $4
     where id = $1`,
    [
      row.id,
      digest,
      customers,
      differs.length === 0 ? null : JSON.stringify({ code: 'replay_differs', tables: differs }),
    ],
  )
  await auditNight(workplace.db.owner, workplace, 'replay', row, { of: row.replay_of_id, digest, differs })
  return customers
}

async function runningNight(pool: pg.Pool, scheme: string): Promise<NightRow | undefined> {
  const found = await pool.query(
    `select id, day, scheme, policy_id, manifest, steps, replay_of_id from night
     where scheme = $1 and status = 'running'`,
    [scheme],
  )
  return found.rows[0]
}

async function schemeOf(workplace: Workplace, nightId: number): Promise<string> {
  const found = await workplace.db.owner.query('select scheme from night where id = $1', [nightId])
  return found.rows[0]?.scheme ?? refuse('not_found', { what: `night ${nightId}`, whatZh: `跑批 ${nightId}` })
}
