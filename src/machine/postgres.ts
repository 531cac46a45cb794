/**
 * The embedded PostgreSQL: made, started, adopted, stopped. It ends with us: the system sends it SIGINT when our main
 * thread dies (setpriv), and a watchdog that holds a pipe stops it when the pipe breaks. For development and pilots; a bank
 * points DATABASE_URL at a server of its own.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { refuse } from '../kit/refusal.ts'
import { findPlace, own, type Place } from './place.ts'
import { lives, markOf, type ProcessMark } from './processes.ts'

export interface PostgresUrls {
  databaseUrl: string
  databaseOwnerUrl: string
  databaseDirectUrl: string
  /** The superuser's, for making databases; nothing but this folder and the tests uses it. */
  superUrl: string
}

export interface Postgres extends PostgresUrls {
  pid: number
  /** Holds the data directory. */
  folder: string
  /** Stops it in order and waits until it is gone. */
  stop(): Promise<void>
  /** Called once when it ends without `stop`; the text says why. */
  onEnd(told: (reason: string) => void): void
}

export interface PostgresOptions {
  home: string
  /** A sentence for the person in front of it. */
  say: (sentence: string) => void
  /** Tests only: no fsync, so a power cut may lose data. */
  careless?: boolean
}

/** What postgres.json in the home keeps, mode 0600. */
interface Kept {
  port: number
  superPassword: string
  ownerPassword: string
  appPassword: string
  /** The databases and roles exist. */
  prepared: boolean
}

const startTimeoutMs = 60_000
const stopTimeoutMs = 30_000
const logBytesMax = 10_000_000
// A postmaster that was killed leaves children that end by themselves, the last after its checkpoint; until then the
// server's shared memory is in use and a new one refuses to start.
const leftovers = /pre-existing shared memory block|lock file "postmaster.pid" already exists/
const leftoverMs = 30_000
const leftoverStepMs = 250

/** Starts the PostgreSQL of a home, making it first when there is none. Refuses `database_failed` with the server's own words. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const place = findPlace(options.home, options.say)
  const data = join(place.folder, 'data')
  const kept = keptIn(options.home)
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(place, data, kept, options.careless === true)
  await clearWay(data)
  kept.port = await freePort(kept.port)
  keep(options.home, kept)
  const urls = urlsOf(kept)
  for (let waited = 0; ; waited += leftoverStepMs) {
    const log = openLog(options.home)
    const child = launch(place, data, kept, log.handle, options.careless === true)
    closeSync(log.handle)
    const watchdog = watch(child.pid!, join(data, 'postmaster.pid'))
    const failure = await ready(child, urls.superUrl, log)
    if (failure !== undefined) {
      if (!leftovers.test(failure) || waited >= leftoverMs) refuse('database_failed', { reason: failure })
      await sleep(leftoverStepMs)
      continue
    }
    if (!kept.prepared) {
      await prepare(urls.superUrl, kept)
      kept.prepared = true
      keep(options.home, kept)
    }
    return running(child, place.folder, watchdog, urls, log)
  }
}

/** The addresses of a home whose PostgreSQL runs under another process of ours; null when it was never made. */
export function knownUrls(home: string): PostgresUrls | null {
  const path = join(home, 'postgres.json')
  return existsSync(path) ? urlsOf(JSON.parse(readFileSync(path, 'utf8')) as Kept) : null
}

function running(
  child: ChildProcess,
  folder: string,
  watchdog: ChildProcess | null,
  urls: PostgresUrls,
  log: Log,
): Postgres {
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    if (child.exitCode !== null || child.signalCode !== null) resolve()
  })
  let stopping = false
  return {
    ...urls,
    folder,
    pid: child.pid!,
    onEnd: (told) => void ended.then(() => stopping || told(tail(log) || `exit ${child.exitCode ?? child.signalCode}`)),
    stop: async () => {
      stopping = true
      // SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything committed is kept.
      child.kill('SIGINT')
      const timer = setTimeout(() => child.kill('SIGQUIT'), stopTimeoutMs)
      await ended
      clearTimeout(timer)
      watchdog?.stdin?.end('done\n')
    },
  }
}

