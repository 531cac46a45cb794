import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sweepMovedHomes } from '../../test/support/postgres-home.ts'
import { enterHome, holderOf } from './home.ts'
import { freePort, knownUrls, startPostgres } from './postgres.ts'
import { lives, markOf } from './processes.ts'

const holder = fileURLToPath(new URL('../../test/support/hold-postgres.ts', import.meta.url))
const root = process.getuid?.() === 0

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'strata-pg-'))
  chmodSync(home, 0o755)
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const quiet = { say: () => undefined, careless: true }

async function ask(url: string, query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(query)).rows
  } finally {
    await client.end()
  }
}

/** A process of its own that starts the PostgreSQL of the home and stays; resolves to both process numbers. */
async function heldElsewhere(as?: { uid: number; gid: number }): Promise<{ holder: number; postgres: number }> {
  const child = spawn(process.execPath, [holder, home], { stdio: ['ignore', 'pipe', 'inherit'], ...as, cwd: '/' })
  let said = ''
  for await (const part of child.stdout) {
    said += part
    if (said.includes('\n')) break
  }
  return { holder: child.pid!, postgres: Number(said) }
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  for (let waited = 0; waited < ms; waited += 50) {
    if (!markOf(pid)) return true
    await sleep(50)
  }
  return false
}

test('it is made once, keeps its data, its roles and its port, and lets nobody in without a password', async () => {
  const first = await startPostgres({ home, ...quiet })
  await ask(first.databaseOwnerUrl, 'create table kept as select 1 as n')
  expect(
    await ask(
      first.databaseUrl,
      "select pg_encoding_to_char(encoding) as e, datcollate as c from pg_database where datname = 'strata'",
    ),
  ).toEqual([{ e: 'UTF8', c: 'C.UTF-8' }])
  const open = first.databaseUrl.replace(/:[^:@/]+@/, ':wrong@')
  await expect(ask(open, 'select 1')).rejects.toThrow(/password/)
  await first.stop()
  expect(markOf(first.pid)).toBe(null)
  const second = await startPostgres({ home, ...quiet })
  expect(second.databaseUrl).toBe(first.databaseUrl)
  expect(await ask(second.databaseOwnerUrl, 'select n from kept')).toEqual([{ n: 1 }])
  await second.stop()
  expect(statSync(join(home, 'postgres.json')).mode & 0o777).toBe(0o600)
})

test('kill -9 of whoever holds it ends it, and the next start finds everything', async () => {
  const { holder, postgres } = await heldElsewhere()
  await ask(knownUrls(home)!.databaseOwnerUrl, 'create table kept as select 1 as n')
  process.kill(holder, 'SIGKILL')
  expect(await goneWithin(postgres, 10_000)).toBe(true)
  const next = await startPostgres({ home, ...quiet })
  expect(await ask(next.databaseOwnerUrl, 'select n from kept')).toEqual([{ n: 1 }])
  await next.stop()
})

test('a pid file of a strange process is removed, a living orphan is stopped first', async () => {
  const first = await startPostgres({ home, ...quiet })
  await first.stop()
  const file = join(first.folder, 'data', 'postmaster.pid')
  writeFileSync(file, `${process.pid}\n`)
  const second = await startPostgres({ home, ...quiet })
  // Nobody holds the home, so a second start takes the first server for an orphan.
  const third = await startPostgres({ home, ...quiet })
  expect(markOf(second.pid)).toBe(null)
  expect(await ask(third.databaseUrl, 'select 1 as n')).toEqual([{ n: 1 }])
  await third.stop()
})

test('children that outlive a killed server are waited for', async () => {
  const first = await startPostgres({ home, ...quiet })
  const [child] = (await ask(
    first.superUrl,
    "select pid from pg_stat_activity where backend_type = 'checkpointer'",
  )) as { pid: number }[]
  // Stopped, it keeps the shared memory of the dead server in use, as one that still writes its checkpoint does.
  process.kill(child!.pid, 'SIGSTOP')
  process.kill(first.pid, 'SIGKILL')
  setTimeout(() => process.kill(child!.pid, 'SIGKILL'), 1500)
  const second = await startPostgres({ home, ...quiet })
  expect(await ask(second.databaseUrl, 'select 1 as n')).toEqual([{ n: 1 }])
  await second.stop()
})

