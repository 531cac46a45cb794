/**
 * Crash proof: SIGKILL to the process group of `strata load` and `strata night` at moments drawn over their measured
 * run, and at targeted ones (inside a COPY, at a commit, at a rename); in every other trial PostgreSQL is killed too.
 * After each kill the home must hold (../support/home-check.ts), and finishing the command must give the picture of a run that was
 * never disturbed. `npm run proof -- crash [--load 30 --night 30 --publish 30 --seed 1]`; `npm test` runs it short.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { knownUrls, startPostgres } from '../../src/machine/postgres.ts'
import { lookAt, type Picture } from '../support/home-check.ts'

export type Act = 'load' | 'night' | 'publish'
type Aim = 'moment' | 'copy' | 'commit' | 'rename'

export interface CrashOptions {
  /** Kills per act. */
  kills: Record<Act, number>
  seed: number
  customers: number
  days: number
  say(line: string): void
}

export interface CrashResult {
  trials: number
  /** Kills that fell inside a COPY, a commit or a rename. */
  targeted: number
  faults: string[]
}

const strata = join(import.meta.dirname, '../../bin/strata.js')
const nightDay = '2026-10-31'
const earlierDay = '2026-09-30'

/** Runs the whole proof in a folder of its own, which it removes. */
export async function proveCrashes(options: CrashOptions): Promise<CrashResult> {
  const root = mkdtempSync(join(tmpdir(), 'strata-crash-'))
  spawnSync('chmod', ['755', root])
  const result: CrashResult = { trials: 0, targeted: 0, faults: [] }
  try {
    const stage = await prepare(root, options)
    const random = seeded(options.seed)
    for (const act of ['load', 'night', 'publish'] as const) {
      for (let i = 0; i < options.kills[act]; i++) {
        const aim: Aim = i % 3 === 0 ? (['copy', 'commit', 'rename'] as const)[(i / 3) % 3]! : 'moment'
        const outcome = await trial(stage, { act, aim, at: random(), killServer: i % 2 === 1 })
        result.trials++
        if (outcome.hit && aim !== 'moment') result.targeted++
        const line = `${act} ${i + 1}: ${aim}${outcome.hit ? '' : ' (missed, killed at the end)'} at ${outcome.ms} ms${i % 2 === 1 ? ', server too' : ''}`
        options.say(`${line}: ${outcome.faults.length === 0 ? 'whole' : outcome.faults.join('; ')}`)
        result.faults.push(...outcome.faults.map((fault) => `${line}: ${fault}`))
      }
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return result
}

interface Stage {
  root: string
  feeds: string
  /** Migrated, nothing loaded; loaded with the earlier night published; the pictures of undisturbed ends. */
  empty: string
  loaded: string
  after: Record<Act, Picture>
  /** Milliseconds of an undisturbed run; publish = the last part of a night. */
  took: Record<'load' | 'night', number>
}

async function prepare(root: string, options: CrashOptions): Promise<Stage> {
  const feeds = join(root, 'feeds')
  const size = ['--customers', `${options.customers}`, '--days', `${options.days}`, '--end', '2026-11-02']
  run(root, ['demo', ...size, '--seed', `${options.seed}`, '--out', feeds])
  const empty = join(root, 'empty')
  mkdirSync(empty)
  run(empty, ['migrate'])
  const loaded = copyHome(empty, join(root, 'loaded'))
  const loadMs = run(loaded, ['load', feeds])
  const afterLoad = await picture(loaded)
  run(loaded, ['night', '--day', earlierDay])
  const done = copyHome(loaded, join(root, 'done'))
  const nightMs = run(done, ['night', '--day', nightDay])
  const afterNight = await picture(done)
  const faults = [...afterLoad.faults, ...afterNight.faults]
  if (faults.length > 0) throw new Error(`the undisturbed run has faults: ${faults.join('; ')}`)
  options.say(`undisturbed: load ${loadMs} ms, night ${nightMs} ms; seed ${options.seed}`)
  const after = { load: afterLoad, night: afterNight, publish: afterNight }
  return { root, feeds, empty, loaded, after, took: { load: loadMs, night: nightMs } }
}

async function trial(stage: Stage, kill: { act: Act; aim: Aim; at: number; killServer: boolean }) {
  const home = copyHome(kill.act === 'load' ? stage.empty : stage.loaded, join(stage.root, 'trial'))
  const command = kill.act === 'load' ? ['load', stage.feeds] : ['night', '--day', nightDay]
  const before = kill.act === 'load' ? null : await picture(home)
  const span = kill.act === 'load' ? stage.took.load : stage.took.night
  const from = kill.act === 'publish' ? 0.75 : 0.05
  const child = start(home, command)
  const begun = Date.now()
  const hit = await moment(home, child, kill.aim, span * (from + kill.at * (1 - from)), span * 2)
  const ms = Date.now() - begun
  await destroy(home, child, kill.killServer)

  const faults: string[] = []
  const crashed = await picture(home)
  faults.push(...crashed.faults.map((fault) => `after the kill ${fault}`))
  if (before && crashed.night !== before.night && crashed.night !== stage.after.night.night) {
    faults.push('after the kill neither the old night nor the new one is in force')
  }
  run(home, command)
  const finished = await picture(home)
  faults.push(...finished.faults.map((fault) => `after the second run ${fault}`))
  const wanted = stage.after[kill.act]
  for (const part of ['loads', 'record', 'facts', 'night'] as const) {
    if (finished[part] !== wanted[part]) faults.push(`${part} differ: ${finished[part]} instead of ${wanted[part]}`)
  }
  return { faults, ms, hit }
}

/** Waits for the moment to kill; false when the command ended before it came. */
async function moment(
  home: string,
  child: ChildProcess,
  aim: Aim,
  afterMs: number,
  giveUpMs: number,
): Promise<boolean> {
  const stop = new AbortController()
  const ended = new Promise<false>((resolve) => child.once('exit', () => resolve(false)))
  const late = sleep(giveUpMs, false as const, { signal: stop.signal }).catch(() => false as const)
  const aimed =
    aim === 'moment'
      ? sleep(afterMs, true as const)
      : aim === 'rename'
        ? renamed(home, afterMs / 2, stop.signal)
        : queried(home, aim, afterMs / 2, stop.signal)
  try {
    return await Promise.race([ended, late, aimed])
  } finally {
    stop.abort()
  }
}

async function renamed(home: string, afterMs: number, signal: AbortSignal): Promise<boolean> {
  await sleep(afterMs)
  return new Promise((resolve) => {
    const lake = join(home, 'lake')
    mkdirSync(lake, { recursive: true })
    const watcher = watch(lake, { recursive: true, signal }, (kind) => kind === 'rename' && resolve(true))
    watcher.on('error', () => resolve(false))
  })
}

async function queried(home: string, aim: 'copy' | 'commit', afterMs: number, signal: AbortSignal): Promise<boolean> {
  await sleep(afterMs)
  while (!signal.aborted) {
    const client = await connect(home)
    if (!client) {
      await sleep(20)
      continue
    }
    try {
      while (!signal.aborted) {
        const found = await client.query(
          `select 1 from pg_stat_activity where pid <> pg_backend_pid() and state = 'active' and query ilike $1`,
          [aim === 'copy' ? 'copy%' : 'commit%'],
        )
        if (found.rowCount) return true
      }
    } catch {
      // the server ended under us: the race above knows
    } finally {
      await client.end().catch(() => undefined)
    }
  }
  return false
}

async function connect(home: string): Promise<pg.Client | null> {
  const urls = knownUrls(home)
  if (!urls) return null
  const client = new pg.Client({ connectionString: urls.databaseOwnerUrl })
  client.on('error', () => undefined)
  return client.connect().then(
    () => client,
    () => null,
  )
}

function start(home: string, command: string[]): ChildProcess {
  return spawn(process.execPath, [strata, ...command], {
    env: environment(home),
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore'],
  })
}

async function destroy(home: string, child: ChildProcess, killServer: boolean): Promise<void> {
  const server = serverPid(home)
  const gone = child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : null
  signal(-child.pid!)
  if (killServer && server) signal(server)
  await gone
  for (let waited = 0; server && alive(server) && waited < 20_000; waited += 20) await sleep(20)
}

function serverPid(home: string): number | null {
  const file = join(home, 'pg', 'data', 'postmaster.pid')
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : null
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended by itself
  }
}

function alive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false
  return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

async function picture(home: string): Promise<Picture> {
  const server = await startPostgres({ home, say: () => undefined })
  try {
    return await lookAt(home, server.databaseOwnerUrl)
  } finally {
    await server.stop()
  }
}

function copyHome(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true, preserveTimestamps: true })
  // cp as root keeps modes but not owners; the data directory has to belong to the user that runs PostgreSQL
  spawnSync('chown', ['-R', '--reference', join(from, 'pg'), join(to, 'pg')])
  return to
}

