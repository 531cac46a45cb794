/**
 * `npm run bench -- scope [--customers 1000000] [--plans 1]`: what scope and sealing cost on list, record and search. Two
 * served instances of the same code over the same night answer in turn: one as it ships, the other as the owner of the
 * tables, whom row-level security lets see everything, for a role whose identity and contact are hidden, so that nothing
 * sealed is opened. Ratios of the clock (one in flight) and of processor time, medians over the rounds.
 */
import { setLogin } from '../src/access/set-login.ts'
import { runNight } from '../src/nightly/night.ts'
import type { Workplace } from '../src/nightly/workplace.ts'
import { openBench } from './bank.ts'
import { type HttpClient, httpClient } from './http-client.ts'
import { printPlans } from './plans.ts'
import { type Served, startServe } from './served.ts'
import { cpuSeconds, option, printMachine, quantile } from './support.ts'

const times = option('times', 200)
const rounds = option('rounds', 7)
const bank = await openBench(option('customers', 1_000_000))
const { workplace } = bank
const { owner } = workplace.db
printMachine()
const published = await owner.query('select 1 from published_night')
if (published.rowCount === 0) await runNight(workplace, { day: bank.day })

interface Side {
  served: Served
  name: string
  /** Of the whole bank, of a branch and of an outlet. */
  clients: Record<Reach, HttpClient>
}
type Reach = 'bank' | 'branch' | 'outlet'

const { units, numbers, names } = await someOf(workplace)
await owner.query(`insert into role (code, name_zh, name_en, customers, permissions, fields)
  select 'benchUnopened', 'bench', 'bench', customers, permissions, '{"identity": "hidden", "contact": "hidden"}'
  from role where code = 'branchManager'
  on conflict (code) do update set permissions = excluded.permissions, fields = excluded.fields`)
const { databaseOwnerUrl } = workplace.config
const sides = {
  with: await side('with', workplace.config.databaseUrl, 'branchManager'),
  without: await side('without', databaseOwnerUrl, 'benchUnopened'),
}

const list = (query: string) => () => `/api/customers?limit=50&${query}`
const search = (found: readonly string[]) => (i: number) =>
  `/api/customers?limit=20&q=${encodeURIComponent(found[i % found.length] ?? '')}`
const questions: { title: string; path: (i: number, reach: Reach) => string }[] = [
  { title: 'record', path: (i, reach) => `/api/customers/${numbers[reach][i % numbers[reach].length]}` },
  { title: 'list, highest average first', path: list('sort=average&dir=desc') },
  { title: 'list, by name', path: list('sort=name&dir=asc') },
  { title: 'list, one tier by name', path: list('tier=4&sort=name&dir=asc') },
  { title: 'search, part of a name', path: search(names.map((name) => name.slice(-4))) },
  { title: 'search, customer number', path: search(numbers.bank) },
]
for (const reach of ['bank', 'branch', 'outlet'] as const) {
  for (const { title, path } of questions) await compare(`${title} (${reach})`, reach, (i) => path(i, reach))
}
if (option('plans', 0) === 1) await printPlans(workplace, { number: numbers.branch[0] ?? '', name: names.at(-1) ?? '' })
for (const { served } of Object.values(sides)) await served.close()
await owner.query(`delete from login where name like 'bench.with%'`)
await owner.query(`delete from role where code = 'benchUnopened'`)
await bank.close()

async function side(name: string, databaseUrl: string, role: string): Promise<Side> {
  const served = await startServe({ ...workplace.config, databaseUrl }, `bench ${name}`)
  const client = async (reach: Reach) =>
    httpClient(
      served.address,
      await setLogin(workplace.db, workplace.clock, { name: `bench.${name}.${reach}`, role, unit: units[reach] }),
    )
  const clients = { bank: await client('bank'), branch: await client('branch'), outlet: await client('outlet') }
  return { served, name: `bench ${name}`, clients }
}

/** In turn, round by round; the first round warms up. */
async function compare(title: string, reach: Reach, path: (i: number) => string): Promise<void> {
  const found = { with: [] as Measured[], without: [] as Measured[] }
  for (let round = 0; round <= rounds; round++) {
    for (const which of ['with', 'without'] as const) {
      const measured = await ask(sides[which], reach, path)
      if (round > 0) found[which].push(measured)
    }
  }
  const median = (which: 'with' | 'without', of: keyof Measured) =>
    quantile(
      found[which].map((one) => one[of]),
      0.5,
    )
  const ratio = (of: keyof Measured) =>
    quantile(
      found.with.map((one, i) => one[of] / (found.without[i]?.[of] ?? Number.NaN)),
      0.5,
    ).toFixed(2)
  const pair = (of: keyof Measured) => `${median('with', of).toFixed(2)} / ${median('without', of).toFixed(2)}`
  console.log(
    `${title.padEnd(42)} p50 ${pair('p50')} ms, ratio ${ratio('p50')}; processor of the server ${pair('server')}, of PostgreSQL ${pair('database')} ms, together ratio ${ratio('processor')}`,
  )
}

/** Milliseconds, of one request. */
interface Measured {
  p50: number
  server: number
  database: number
  processor: number
}

async function ask({ served, name, clients }: Side, reach: Reach, path: (i: number) => string): Promise<Measured> {
  const before = await processorSeconds(served.pid, name)
  const ms: number[] = []
  for (let i = 0; i < times; i++) {
    const begun = performance.now()
    await clients[reach].get(path(i))
    ms.push(performance.now() - begun)
  }
  const after = await processorSeconds(served.pid, name)
  const server = ((after.server - before.server) / times) * 1000
  const database = ((after.database - before.database) / times) * 1000
  return { p50: quantile(ms, 0.5), server, database, processor: server + database }
}

/** Of the server, and of the connections that it has to PostgreSQL. */
async function processorSeconds(pid: number, name: string): Promise<{ server: number; database: number }> {
  const { rows } = await owner.query('select pid from pg_stat_activity where application_name = $1', [name])
  const database = rows.reduce((total, row) => total + (cpuSeconds(row.pid as number) ?? 0), 0)
  return { server: cpuSeconds(pid) ?? 0, database }
}

interface Some {
  /** Codes. */
  units: Record<Reach, string>
  /** Customer numbers. */
  numbers: Record<Reach, string[]>
  names: string[]
}

async function someOf({ db }: Workplace): Promise<Some> {
  const { rows } =
    await db.owner.query(`select (select code from unit where parent_id is null order by id limit 1) as bank,
    (select code from unit where kind = 'branch' order by id limit 1) as branch,
    (select code from unit where kind = 'outlet' order by id limit 1) as outlet`)
  const units = rows[0] as Record<Reach, string>
  const within = async (code: string) => {
    const found = await db.owner.query(
      `select p.customer_no from unit top join unit u on u.path >= top.path and u.path < top.path || '~'
         join party p on p.unit_id = u.id where top.code = $1 order by md5(p.customer_no) limit 300`,
      [code],
    )
    return found.rows.map((row) => row.customer_no as string)
  }
  const named = await db.owner.query('select name from party where id % 9973 = 3 order by id limit 50')
  return {
    units,
    numbers: {
      bank: await within(units.bank),
      branch: await within(units.branch),
      outlet: await within(units.outlet),
    },
    names: named.rows.map((row) => row.name as string),
  }
}
