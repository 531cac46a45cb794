/**
 * Erasure proof: customers are erased while a reader asks for pages and a loader delivers those very customers again and
 * again; erasing is killed (SIGKILL), and so is the loader. Afterwards nothing of an erased customer is in the record,
 * nobody else lost anything, and ledger and record agree. `npm run proof -- erasure [--customers 4000 --erased 400
 * --kills 8 --seed 1]`; `npm test` runs it short.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import type { Keys } from '../../src/access/keys.ts'
import { openFacts, type PersonalFacts, partyKey } from '../../src/access/seal.ts'
import { readErasures } from '../../src/acts/erasure-ledger.ts'
import { reapplyErasures } from '../../src/acts/reapply-erasures.ts'
import { type LiveBank, liveBank } from '../support/live-bank.ts'

export interface ErasureOptions {
  customers: number
  erased: number
  kills: number
  seed: number
  say(line: string): void
}

export interface ErasureResult {
  erased: number
  /** Kills of erasing and of the loader while they were under way. */
  killed: number
  pages: number
  loads: number
  faults: string[]
}

export async function proveErasure(options: ErasureOptions): Promise<ErasureResult> {
  const bank = await liveBank({ customers: options.customers, days: 40, seed: options.seed })
  try {
    return await prove(bank, options)
  } finally {
    await bank.close()
  }
}

const eraser = fileURLToPath(new URL('../support/erase-child.ts', import.meta.url))

interface Person {
  customerNo: string
  name: string
  facts: PersonalFacts
}

async function prove(bank: LiveBank, { erased, kills, say }: ErasureOptions): Promise<ErasureResult> {
  const { owner } = bank.workplace.db
  const { keys } = bank.workplace
  const before = await people(owner, keys)
  const wanted = before.filter((one) => one.facts.identityNo !== undefined)
  const step = Math.max(1, Math.floor(wanted.length / erased))
  const gone = wanted.filter((_, i) => i % step === 0).slice(0, erased)
  const reader = bank.reader(wanted.map((one) => one.customerNo))
  const loader = keepDelivering(bank)
  const result: ErasureResult = { erased: 0, killed: 0, pages: 0, loads: 0, faults: [] }
  const part = Math.ceil(gone.length / (kills + 1))
  let left = gone.map((one) => one.customerNo)
  for (let round = 0; left.length > 0; round++) {
    const killIt = round < kills
    const done = await eraseThese(bank, left, killIt ? Math.min(part, left.length - 1) : left.length)
    if (done.killed) result.killed++
    if (killIt && round % 2 === 1 && (await loader.kill())) result.killed++
    result.faults.push(...done.faults)
    // What a start does: ledger and record agree again.
    await reapplyErasures({ owner, keys, clock: bank.workplace.clock, home: bank.home })
    const known = new Set((await owner.query('select customer_no from erasure')).rows.map((row) => row.customer_no))
    left = left.filter((no) => !known.has(no))
    say(`${known.size} of ${gone.length} erased${done.killed ? ', killed' : ''}`)
    if (done.faults.length > 0) break
  }
  const delivered = await loader.stop()
  const seen = await reader.stop()
  result.pages = seen.pages
  result.loads = delivered.loads
  result.erased = gone.length - left.length
  result.faults.push(...seen.faults.slice(0, 5), ...delivered.faults, ...(await look(bank, before, gone)))
  return result
}