function environment(home: string): NodeJS.ProcessEnv {
  return { ...process.env, STRATA_HOME: home, STRATA_THREADS: '2' }
}

/** Runs a verb to its end; milliseconds. */
function run(home: string, command: string[]): number {
  const begun = Date.now()
  const done = spawnSync(process.execPath, [strata, ...command], { env: environment(home), encoding: 'utf8' })
  if (done.status !== 0) {
    throw new Error(`strata ${command.join(' ')} ended with ${done.status ?? done.signal}: ${done.stderr.slice(-2000)}`)
  }
  return Date.now() - begun
}

/** mulberry32: numbers in [0, 1) from a seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

if (import.meta.main) {
  const at = (name: string, fallback: number) => {
    const i = process.argv.indexOf(`--${name}`)
    return i < 0 ? fallback : Number(process.argv[i + 1])
  }
  const result = await proveCrashes({
    kills: { load: at('load', 30), night: at('night', 30), publish: at('publish', 30) },
    seed: at('seed', 1),
    customers: at('customers', 400),
    days: at('days', 130),
    say: (line) => console.log(line),
  })
  console.log(
    `${result.trials} kills, ${result.targeted} inside a COPY, commit or rename, ${result.faults.length} faults`,
  )
  process.exit(result.faults.length === 0 && result.targeted >= Math.min(5, result.trials) ? 0 : 1)
}
