/**
 * A small bank written straight into the record and the lake, in the shape that loads leave behind: for tests that are
 * about nights, not about reading files.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixedClock } from '../../src/kit/clock.ts'
import { literal } from '../../src/lake/engine.ts'
import { openWorkplace, type Workplace } from '../../src/nightly/workplace.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type TestHome, testConfig, testHome } from './home.ts'

export interface TestBank {
  database: TestDatabase
  home: TestHome
  workplace: Workplace
  close(): Promise<void>
}

/** An empty bank with one unit (unless `units` is false); `env` adds settings, `now` is its clock. */
export async function emptyBank(options: {
  now: string
  env?: Record<string, string>
  units?: false
}): Promise<TestBank> {
  const database = await testDatabase()
  const home = testHome()
  const config = testConfig(home.home, database, options.env)
  const workplace = await openWorkplace(config, { clock: fixedClock(options.now) })
  if (options.units !== false)
    await database.db.owner.query(
      `insert into unit (id, code, name, kind, path) overriding system value values (1, '01', '总行', 'headOffice', '/1/')`,
    )
  return {
    database,
    home,
    workplace,
    close: async () => {
      await workplace.close()
      await database.drop()
      home.remove()
    },
  }
}

/** Inserts rows into a table of the record; ids given are taken as they are. */
export async function insertRows(
  bank: TestBank,
  table: string,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  for (const row of rows) {
    const names = Object.keys(row)
    await bank.database.db.owner.query(
      `insert into ${table} (${names.join(', ')}) overriding system value values (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
      Object.values(row),
    )
  }
  await bank.database.db.owner.query(`update setting set value = (value::bigint + 1)::text where name = 'deskVersion'`)
}

export interface BalanceFact {
  position: number
  account: number
  day: string
  /** null = a gap. */
  value: bigint | null
}

let loads = 0

/** One load of balance facts: a Parquet file per month with its row in lake_file. */
export async function loadBalances(bank: TestBank, facts: readonly BalanceFact[]): Promise<void> {
  const months = Map.groupBy(facts, (fact) => fact.day.slice(0, 7))
  for (const month of [...months.keys()].sort()) {
    const rows = (months.get(month) ?? []).map((fact) =>
      [fact.account % 16, fact.position, fact.account, fact.day, fact.value ?? '', fact.value === null].join(','),
    )
    await writeFacts(bank, 'balance', rows, {
      columns: `{'bucket': 'UTINYINT', 'position_id': 'BIGINT', 'account_id': 'BIGINT', 'day': 'DATE', 'value': 'BIGINT', 'gap': 'BOOLEAN'}`,
      order: 'bucket, position_id, day',
    })
  }
}

export async function loadRates(bank: TestBank, rates: readonly { currency: string; day: string; rate: bigint }[]) {
  await writeFacts(
    bank,
    'rate',
    rates.map((rate) => [rate.currency, rate.day, rate.rate].join(',')),
    { columns: `{'currency': 'VARCHAR', 'day': 'DATE', 'rate': 'BIGINT'}`, order: 'currency, day' },
  )
}

export async function loadTransactions(
  bank: TestBank,
  rows: readonly { account: number; day: string; amount: bigint; currency: string; kind: string }[],
) {
  await writeFacts(
    bank,
    'transaction',
    rows.map((row) => [row.account, row.day, row.amount, row.currency, row.kind].join(',')),
    {
      columns: `{'account_id': 'BIGINT', 'day': 'DATE', 'amount': 'BIGINT', 'currency': 'VARCHAR', 'kind': 'VARCHAR'}`,
      order: 'account_id, day',
    },
  )
}

async function writeFacts(
  bank: TestBank,
  noun: string,
  rows: readonly string[],
  shape: { columns: string; order: string },
): Promise<void> {
  if (rows.length === 0) return
  const { workplace } = bank
  const name = `${noun}-${process.pid}-${++loads}`
  const csv = join(workplace.tempDir, `${name}.csv`)
  writeFileSync(csv, `${rows.join('\n')}\n`)
  const path = `facts/${name}.parquet`
  const file = join(workplace.lakeDir, path)
  mkdirSync(join(workplace.lakeDir, 'facts'), { recursive: true })
  await workplace.engine.exec(`copy (select * from read_csv(${literal(csv)}, header = false, columns = ${shape.columns},
    auto_detect = false) order by ${shape.order}) to ${literal(file)} (format parquet, compression zstd)`)
  const [covered] = await workplace.engine.rows<{ first: string; last: string }>(
    `select min(day)::varchar as first, max(day)::varchar as last from read_parquet(${literal(file)})`,
  )
  await bank.database.db.owner.query(
    `insert into lake_file (kind, noun, path, sha256, rows, bytes, first_day, last_day)
     values ('fact', $1, $2, $3, $4, $5, $6, $7)`,
    [
      noun,
      path,
      createHash('sha256').update(readFileSync(file)).digest('hex'),
      rows.length,
      statSync(file).size,
      covered?.first,
      covered?.last,
    ],
  )
}
