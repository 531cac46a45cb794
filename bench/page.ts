/**
 * `npm run bench -- page [--customers 1000000] [--only 'list, by']`: a served instance over the published night. Customer record, list in
 * several orders and filters, first and deep pages, and search, alone and 8 at once, each against the health check asked
 * in the same way in the same minute; the first row in a browser, cold and on reload, and the frames of a scroll through
 * 100,000 rows; memory at rest. Loopback only.
 */
import { cpus, loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { setLogin } from '../src/access/set-login.ts'
import { openCursor, sealCursor } from '../src/desk/cursor.ts'
import { runNight } from '../src/nightly/night.ts'
import { openBench } from './bank.ts'
import { inBrowser } from './browser.ts'
import { httpClient } from './http-client.ts'
import { startServe } from './served.ts'
import { cpuSeconds, mebibytes, option, printMachine, quantile, textOption, treePss } from './support.ts'

const times = option('times', 200)
const rest = 1000 * option('rest', 5)
const bank = await openBench(option('customers', 1_000_000))
const { workplace } = bank
printMachine()
const published = await workplace.db.owner.query('select 1 from published_night')
if (published.rowCount === 0) await runNight(workplace, { day: bank.day })
const units = await workplace.db.owner.query(
  `select (select code from unit where parent_id is null order by id limit 1) as top,
     (select code from unit where kind = 'branch' order by id limit 1) as branch,
     (select code from unit where kind = 'outlet' order by id limit 1) as outlet`,
)
const { top, branch, outlet } = units.rows[0] as { top: string; branch: string; outlet: string }
const logins = {
  everything: await setLogin(workplace.db, workplace.clock, { name: 'bench.all', role: 'analyst', unit: top }),
  branch: await setLogin(workplace.db, workplace.clock, { name: 'bench.branch', role: 'branchManager', unit: branch }),
}

const served = await startServe(workplace.config)
await sleep(rest)
console.log(`memory at rest, server without PostgreSQL: ${mebibytes(treePss(served.pid))}`)
const whole = await httpClient(served.address, logins.everything)
const part = await httpClient(served.address, logins.branch)

const numbers = await someNumbers()
const deep = await deepCursors()
const one = (i: number) => numbers[i % numbers.length] ?? ''
const list = (query: string) => () => `/api/customers?limit=50&${query}`
const questions: { title: string; path: (i: number) => string; client?: typeof whole; times?: number }[] = [
  { title: 'record', path: (i) => `/api/customers/${one(i)}` },
  { title: 'list, highest average first', path: list('sort=average&dir=desc') },
  { title: 'list, by name', path: list('sort=name&dir=asc') },
  { title: 'list, nearest to the next tier', path: list('sort=toNext&dir=asc') },
  { title: 'list, by tier', path: list('sort=tier&dir=desc') },
  { title: 'list, one tier', path: list('tier=3&sort=average&dir=desc') },
  { title: 'list, one tier by name', path: list('tier=4&sort=name&dir=asc') },
  { title: 'list, one outlet', path: list(`unit=${outlet}&sort=average&dir=desc`) },
  { title: 'list, one branch by name', path: list(`unit=${branch}&sort=name&dir=asc`) },
  { title: 'list, near the line', path: list('near=5&sort=toNext&dir=asc') },
  { title: 'list, above 1,000,000 yuan by name', path: list('minFen=100000000&sort=name&dir=asc') },
  { title: 'list, by household', path: list('path=household&sort=average&dir=desc') },
  { title: 'list, on notice (none)', path: list('notice=true&sort=average&dir=desc') },
  { title: 'list, companies (none)', path: list('kind=company&sort=average&dir=desc') },
  { title: 'list, low confidence (few)', path: list('confidenceBelow=50&sort=average&dir=desc') },
  ...[...deep].map(([sort, cursor]) => ({
    title: `list, page in the middle by ${sort}`,
    path: list(`sort=${sort}&dir=desc&cursor=${cursor}`),
  })),
  { title: 'list, in a branch alone', path: list('sort=average&dir=desc'), client: part },
  { title: 'list, in a branch alone by name', path: list('sort=name&dir=asc'), client: part },
  { title: 'count, one tier', path: () => '/api/customers/count?tier=3' },
  {
    title: 'search, part of a name',
    path: (i) => `/api/customers?limit=20&q=${encodeURIComponent(parts[i % parts.length] ?? '')}`,
  },
  {
    title: 'search, whole name',
    path: (i) => `/api/customers?limit=20&q=${encodeURIComponent(names[i % names.length] ?? '')}`,
  },
  { title: 'search, initials', path: (i) => `/api/customers?limit=20&q=${['zwf', 'lm', 'wxy', 'cj'][i % 4]}` },
  { title: 'search, customer number', path: (i) => `/api/customers?limit=20&q=${one(i)}` },
]
const names = await someNames()
// Names of this bank are 客户 and a number: four digits of it are in some hundred names
const parts = names.map((name) => name.slice(-4))

const only = textOption('only')
const wanted = questions.filter(({ title }) => only === undefined || title.includes(only))
console.log(`load average ${loadavg()[0]?.toFixed(1)}`)
for (const { title, path, client = whole, times: own } of wanted) await ask(title, client, path, own ?? times)
await sleep(rest)
console.log(`load average ${loadavg()[0]?.toFixed(1)}`)
console.log(`memory after the questions: ${mebibytes(treePss(served.pid))}`)

const browser = workplace.config.browser ?? '/usr/bin/chromium'
const rows = Math.min(bank.customers, option('rows', 100_000))
if (option('browser', 1) === 1) {
  await inBrowser({ browser, address: served.address, login: logins.everything, runs: 5, rows })
}
await served.close()
await bank.close()

/**
 * Counted and bounded: `count` questions one by one, then as many with 8 in flight, each beside the yardstick. Processor
 * time is told apart for the server and for PostgreSQL, because neighbours disturb it less than the clock.
 */
async function ask(title: string, client: typeof whole, path: (i: number) => string, count: number): Promise<void> {
  for (let i = 0; i < Math.min(10, count); i++) await client.get(path(i))
  const text: string[] = []
  let bytes = 0
  for (const inFlight of [1, 8]) {
    const yardstick = await timed(inFlight, count, () => client.get('/api/health'))
    const before = await processorSeconds()
    const seconds = await timed(inFlight, count, async (i) => {
      bytes = await client.get(path(i))
    })
    const after = await processorSeconds()
    const perRequest = (one: 'server' | 'database') => (((after[one] - before[one]) / count) * 1000).toFixed(1)
    const ms = (values: readonly number[], q: number) => (quantile(values, q) * 1000).toFixed(1)
    text.push(
      `${inFlight} in flight p50 ${ms(seconds, 0.5)} p95 ${ms(seconds, 0.95)} p99 ${ms(seconds, 0.99)} ms (health p50 ${ms(yardstick, 0.5)} p95 ${ms(yardstick, 0.95)}; processor ${perRequest('server')} + ${perRequest('database')} ms)`,
    )
  }
  console.log(`${title.padEnd(40)} ${text.join('; ')}; ${bytes} bytes`)
}

/** Of the server, and of the connections that it has to PostgreSQL. */
async function processorSeconds(): Promise<{ server: number; database: number }> {
  const { rows } = await workplace.db.owner.query(`select pid from pg_stat_activity where usename = 'strata_app'`)
  const sum = (pids: number[]) => pids.reduce((total, pid) => total + (cpuSeconds(pid) ?? 0), 0)
  return { server: sum([served.pid]), database: sum(rows.map((row) => row.pid as number)) }
}

async function timed(inFlight: number, count: number, question: (i: number) => Promise<unknown>): Promise<number[]> {
  const seconds: number[] = []
  let next = 0
  const walker = async () => {
    while (next < count) {
      const i = next++
      const begun = performance.now()
      await question(i)
      seconds.push((performance.now() - begun) / 1000)
    }
  }
  await Promise.all(Array.from({ length: Math.min(inFlight, Math.max(1, cpus().length * 4)) }, walker))
  return seconds
}

async function someNumbers(): Promise<string[]> {
  const found = await workplace.db.owner.query('select customer_no from party where id % 997 = 3 order by id limit 500')
  return found.rows.map((row) => row.customer_no as string)
}

async function someNames(): Promise<string[]> {
  const found = await workplace.db.owner.query('select name from party where id % 9973 = 3 order by id limit 50')
  return found.rows.map((row) => row.name as string)
}

/** The cursor of a page in the middle of the list, by order: what one would have after half the customers. */
async function deepCursors(): Promise<Map<string, string>> {
  const cursors = new Map<string, string>()
  for (const [sort, column] of [
    ['average', 'average_fen'],
    ['name', 'name'],
    ['customerNo', 'customer_no'],
  ] as const) {
    const first = (await whole.json(`/api/customers?limit=50&sort=${sort}&dir=desc`)) as { next: string }
    const [night, question] = openCursor(workplace.keys, first.next)
    const middle = await workplace.db.owner.query(
      `select party_id::text as party, ${column}::text as value from night_customer where night_id = $1
       order by ${column} desc, party_id desc offset $2 limit 1`,
      [night, Math.floor(bank.customers / 2)],
    )
    const { party, value } = middle.rows[0] as { party: string; value: string }
    cursors.set(sort, sealCursor(workplace.keys, [night as number, question as string, party, value]))
  }
  return cursors
}
