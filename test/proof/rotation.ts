/**
 * Rotation proof: the master key is rotated, again and again, while a reader asks for pages and a loader brings
 * customers; the rotation is killed (SIGKILL) before the first batch, between batches and before it retires the old
 * generation, and asked for again. Afterwards every sealed value opens and says what it said, without the old masters.
 * `npm run proof -- rotation [--customers 20000 --kills 12 --seed 1]`; `npm test` runs it short.
 */
import { createHash } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { openEntry, type SealedEntry } from '../../src/access/audit.ts'
import { openKeys } from '../../src/access/key-store.ts'
import type { Keys } from '../../src/access/keys.ts'
import { masterKeys } from '../../src/access/master-keys.ts'
import { keyStatus } from '../../src/access/rotate.ts'
import { fileKey, openBytes, openFacts, openRow, partyKey } from '../../src/access/seal.ts'
import { present } from '../../src/kit/assert.ts'
import { type LiveBank, liveBank } from '../support/live-bank.ts'

export interface RotationOptions {
  customers: number
  kills: number
  seed: number
  say(line: string): void
}

export interface RotationResult {
  rotations: number
  /** Kills while the rotation was under way. */
  killed: number
  pages: number
  loaded: number
  faults: string[]
}

/** Where a rotation is stopped to be killed there: what of the record is held meanwhile. */
const places = {
  'before the first batch': `select from purpose_key where purpose = 'rowSeal' for update`,
  'between batches': 'select from party_key order by party_id desc limit 1 for update',
  'before it retires': 'select from master_generation where retired_at is null order by id limit 1 for share',
} as const

export async function proveRotation(options: RotationOptions): Promise<RotationResult> {
  const bank = await liveBank({ customers: options.customers, days: 40, seed: options.seed })
  try {
    return await prove(bank, options)
  } finally {
    await bank.close()
  }
}

async function prove(bank: LiveBank, { kills, say }: RotationOptions): Promise<RotationResult> {
  const { owner } = bank.workplace.db
  const before = await everySealed(owner, bank.workplace.keys)
  const found = await owner.query<{ customer_no: string }>(
    'select customer_no from party where identity_token is not null order by id limit 2000',
  )
  const reader = bank.reader(found.rows.map((row) => row.customer_no))
  const result: RotationResult = { rotations: 0, killed: 0, pages: 0, loaded: 0, faults: [] }
  const loader = keepLoading(bank)
  for (let i = 0; i < kills; i++) {
    const place = Object.keys(places)[i % 3] as keyof typeof places
    const hit = await killAt(bank, owner, places[place])
    if (hit) result.killed++
    say(`rotation killed ${place}${hit ? '' : ' (it had ended)'}`)
    if (i % 3 === 2 || i === kills - 1) result.faults.push(...(await finish(bank, owner)))
  }
  const brought = await loader.stop()
  const seen = await reader.stop()
  result.faults.push(...seen.faults.slice(0, 5), ...brought.faults)
  result.pages = seen.pages
  result.loaded = brought.numbers.length
  const status = await keyStatus(owner)
  result.rotations = status.length - 1
  result.faults.push(...(await look(bank, before, brought.numbers)))
  for (const old of status.slice(0, -1)) {
    if (old.retiredAt === null || old.parties + old.purposes > 0n) {
      result.faults.push(`generation ${old.generation} still wraps ${old.parties} and ${old.purposes} keys`)
    }
  }
  return result
}

/** Asks until the old generation is retired, which waits for a load that began before. */
async function finish(bank: LiveBank, owner: pg.Pool): Promise<string[]> {
  for (let asked = 0; asked < 10; asked++) {
    const done = await bank.command('keys', 'rotate').ended
    if (done.code !== 0) return [`rotate ended with ${done.code}: ${done.said.slice(-400)}`]
    if ((await keyStatus(owner)).filter((one) => one.retiredAt === null).length === 1) return []
  }
  return ['the old generation is never retired']
}

/** Loads one small file of new customers after the other. */
function keepLoading(bank: LiveBank) {
  const brought = { numbers: [] as string[], faults: [] as string[] }
  let going = true
  const run = async () => {
    for (let i = 0; going; i++) {
      const { path, numbers } = bank.newCustomers(`L${i}`, 40)
      const done = await bank.command('load', path).ended
      if (done.code === 0) brought.numbers.push(...numbers)
      else brought.faults.push(`load ${i} ended with ${done.code}: ${done.said.slice(-400)}`)
    }
    return brought
  }
  const running = run()
  return {
    stop: () => {
      going = false
      return running
    },
  }
}

