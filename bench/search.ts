/**
 * `npm run bench -- search [--customers 1000000] [--times 200]`: search everywhere on a served instance, one kind after the
 * other, one by one, in the whole bank and in a branch: times, and what the record read for one question through indexes
 * and by scans, which tells whether a kind costs more where there are more customers. The bank of the night's benchmark
 * calls everybody 客户 and a number, so this one has names of people and companies, cards and phones. Loopback only.
 */
import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { familySurname, fullName } from '../demo/names.ts'
import { purpose, Random } from '../demo/random.ts'
import { setLogin } from '../src/access/set-login.ts'
import { runNight } from '../src/nightly/night.ts'
import { fillReadings } from '../src/nightly/readings.ts'
import { openBench } from './bank.ts'
import { httpClient } from './http-client.ts'
import { startServe } from './served.ts'
import { option, printMachine, quantile } from './support.ts'

// Before anything is awaited: a module's constants are made in the order they stand in
const words = [...'恒信达瑞丰泰华盛远航锦程联创德润宏兴嘉禾佳和正元鼎新通海明阳卓越金玉同安']
const times = option('times', 200)
const bank = await openBench(option('customers', 1_000_000), 'search')
const { workplace } = bank
const { owner } = workplace.db
printMachine()
const published = await owner.query('select 1 from published_night')
if (published.rowCount === 0) {
  await nameEverybody()
  const begun = performance.now()
  const filled = await fillReadings(workplace)
  console.log(`readings of ${filled} customers filled in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  await owner.query('vacuum analyze party, party_reading, customer, account, card')
  await runNight(workplace, { day: bank.day })
}
const units = await owner.query(`select (select code from unit where parent_id is null order by id limit 1) as top,
  (select code from unit where kind = 'branch' order by id limit 1) as branch`)
const login = (name: string, unit: string) =>
  setLogin(workplace.db, workplace.clock, { name, role: 'branchManager', unit })
const served = await startServe(workplace.config)
const clients = {
  bank: await httpClient(served.address, await login('bench.bank', units.rows[0].top)),
  branch: await httpClient(served.address, await login('bench.part', units.rows[0].branch)),
}

const readings = await owner.query('select count(*)::int as n from party_reading')
console.log(`${bank.customers} customers, ${readings.rows[0].n} further readings; load ${loadavg()[0]?.toFixed(1)}`)
const asked = await questions()
// What the questions themselves read is counted before the first
await rowsRead(async () => undefined)
for (const [kind, typed] of asked) {
  if (typed.length === 0) throw new Error(`nothing to ask for ${kind}`)
  const path = (i: number) => `/api/search?limit=8&q=${encodeURIComponent(typed[i % typed.length] ?? '')}`
  const said: string[] = []
  for (const [where, client] of Object.entries(clients)) {
    for (let i = 0; i < 20; i++) await client.get(path(i))
    const seconds: number[] = []
    for (let i = 0; i < times; i++) {
      const begun = performance.now()
      await client.get(path(i))
      seconds.push((performance.now() - begun) / 1000)
    }
    const ms = (q: number) => (quantile(seconds, q) * 1000).toFixed(1)
    said.push(`${where} p50 ${ms(0.5)} p95 ${ms(0.95)} p99 ${ms(0.99)} ms`)
  }
  console.log(`${kind.padEnd(34)} ${said.join('; ')}; ${await rowsRead(() => clients.bank.get(path(0)))}`)
}
await served.close()
await bank.close()

/** What PostgreSQL counts for one question: entries read in indexes, rows by scans of whole tables. */
async function rowsRead(question: () => Promise<unknown>): Promise<string> {
  const counted = async () => {
    // A backend hands its counts on at most once a second, when it is asked something later
    await sleep(1200)
    await clients.bank.get('/api/search?q=')
    await sleep(200)
    const { rows } = await owner.query<{ entries: bigint; scanned: bigint }>(
      `select (select coalesce(sum(idx_tup_read), 0)::bigint from pg_stat_user_indexes where relname = any($1)) as entries,
         (select coalesce(sum(seq_tup_read), 0)::bigint from pg_stat_user_tables where relname = any($1)) as scanned`,
      [['party', 'party_reading', 'customer', 'account', 'account_owner', 'card', 'household', 'household_member']],
    )
    return rows[0]!
  }
  const before = await counted()
  for (let i = 0; i < 10; i++) await question()
  const after = await counted()
  const each = (of: 'entries' | 'scanned') => Number(after[of] - before[of]) / 10
  return `${each('entries').toFixed(0)} entries read, ${each('scanned').toFixed(0)} rows scanned`
}

/** Names of people, one company in twenty, one Latin name in fifty; a phone and a card each. */
async function nameEverybody(): Promise<void> {
  const random = new Random(7, purpose.bench)
  const latin = [
    'Johnson',
    'Williams',
    'Anderson',
    'Thompson',
    'Martinez',
    'Robinson',
    'Peterson',
    'Schneider',
    'Fischer',
  ]
  const first = ['Mary', 'Peter', 'Susan', 'Thomas', 'Laura', 'Stephen']
  const named = (id: number): [kind: string, name: string] => {
    if (id % 20 === 5) return ['company', companyName(random)]
    if (id % 50 === 7) return ['person', `${random.pick(first)} ${random.pick(latin)}`]
    const sex = random.chance(0.5) ? 'male' : 'female'
    return ['person', fullName(random, sex, 1950 + random.int(50), familySurname(random)).name]
  }
  const { rows } = await owner.query<{ id: bigint }>('select id from party order by id')
  for (let from = 0; from < rows.length; from += 10_000) {
    const ids = rows.slice(from, from + 10_000).map(({ id }) => Number(id))
    const names = ids.map(named)
    await owner.query(
      `update party p set kind = s.kind, name = s.name, spelled = false, phone_last4 = right(s.phone, 4),
         phone_token = s.token, identity_token = s.identity
       from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[]) as s (id, kind, name, phone, token, identity)
       where p.id = s.id`,
      [
        ids,
        names.map(([kind]) => kind),
        names.map(([, name]) => name),
        ids.map(phoneOf),
        ids.map((id) => workplace.keys.blindIndex('phone', phoneOf(id))),
        ids.map((id) => workplace.keys.blindIndex('identityNo', identityOf(id))),
      ],
    )
    await owner.query(
      `insert into card (no_token, no_sealed, no_last4, party_id, face)
       select token, '', '0000', id, 'gold' from unnest($1::bigint[], $2::bytea[]) as s (id, token)`,
      [ids, ids.map((id) => workplace.keys.blindIndex('card', cardOf(id)))],
    )
  }
}

function companyName(random: Random): string {
  const own = random.pick(words) + random.pick(words) + (random.chance(0.3) ? random.pick(words) : '')
  const line = random.pick(['机械制造', '商贸', '建筑工程', '信息科技', '物流', '餐饮管理', '农业发展', '置业'])
  return `${random.pick(['江州', '北京', '海州市', '重庆'])}${own}${line}${random.pick(['有限公司', '有限责任公司'])}`
}

function phoneOf(id: number): string {
  return `139${String((id * 7919) % 100_000_000).padStart(8, '0')}`
}

function identityOf(id: number): string {
  return `3601021950${String(id).padStart(8, '0')}`
}

function cardOf(id: number): string {
  return `62284800${String(id).padStart(11, '0')}`
}

/** What is typed, by kind. */
async function questions(): Promise<[kind: string, typed: string[]][]> {
  const some = async (text: string) => {
    const { rows } = await owner.query<{ typed: string }>(`${text} limit 50`)
    return rows.map(({ typed }) => typed)
  }
  const persons = "from party where kind = 'person' and id % 997 = 3"
  const companies = "from party where kind = 'company' and id % 97 = 3"
  const ids = (await some(`select id::text as typed ${persons} order by id`)).map(Number)
  const accounts = await owner.query<{ id: bigint }>('select id from account order by id limit 50')
  const accountOf = (id: bigint) => `62220299${String(id).padStart(11, '0')}`
  for (const { id } of accounts.rows) {
    const token = workplace.keys.blindIndex('account', accountOf(id))
    await owner.query('update account set no_token = $2 where id = $1', [String(id), token])
  }
  const latin = (await some(`select split_part(name, ' ', 2) as typed from party where id % 50 = 7`)).map(
    (name, i) => `${name.slice(0, 2 + (i % 4))}${name.slice(3 + (i % 4))}`,
  )
  const reading = (kind: string) =>
    `select reading as typed from party_reading where kind = '${kind}' and party_id % 97 = 3 order by reading desc`
  return [
    ['customer number', await some(`select customer_no as typed ${persons}`)],
    ['whole name', await some(`select name as typed ${persons}`)],
    ['two characters inside a name', await some(`select right(name, 2) as typed ${persons} and length(name) > 2`)],
    ['four characters of a company', await some(`select substr(name, 3, 4) as typed ${companies}`)],
    ['short name', await some(reading('short'))],
    ['pinyin', await some(`select name_pinyin as typed ${persons}`)],
    ['pinyin, another reading', await some(reading('pinyin'))],
    ['initials of a company', await some(`select name_initials as typed ${companies}`)],
    ['initials, three letters', await some(`select name_initials as typed ${persons} and length(name_initials) = 3`)],
    ['phone', ids.map(phoneOf)],
    ['phone end', ids.map((id) => phoneOf(id).slice(-4))],
    ['name and phone end', await some(`select left(name, 1) || ' ' || phone_last4 as typed ${persons}`)],
    ['identity number', ids.map(identityOf)],
    ['account number', accounts.rows.map(({ id }) => accountOf(id))],
    ['card number', ids.map(cardOf)],
    ['Latin name with an error', latin],
    ['household number', await some('select household_no as typed from household order by id desc')],
    ['a surname alone', ['王', '李', '张']],
    ['two characters of every company', ['有限', '公司']],
    ['one letter', ['w', 'z', 'l']],
  ]
}
