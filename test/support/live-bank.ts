/**
 * A bank in use, for proofs: an embedded PostgreSQL, a loaded demo bank, a server in this process that a reader asks all
 * the time, and commands as processes of their own, which can be killed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeDemo } from '../../demo/write.ts'
import { shipRoles } from '../../src/access/roles.ts'
import { sessionCookie } from '../../src/access/session.ts'
import { setLogin } from '../../src/access/set-login.ts'
import { buildServer } from '../../src/api/server.ts'
import { readConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { installJobs } from '../../src/jobs/work.ts'
import { day } from '../../src/kit/day.ts'
import { startPostgres } from '../../src/machine/postgres.ts'
import { loadFolder } from '../../src/nightly/load/folder.ts'
import { openWorkplace, type Workplace } from '../../src/nightly/workplace.ts'
import { removePostgresHome } from './postgres-home.ts'
import { mustBeListed } from './refusal-guard.ts'

const strata = join(import.meta.dirname, '../../bin/strata.js')

export interface LiveBank {
  home: string
  feeds: string
  workplace: Workplace
  /** Settings of this bank, for processes. */
  env: Record<string, string>
  /** A command in a process group of its own. */
  command(...args: string[]): Command
  /** Asks the pages of customers in turn until stopped; says how many it saw and what went wrong. */
  reader(numbers: readonly string[]): { stop(): Promise<{ pages: number; faults: string[] }> }
  /** Any request as a person with every right over customers. */
  send(method: 'GET' | 'POST', url: string, body?: object): Promise<{ status: number; text: string }>
  /** Writes a customers file of new numbers made from the demo's own; its path and numbers. */
  newCustomers(name: string, count: number): { path: string; numbers: string[] }
  close(): Promise<void>
}

export interface Command {
  child: ChildProcess
  /** Its exit code and what it said; -1 when it was killed. */
  ended: Promise<{ code: number; said: string }>
  kill(): void
}

export async function liveBank(size: { customers: number; days: number; seed: number }): Promise<LiveBank> {
  const root = mkdtempSync(join(tmpdir(), 'strata-live-'))
  const home = join(root, 'home')
  const feeds = join(root, 'feeds')
  mkdirSync(feeds)
  const postgres = await startPostgres({ home: join(root, 'postgres'), say: () => undefined, careless: true })
  const env = {
    STRATA_HOME: home,
    DATABASE_URL: postgres.databaseUrl,
    DATABASE_OWNER_URL: postgres.databaseOwnerUrl,
    STRATA_LOG_LEVEL: 'silent',
    STRATA_THREADS: '1',
  }
  const db = openDatabase({ appUrl: env.DATABASE_URL, ownerUrl: env.DATABASE_OWNER_URL })
  await migrate(db.owner, 'strata_app')
  await installJobs(env.DATABASE_OWNER_URL)
  await shipRoles(db.owner)
  const workplace = await openWorkplace(readConfig(env), { db })
  await writeDemo({ ...size, end: day('2026-10-31'), out: feeds })
  await loadFolder(workplace, feeds)
  const app = await buildServer(workplace)
  const cookie = await signedIn(workplace, app)
  const send: LiveBank['send'] = async (method, url, body) => {
    const reply = await app.inject({ method, url, headers: { cookie }, ...(body && { payload: body }) })
    mustBeListed({ method, url, status: reply.statusCode, headers: reply.headers, text: reply.body })
    return { status: reply.statusCode, text: reply.body }
  }
  return {
    home,
    feeds,
    workplace,
    env,
    send,
    command: (...args) => command({ ...process.env, ...env }, args),
    reader: (numbers) => reader(send, numbers),
    newCustomers: (name, count) => newCustomers(root, feeds, name, count),
    close: async () => {
      await app.close()
      await workplace.close()
      await db.close()
      await postgres.stop()
      removePostgresHome(join(root, 'postgres'))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

async function signedIn({ db, clock }: Workplace, app: Awaited<ReturnType<typeof buildServer>>): Promise<string> {
  const root = await db.owner.query<{ code: string }>('select code from unit where parent_id is null limit 1')
  const unit = root.rows[0]!.code
  const { password } = await setLogin(db, clock, { name: 'proof', role: 'complianceOfficer', unit })
  const reply = await app.inject({ method: 'POST', url: '/api/session', payload: { name: 'proof', password } })
  return `${sessionCookie}=${reply.cookies.find((one) => one.name === sessionCookie)?.value}`
}

function command(env: NodeJS.ProcessEnv, args: string[]): Command {
  const child = spawn(process.execPath, [strata, ...args], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part))
  const ended = new Promise<{ code: number; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code: code ?? -1, said })),
  )
  return { child, ended, kill: () => process.kill(-child.pid!, 'SIGKILL') }
}

function reader(send: LiveBank['send'], numbers: readonly string[]) {
  const seen = { pages: 0, faults: [] as string[] }
  let going = true
  const run = async () => {
    for (let i = 0; going; i = (i + 1) % numbers.length) {
      const page = await send('GET', `/api/customers/${numbers[i]}`)
      const whole = page.status === 200 && /"identity":\{"kind":"[^"]+","no":"/.test(page.text)
      const erased = page.status === 200 && /"erasedAt":"/.test(page.text)
      if (!whole && !erased) seen.faults.push(`${numbers[i]}: ${page.status} ${page.text.slice(0, 200)}`)
      seen.pages++
      await new Promise((resolve) => setImmediate(resolve))
    }
    return seen
  }
  const running = run()
  return {
    stop: () => {
      going = false
      return running
    },
  }
}

function newCustomers(root: string, feeds: string, name: string, count: number) {
  const folder = join(root, 'later', name)
  mkdirSync(folder, { recursive: true })
  // A customer belongs to a unit that is known; the rest of the row may be anybody's.
  const [header = '', ...rows] = readFileSync(join(feeds, 'customers.csv'), 'utf8').trimEnd().split('\n')
  const at = header
    .replace(/^\ufeff/, '')
    .split(',')
    .indexOf('customer_no')
  const numbers: string[] = []
  const made = rows.filter((row) => !row.includes('"')).slice(0, count)
  const lines = made.map((row, i) => {
    const cells = row.split(',')
    cells[at] = `${name}-${i}`
    numbers.push(`${name}-${i}`)
    return cells.join(',')
  })
  const path = join(folder, 'customers.csv')
  writeFileSync(path, `${[header, ...lines].join('\n')}\n`)
  return { path, numbers }
}
