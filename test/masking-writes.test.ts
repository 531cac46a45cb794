/**
 * That what staff write in their own words tells nobody's numbers either: every write is done with values in its reasons
 * and notes, then everything that can be read is read as every role, streams are listened to, and replies, log lines,
 * events and the record are searched in every form. The values of the bank's customers are searched for likewise.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ShippedRoleCode, shippedRoleCodes } from '../src/access/roles.ts'
import { contract, type EndpointName } from '../src/contract/index.ts'
import { type Answer, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { type Canary, leaksIn } from './support/canary.ts'
import { withoutTimes } from './support/leak-guard.ts'
import { providerSettings, type TestProvider, testProvider } from './support/oidc.ts'
import type { Write } from './support/rights-writes.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'
import { allWrites } from './support/writes.ts'

/** Of nobody in the bank: somebody else's, typed into a reason. */
const typed: Canary[] = [
  { kind: 'phone typed', value: '13987651234' },
  { kind: 'identityNo typed', value: '11010519491231737X' },
  { kind: 'card typed', value: '6228488877665500440' },
  { kind: 'email typed', value: 'canary.qingyue@mail.example' },
]
const fullWidth = (text: string) => text.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))
const spaced = (text: string) => text.replace(/(.{4})(?=.)/g, '$1 ')
const [phone = '', identity = '', card = '', email = ''] = typed.map(({ value }) => value)
const ways = [
  `${phone} ${identity}，${card}；${email}`,
  `${fullWidth(phone)}，${fullWidth(identity)}`,
  `${spaced(card)}，${spaced(phone)}`,
]
let told = 0
/** Reason and value, in turn in each way in which people type it. */
const said = (text: string) => `${text} ${ways[told++ % ways.length]}`

let site: TestSite
let bank: SmallBank
let provider: TestProvider
let canaries: Canary[]
const writes = allWrites(() => ({ site, bank, provider, said }))
const done: { name: string; answer: Answer }[] = []
const heard: { where: string; text: string }[] = []
let streamed = ''
const streams = new AbortController()

beforeAll(async () => {
  provider = await testProvider()
  provider.register('http://127.0.0.1')
  site = await testSite({ ...providerSettings(provider), STRATA_LOG_LEVEL: 'trace' })
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  canaries = [...typed, ...valuesOf(bank)]
  await listenAs(['complianceOfficer', 'administrator', 'branchManager', 'dataSteward'])
  for (const [name, { does }] of Object.entries(writes) as [EndpointName, Write][]) {
    done.push({ name, answer: await does() })
  }
  // Read while it holds: unlocking takes the reason away
  await writes.lockUser?.does()
  await failToSignInAs(phone)
  for (const role of shippedRoleCodes) await readEverything(role)
}, 240_000)
afterAll(async () => {
  streams.abort()
  await site.close()
  await provider.close()
})

/** Of the first and the last, as those of the rest are alike and are looked for by every reply of the suite. */
function valuesOf({ customers }: SmallBank): Canary[] {
  return [customers[0], customers.at(-1)].flatMap((one) =>
    (['phone', 'identityNo', 'email', 'address', 'accountNo'] as const).map((kind) => ({
      kind,
      value: one?.[kind] ?? '',
    })),
  )
}

async function listenAs(roles: readonly ShippedRoleCode[]): Promise<void> {
  const address = await site.app.listen({ port: 0, host: '127.0.0.1' })
  for (const role of roles) {
    const { cookie } = await site.person(role, bank.units[0]?.id ?? 0)
    const reply = await fetch(`${address}/api/events`, { headers: { cookie }, signal: streams.signal })
    expect(reply.status).toBe(200)
    const read = async () => {
      const decoder = new TextDecoder()
      for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>)
        streamed += decoder.decode(chunk, { stream: true })
    }
    read().catch(() => undefined)
  }
}

/** Until an alert is raised: it speaks of a name that somebody typed. */
async function failToSignInAs(name: string): Promise<void> {
  for (let i = 0; i < 30; i++) {
    const payload = { name, password: `wrong ${i}` }
    await site.ask({ method: 'POST', url: '/api/session', payload, remoteAddress: `10.9.${i}.1` })
  }
}

async function readEverything(role: ShippedRoleCode): Promise<void> {
  const { cookie } = await site.person(role, bank.units[2]?.id ?? 0)
  const top = await site.person(role, bank.units[0]?.id ?? 0)
  const hear = async (url: string, asks: string) => {
    const { status, headers, text } = await site.ask({ method: 'GET', url, headers: { cookie: asks } })
    heard.push({ where: `${role} ${status} ${url}`, text: `${JSON.stringify(headers)}\n${text}` })
  }
  const urls = (await readable()).flatMap(([path, ids]) => ids.map((id) => path.replace(/:\w+/, id)))
  for (const url of new Set(urls)) for (const asks of [cookie, top.cookie]) await hear(url, asks)
}

