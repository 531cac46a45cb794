/**
 * `npm run bench -- load [--rows 10000000]`: a balance snapshot of that many rows, loaded with full checking, against
 * DuckDB's bare typed read of the same file. Each counted load is of another day, so that none is "already loaded".
 */

import { once } from 'node:events'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { accountNo } from '../demo/accounts.ts'
import { addDays } from '../src/kit/day.ts'
import { literal } from '../src/lake/engine.ts'
import { loadFile } from '../src/nightly/load/folder.ts'
import { openBench } from './bank.ts'
import { interleave, mebibytes, option, printMachine, printTimings, watchMemory } from './support.ts'

const rows = option('rows', 10_000_000)
const runs = option('runs', 5)
// The bank is kept, and a content that it knows already would not be loaded again.
const salt = Date.now() % 1_000_000
const bank = await openBench(option('customers', 1_000_000), 'load')
const { workplace } = bank
const folder = join(workplace.tempDir, 'bench-load')
mkdirSync(folder, { recursive: true })
printMachine()

// Rows are days × accounts: the accounts of the bank repeated over as many days as it takes, one file per run.
const known = await workplace.db.owner.query('select count(*)::int as n from account')
console.log(`${rows} rows a file over ${known.rows[0].n} accounts`)
const paths: string[] = []
for (let i = 0; i <= runs + 1; i++) paths.push(await writeFile(i))
let turn = 0
const pid = () => workplace.engine.pid()
const timings = await interleave(
  [
    { name: "DuckDB's bare typed read", run: () => bareRead(paths[0]!), pid },
    { name: 'strata load, checked and stored', run: () => load(paths[turn++]!), pid },
  ],
  runs,
)
// Memory is watched in a run of its own: reading it stops the engine for as long as it takes.
const memory = watchMemory()
await load(paths[turn++]!)
const peak = memory.stop()
printTimings(`load, ${rows} rows`, timings)
console.log(
  `  ${(rows / timings[1]!.median / 1e6).toFixed(2)} million rows a second; peak PSS without PostgreSQL ${mebibytes(peak)}`,
)
rmSync(folder, { recursive: true, force: true })
await bank.close()

async function bareRead(path: string): Promise<void> {
  await workplace.engine.rows(`select count(*) as n, sum(balance) as b, max(day)::text as d from read_csv(${literal(path)},
    columns = {account_no: 'VARCHAR', day: 'DATE', balance: 'DECIMAL(18,2)', currency: 'VARCHAR'}, header = true)`)
}

async function load(path: string): Promise<void> {
  const account = await loadFile(workplace, { path, feed: 'balance-changes' })
  if (account.status !== 'loaded' || account.accepted !== BigInt(rows)) {
    throw new Error(`${path}: ${account.status}, ${account.accepted} accepted`)
  }
}

/** Only accounts in the base currency, so that every row is right: the bare read checks no currency either. */
async function writeFile(run: number): Promise<string> {
  const path = join(folder, `balance-changes-run-${run}.csv`)
  const out = createWriteStream(path)
  out.write('account_no,day,balance,currency\n')
  let written = 0
  for (let day = 0; written < rows; day++) {
    const text = addDays(bank.day, -(day + run * 20) % 400)
    for (let customer = 0; customer < bank.customers && written < rows; customer++) {
      const line = `${accountNo(String(1_000_000_000 + customer), 1)},${text},${(customer * 37 + day * 11 + run + salt) % 1_000_000}.${10 + (customer % 90)},CNY\n`
      written++
      if (!out.write(line)) await once(out, 'drain')
    }
  }
  out.end()
  await once(out, 'close')
  return path
}