/** Starts a rotation while `hold` is held, waits until it stands before it, and kills it; false when it had ended. */
async function killAt(bank: LiveBank, owner: pg.Pool, hold: string): Promise<boolean> {
  const client = await owner.connect()
  try {
    await client.query('begin')
    await client.query(hold)
    const rotation = bank.command('keys', 'rotate')
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    let over = false
    void rotation.ended.then(() => {
      over = true
    })
    while (!over) {
      const waits = await owner.query('select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid))', [
        rows[0]!.pid,
      ])
      if (waits.rowCount) {
        rotation.kill()
        await rotation.ended
        return true
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return false
  } finally {
    await client.query('rollback')
    client.release()
  }
}

/** Opened by keys that know nothing but the newest master: everything that was there, and everything that was loaded. */
async function look(bank: LiveBank, before: Map<string, string>, loaded: readonly string[]): Promise<string[]> {
  const { owner } = bank.workplace.db
  const newest = present((await keyStatus(owner)).at(-1), 'a generation').generation
  const folder = join(bank.home, 'keys')
  for (const name of readdirSync(folder)) if (name !== `master-${newest}.key`) rmSync(join(folder, name))
  const after = await everySealed(owner, await openKeys(owner, masterKeys({ home: bank.home })))
  const faults: string[] = []
  for (const [what, digest] of before) if (after.get(what) !== digest) faults.push(`${what} is lost or differs`)
  const there = await owner.query<{ n: number }>(
    'select count(*)::int as n from party p join party_key k on k.party_id = p.id where p.customer_no = any($1)',
    [loaded],
  )
  if (there.rows[0]!.n !== loaded.length) faults.push(`${there.rows[0]!.n} of ${loaded.length} loaded customers`)
  return faults.slice(0, 10)
}

/** What every sealed value of the record says, as digests by its place. */
async function everySealed(owner: pg.Pool, keys: Keys): Promise<Map<string, string>> {
  const said = new Map<string, string>()
  const add = (what: string, text: string | Buffer) =>
    said.set(what, createHash('sha256').update(text).digest('base64').slice(0, 16))
  const parties = await owner.query<{ id: bigint; sealed: Buffer; wrapped: Buffer }>(
    'select p.id, p.sealed, k.wrapped from party p join party_key k on k.party_id = p.id',
  )
  for (const { id, sealed, wrapped } of parties.rows) {
    add(`party ${id}`, JSON.stringify(openFacts(partyKey(keys, id, wrapped), id, sealed)))
  }
  for (const noun of ['account', 'card'] as const) {
    const numbers = await owner.query<{ id: bigint; no_sealed: Buffer }>(`select id, no_sealed from ${noun}`)
    for (const row of numbers.rows) add(`${noun} ${row.id}`, openBytes(keys.of('numberSeal'), noun, row.no_sealed))
  }
  const quarantine = await owner.query<{ load_id: number; line: bigint; row_sealed: Buffer }>(
    'select load_id, line, row_sealed from quarantine where row_sealed is not null and ordinal = 1',
  )
  for (const row of quarantine.rows) add(`row ${row.load_id}:${row.line}`, openRow(keys, row.row_sealed))
  const entries = await owner.query<SealedEntry & { id: bigint }>(
    `select id, action, noun, noun_id as "nounId", party_id as "partyId", by_party_key as "byPartyKey", before, after, reason
     from audit_entry where not by_party_key`,
  )
  for (const row of entries.rows) add(`audit ${row.id}`, JSON.stringify(openEntry(keys, row, null)))
  const originals = await owner.query<{ load_id: number; sealed: Buffer }>('select load_id, sealed from load_key')
  for (const row of originals.rows) add(`original ${row.load_id}`, fileKey(keys, row.sealed))
  return said
}

if (import.meta.main) {
  const at = (name: string, fallback: number) => {
    const i = process.argv.indexOf(`--${name}`)
    return i < 0 ? fallback : Number(process.argv[i + 1])
  }
  const options = { customers: at('customers', 20_000), kills: at('kills', 12), seed: at('seed', 1) }
  const result = await proveRotation({ ...options, say: (line) => console.log(line) })
  const { rotations, killed, pages, loaded, faults } = result
  console.log(
    `${rotations} rotations, killed ${killed} times under way; ${pages} pages read and ${loaded} customers loaded meanwhile; ${faults.length} faults`,
  )
  for (const fault of faults) console.log(fault)
  process.exit(faults.length === 0 && killed >= Math.min(3, options.kills) ? 0 : 1)
}