// initdb into a folder beside it and a rename: an interrupted one is never taken for a database.
function initialise(place: Place, data: string, kept: Kept, careless: boolean): void {
  const fresh = `${data}.new`
  rmSync(fresh, { recursive: true, force: true })
  own(place.folder, place.runAs)
  const passwordFile = join(place.folder, 'password')
  writeFileSync(passwordFile, kept.superPassword, { mode: 0o600 })
  if (place.runAs) chownSync(passwordFile, place.runAs.uid, place.runAs.gid)
  const common = ['-D', fresh, '-U', 'postgres', '--pwfile', passwordFile, '--auth=scram-sha-256', '--encoding=UTF8']
  if (careless) common.push('--no-sync')
  // The C library of some systems has no C.UTF-8; PostgreSQL brings one of its own.
  const locales = [['--locale=C.UTF-8'], ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']]
  let said = ''
  for (const locale of locales) {
    const made = spawnSync(join(place.native, 'bin', 'initdb'), [...common, ...locale], {
      ...asUser(place),
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
    })
    said = `${made.stderr ?? ''}${made.error?.message ?? ''}`.trim()
    if (made.status === 0) break
    rmSync(fresh, { recursive: true, force: true })
  }
  rmSync(passwordFile, { force: true })
  if (!existsSync(join(fresh, 'PG_VERSION'))) refuse('database_failed', { reason: `initdb: ${said}` })
  kept.prepared = false
  renameSync(fresh, data)
}

/**
 * A postmaster.pid is removed only if its process is absent, a zombie or not this directory's postmaster. A postmaster that
 * lives although nobody of ours holds the home (the caller has the home's lock) is an orphan, and is stopped.
 */
async function clearWay(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return
  const mark = markOf(Number(readFileSync(file, 'utf8').split('\n')[0]))
  if (!mark || !isPostmasterOf(mark, data)) {
    rmSync(file, { force: true })
    return
  }
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(mark.pid, signal)
    for (let waited = 0; waited < 10_000 && lives(mark); waited += 50) await sleep(50)
    if (!lives(mark)) break
  }
  if (lives(mark)) refuse('database_failed', { reason: `process ${mark.pid} holds ${data} and cannot be stopped` })
  rmSync(file, { force: true })
}

function isPostmasterOf(mark: ProcessMark, data: string): boolean {
  if (process.platform !== 'linux') return true
  try {
    const there = statSync(readlinkSync(`/proc/${mark.pid}/cwd`))
    const here = statSync(data)
    return there.dev === here.dev && there.ino === here.ino
  } catch {
    return false
  }
}

function launch(place: Place, data: string, kept: Kept, log: number, careless: boolean): ChildProcess {
  const postgres = join(place.native, 'bin', 'postgres')
  const values = { ...settings(kept.port), ...(careless && carelessSettings) }
  const args = ['-D', data, ...Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const setpriv = hasSetpriv() ? ['setpriv', '--pdeathsig', 'INT', postgres] : [postgres]
  const child = spawn(setpriv[0]!, [...setpriv.slice(1), ...args], {
    ...asUser(place),
    cwd: '/',
    // A group of its own: Ctrl-C in the terminal reaches us, and we stop it after the desk has finished.
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
  })
  child.on('error', () => undefined)
  if (child.pid === undefined) refuse('database_failed', { reason: `${setpriv[0]} cannot be started` })
  return child
}

function settings(port: number): Record<string, string | number> {
  return {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 60,
    shared_buffers: '256MB',
    work_mem: '32MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    wal_level: 'minimal',
    max_wal_senders: 0,
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    lc_messages: 'C',
    // Containers often give 64 MB of /dev/shm, too little for a parallel query.
    ...(smallShm() && { dynamic_shared_memory_type: 'mmap' }),
  }
}

const carelessSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
  max_connections: 120,
}

// A line on the pipe means an orderly end; the end of the pipe without one means that we died.
const watchdogScript = `trap '' INT TERM HUP
read -r word && exit 0
[ "$(head -n 1 "$2" 2>/dev/null)" = "$1" ] || exit 0
for signal in INT QUIT KILL; do
  kill -"$signal" "$1" 2>/dev/null || exit 0
  i=0
  while [ $i -lt 100 ]; do
    kill -0 "$1" 2>/dev/null || exit 0
    grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null && exit 0
    sleep 0.1
    i=$((i + 1))
  done
done`