/** A process that erases them in turn; killed once it has done `enough`, unless that is all. */
async function eraseThese(bank: LiveBank, numbers: readonly string[], enough: number) {
  const child = spawn(process.execPath, [eraser, ...numbers], {
    env: { ...process.env, ...bank.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let done = 0
  let killed = false
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint += text
  })
  child.stdout.on('data', (text: Buffer) => {
    done += text.toString().split('\n').length - 1
    // A moment later, so that it falls into the middle of the next one.
    if (done >= enough && enough < numbers.length && !killed) {
      killed = true
      setTimeout(() => child.kill('SIGKILL'), done % 7)
    }
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', (ended) => resolve(ended)))
  return { killed, faults: killed || code === 0 ? [] : [`erasing ended with ${code}: ${complaint.slice(-600)}`] }
}

/** Delivers every customer of the bank over and over, each time with something changed. */
function keepDelivering(bank: LiveBank) {
  const text = readFileSync(join(bank.feeds, 'customers.csv'), 'utf8')
  const delivered = { loads: 0, faults: [] as string[] }
  let going = true
  let now: { kill(): void; killed: boolean } | undefined
  const run = async () => {
    for (let i = 0; going; i++) {
      const path = join(bank.feeds, '../customers.csv')
      // Another text each time, so that it is no file that is known; the facts stay.
      writeFileSync(path, text.replace(/\n$/, `${'\n'.repeat(i + 1)}`))
      const command = bank.command('load', path)
      const running = { kill: command.kill, killed: false }
      now = running
      const { code, said } = await command.ended
      now = undefined
      if (code === 0) delivered.loads++
      else if (!running.killed) delivered.faults.push(`load ${i} ended with ${code}: ${said.slice(-600)}`)
    }
    return delivered
  }
  const running = run()
  return {
    kill: async () => {
      if (!now) return false
      now.killed = true
      now.kill()
      return true
    },
    stop: () => {
      going = false
      return running
    },
  }
}

async function look(bank: LiveBank, before: readonly Person[], gone: readonly Person[]): Promise<string[]> {
  const { owner } = bank.workplace.db
  const faults: string[] = []
  const erased = new Set(gone.map((one) => one.customerNo))
  const after = new Map((await people(owner, bank.workplace.keys)).map((one) => [one.customerNo, one]))
  for (const one of before) {
    if (erased.has(one.customerNo)) {
      if (after.has(one.customerNo)) faults.push(`${one.customerNo} still has a key`)
    } else if (JSON.stringify(after.get(one.customerNo)) !== JSON.stringify(one))
      faults.push(`${one.customerNo} lost facts`)
  }
  const left = await owner.query<{ customer_no: string }>(
    `select customer_no from party where erased_at is not null and (sealed is not null or name not like '∅%'
       or identity_token is not null or phone_token is not null or phone_last4 is not null or birth_on is not null)`,
  )
  faults.push(...left.rows.map((row) => `${row.customer_no} has come back`))
  const ledger = new Set(readErasures({ home: bank.home, keys: bank.workplace.keys }).flatMap((one) => one.customerNos))
  for (const no of erased) if (!ledger.has(no)) faults.push(`${no} is not in the ledger`)
  const record = await owner.query<{ n: number }>('select count(*)::int as n from erasure')
  if (record.rows[0]!.n !== erased.size) faults.push(`${record.rows[0]!.n} erasures in the record, not ${erased.size}`)
  return faults.slice(0, 20)
}

async function people(owner: pg.Pool, keys: Keys): Promise<Person[]> {
  const found = await owner.query<{ id: bigint; customer_no: string; name: string; sealed: Buffer; wrapped: Buffer }>(
    `select p.id, p.customer_no, p.name, p.sealed, k.wrapped from party p join party_key k on k.party_id = p.id
     where p.kind = 'person' order by p.id`,
  )
  return found.rows.map((row) => ({
    customerNo: row.customer_no,
    name: row.name,
    facts: openFacts(partyKey(keys, row.id, row.wrapped), row.id, row.sealed),
  }))
}

if (import.meta.main) {
  const at = (name: string, fallback: number) => {
    const i = process.argv.indexOf(`--${name}`)
    return i < 0 ? fallback : Number(process.argv[i + 1])
  }
  const result = await proveErasure({
    customers: at('customers', 4000),
    erased: at('erased', 400),
    kills: at('kills', 8),
    seed: at('seed', 1),
    say: (line) => console.log(line),
  })
  const { erased, killed, pages, loads, faults } = result
  console.log(
    `${erased} erased, ${killed} kills; ${pages} pages read and ${loads} files loaded meanwhile; ${faults.length} faults`,
  )
  for (const fault of faults) console.log(fault)
  process.exit(faults.length === 0 && loads > 0 ? 0 : 1)
}