test('a start that fails says why, in the words of PostgreSQL', async () => {
  const first = await startPostgres({ home, ...quiet })
  await first.stop()
  writeFileSync(
    join(first.folder, 'data', 'postgresql.auto.conf'),
    "shared_preload_libraries = 'nothing_of_this_name'\n",
  )
  await expect(startPostgres({ home, ...quiet })).rejects.toThrow(/nothing_of_this_name/)
})

test('a taken port is replaced by a free one', async () => {
  const first = await startPostgres({ home, ...quiet })
  const taken = Number(new URL(first.databaseUrl).port)
  expect(await freePort(taken)).not.toBe(taken)
  await first.stop()
  expect(await freePort(taken)).toBe(taken)
})

test.runIf(root)('as root in a closed home it goes where its user can reach it, and says so', async () => {
  chmodSync(home, 0o700)
  const inner = join(home, 'var')
  const said: string[] = []
  const server = await startPostgres({ home: inner, say: (sentence) => said.push(sentence), careless: true })
  const base = readFileSync(join(inner, 'pg.where'), 'utf8').trim()
  expect(base).toMatch(/^\/var\/lib\/strata\/[0-9a-f]{16}$/)
  expect(said.join()).toContain(base)
  expect(readFileSync(join(base, 'home'), 'utf8')).toBe(`${inner}\n`)
  await server.stop()
  const again = await startPostgres({ home: inner, ...quiet })
  await again.stop()
  sweepMovedHomes()
  expect(existsSync(base)).toBe(true)
  rmSync(inner, { recursive: true })
  sweepMovedHomes()
  expect(existsSync(base)).toBe(false)
})

test.runIf(root && reachable())('an ordinary user runs it too', async () => {
  const own = { uid: 65_534, gid: 65_534 }
  mkdirSync(join(home, 'inner'))
  spawnSync('chown', ['-R', '65534:65534', home])
  home = join(home, 'inner')
  const { holder, postgres } = await heldElsewhere(own)
  expect(statSync(join(home, 'pg', 'data')).uid).toBe(65_534)
  process.kill(holder, 'SIGTERM')
  expect(await goneWithin(postgres, 10_000)).toBe(true)
  home = join(home, '..')
})

test.each([
  ['a file stands in the way', () => join(home, 'postgres.txt', 'var')],
  ['nothing can be made there', () => '/proc/strata'],
])('a home that cannot be is refused in words: %s', async (_why, where) => {
  writeFileSync(join(home, 'postgres.txt'), '')
  await expect(enterHome(where(), 'test')).rejects.toMatchObject({ code: 'machine_unfit' })
})

test('one holds a home, others join, and the holder waits for them', async () => {
  const first = await enterHome(home, 'load')
  if (first.kind !== 'held') throw new Error('nobody else was here')
  expect(holderOf(home)).toMatchObject({ verb: 'load', ready: false })
  first.announce('http://127.0.0.1:1')
  const second = await enterHome(home, 'night')
  expect(second).toMatchObject({ kind: 'shared', holder: { verb: 'load', address: 'http://127.0.0.1:1' } })
  let drained = false
  const draining = first.drain(5000).then(() => {
    drained = true
  })
  await sleep(250)
  expect(drained).toBe(false)
  second.release()
  await draining
  first.release()
  expect(holderOf(home)).toBe(null)
})

test('the lock of a dead process is taken over', async () => {
  const dead = spawnSync(process.execPath, ['-e', '0'])
  const mark = { pid: dead.pid, started: '1', verb: 'start', ready: true, address: null }
  writeFileSync(join(home, 'running.json'), JSON.stringify(mark))
  expect(lives(mark)).toBe(false)
  const entered = await enterHome(home, 'load')
  expect(entered.kind).toBe('held')
  entered.release()
  expect(existsSync(join(home, 'running.json'))).toBe(false)
})

/** Whether another user can run our Node; not in a clone under a closed folder. */
function reachable(): boolean {
  return spawnSync(process.execPath, [holder, '--look'], { uid: 65_534, gid: 65_534, cwd: '/' }).status === 0
}