let found: [path: string, ids: string[]][] | undefined
/** Every path that is read, with what there is to be put in its place. */
async function readable(): Promise<[path: string, ids: string[]][]> {
  const ids = async (table: string) =>
    (await site.database.db.owner.query<{ id: string }>(`select id::text from ${table} order by id limit 60`)).rows.map(
      ({ id }) => id,
    )
  const entries = await site.database.db.owner.query<{ id: string }>(
    'select max(id)::text as id from audit_entry group by action',
  )
  const known: Record<string, string[]> = {
    '/api/approvals/:id': await ids('approval'),
    '/api/users/:id': await ids('login'),
    '/api/audit/entries/:id': entries.rows.map(({ id }) => id),
    '/api/access/people/:login': [(await site.person('teller', bank.units[1]?.id ?? 0)).name],
    '/api/nights/:id': await ids('night'),
  }
  found ??= Object.values(contract)
    .filter(({ method, answers }) => method === 'GET' && answers !== 'events' && answers !== 'redirect')
    .map(({ path }) => [path, known[path] ?? (path.includes('/customers/') ? ['200000001', '200000003'] : ['1'])])
  return found
}

/** A customer's own data for the customer, and a field that two people let out. */
const inClear = ['discloseCustomer', 'fetchBulkReveal']

const leaks = (texts: readonly { where: string; text: string }[]) =>
  texts.flatMap(({ where, text }) => leaksIn(text, canaries).map((kind) => `${kind}: ${where}`))

test('every write was done, with values in the reasons of many', () => {
  expect(done.filter(({ answer }) => answer.status >= 300).map(({ name, answer }) => [name, answer.text])).toEqual([])
  expect(done.length).toBeGreaterThan(50)
  expect(told).toBeGreaterThan(15)
})

test('what was written is read by those whom it is for, without its numbers', () => {
  const read = heard.map(({ text }) => text).join('\n')
  for (const reason of ['年度调整', '休假', '客户来访', '离岗', '已核实', '理由不足', '年度复审', '测试行', '误改'])
    expect(read).toContain(`${reason} `)
  expect(read).toContain('****1234')
  expect(heard.length).toBeGreaterThan(1000)
})

describe('nothing personal', () => {
  test('in any reply', () => expect(leaks(heard)).toEqual([]))

  test('in the reply to any write but that which reveals a field, there once, and what is given out in clear', () => {
    const replies = done
      .filter(({ name }) => !inClear.includes(name))
      .map(({ name, answer }) => ({ where: name, text: answer.text }))
    expect(leaks(replies)).toEqual(['phone: revealField'])
  })

  test('in what streams', async () => {
    await expect.poll(() => streamed).toContain('"topic"')
    expect(leaks([{ where: 'events', text: streamed }])).toEqual([])
  })

  test('in any log line', () => {
    const lines = readFileSync(join(site.workplace.config.home, 'requests.log'), 'utf8')
    expect(lines.split('\n').length).toBeGreaterThan(1000)
    expect(leaks([{ where: 'log', text: withoutTimes(lines) }])).toEqual([])
  })

  test('in any table, of what was typed', async () => {
    const { owner } = site.database.db
    const tables = await owner.query<{ name: string }>(
      `select quote_ident(relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
    )
    const texts = []
    for (const { name } of tables.rows) {
      const { rows } = await owner.query<{ row: string }>(`select t::text as row from ${name} t`)
      texts.push({ where: name, text: rows.map(({ row }) => row).join('\n') })
    }
    expect(leaks(texts)).toEqual([])
  })

  test('in opened audit entries', async () => {
    const { rows } = await site.database.db.owner.query<{ action: string }>('select distinct action from audit_entry')
    for (const { action } of rows) {
      const entries = await auditEntries(site.workplace.db, site.workplace.keys, action)
      const text = JSON.stringify(entries, (_, value) => (typeof value === 'bigint' ? String(value) : value))
      expect(leaks([{ where: action, text }])).toEqual([])
    }
  })
})

test('the guard of the whole suite fails a reply that tells a value, with endpoint and form', async () => {
  const { owner } = site.database.db
  const auditor = await site.person('auditor', bank.units[0]?.id ?? 0)
  const planted: [string, RegExp][] = [
    [fullWidth('13900000001'), /readSession .*phone \(as it is, spaced or full-width\)/],
    [encodeURIComponent(fullWidth('13900000001')), /phone \(URL-escaped, spaced or full-width\)/],
    [Buffer.from('{"p":"13900000001"}').toString('base64'), /phone \(base64\)/],
    ['1101 0119 4912 3000 1X', /identityNo/],
    ['somebody0001@example.com', /email/],
    ['622202020010001678', /account/],
  ]
  const { rows } = await owner.query<{ name: string }>('select name from unit where parent_id is null')
  try {
    for (const [value, message] of planted) {
      await owner.query('update unit set name = $1 where parent_id is null', [value])
      await expect(auditor.get('/api/session')).rejects.toThrow(message)
    }
  } finally {
    await owner.query('update unit set name = $1 where parent_id is null', [rows[0]?.name])
  }
})