function watch(pid: number, pidFile: string): ChildProcess | null {
  if (process.platform === 'win32') return null
  const dog = spawn('/bin/sh', ['-c', watchdogScript, 'strata-watchdog', String(pid), pidFile], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  dog.on('error', () => undefined)
  dog.stdin.on('error', () => undefined)
  dog.unref()
  return dog
}

/** Waits until the server answers; the reason in its own words when it does not. */
async function ready(child: ChildProcess, superUrl: string, log: Log): Promise<string | undefined> {
  let failed = ''
  for (let waited = 0; waited < startTimeoutMs; waited += 25) {
    if (child.exitCode !== null || child.signalCode !== null) break
    const client = new pg.Client({ connectionString: superUrl, connectionTimeoutMillis: 2000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.end()
      return undefined
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error)
      await client.end().catch(() => undefined)
    }
    await sleep(25)
  }
  child.kill('SIGQUIT')
  return tail(log) || failed || 'no answer'
}

async function prepare(superUrl: string, kept: Kept): Promise<void> {
  const client = new pg.Client({ connectionString: superUrl })
  await client.connect()
  try {
    for (const [role, password] of [
      ['strata_owner', kept.ownerPassword],
      ['strata_app', kept.appPassword],
    ] as const) {
      const found = await client.query('select 1 from pg_roles where rolname = $1', [role])
      if (found.rowCount === 0) await client.query(`create role ${role} login`)
      await client.query(`alter role ${role} password '${password}'`)
    }
    const found = await client.query("select 1 from pg_database where datname = 'strata'")
    if (found.rowCount === 0) await client.query('create database strata owner strata_owner')
    await client.query('revoke connect on database postgres from public')
  } finally {
    await client.end()
  }
}

function urlsOf(kept: Kept): PostgresUrls {
  const url = (role: string, password: string, database: string) =>
    `postgres://${role}:${password}@127.0.0.1:${kept.port}/${database}`
  return {
    databaseUrl: url('strata_app', kept.appPassword, 'strata'),
    databaseOwnerUrl: url('strata_owner', kept.ownerPassword, 'strata'),
    databaseDirectUrl: url('strata_owner', kept.ownerPassword, 'strata'),
    superUrl: url('postgres', kept.superPassword, 'postgres'),
  }
}

function keptIn(home: string): Kept {
  const path = join(home, 'postgres.json')
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Kept
  const secret = () => randomBytes(24).toString('hex')
  const made = { port: 0, superPassword: secret(), ownerPassword: secret(), appPassword: secret(), prepared: false }
  keep(home, made)
  return made
}

function keep(home: string, kept: Kept): void {
  const path = join(home, 'postgres.json')
  writeFileSync(`${path}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

/** The wanted port if nobody listens on it, else any free one. 0 = any. */
export async function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', () => (wanted === 0 ? reject(new Error('no free port')) : resolve(freePort(0))))
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

interface Log {
  path: string
  handle: number
  /** Length when this start began. */
  from: number
}

function openLog(home: string): Log {
  const path = join(home, 'postgres.log')
  if (existsSync(path) && statSync(path).size > logBytesMax) renameSync(path, `${path}.1`)
  const handle = openSync(path, 'a', 0o600)
  return { path, handle, from: fstatSync(handle).size }
}

// The last lines that this start wrote.
function tail(log: Log): string {
  const text = readFileSync(log.path).subarray(log.from).toString('utf8').trim()
  return text.split('\n').slice(-8).join(' · ')
}

function asUser(place: Place): { uid?: number; gid?: number } {
  return place.runAs ? { uid: place.runAs.uid, gid: place.runAs.gid } : {}
}

function hasSetpriv(): boolean {
  return process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'INT', 'true']).status === 0
}

function smallShm(): boolean {
  try {
    const shm = statfsSync('/dev/shm')
    return shm.bsize * shm.blocks < 256 * 1024 * 1024
  } catch {
    return process.platform === 'linux'
  }
}
