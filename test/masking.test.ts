/**
 * That personal values come out nowhere: a bank is loaded from files with known values, a night is run, and every route is
 * asked as every role, with the values themselves as search words; replies, exports, log lines, events, error texts, the
 * command line, and what lies at rest are searched for them in every form.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import readExcel from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { identityCheck, luhnCheck } from '../demo/checkdigits.ts'
import { hashPassword } from '../src/access/password.ts'
import { shippedRoleCodes, shipRoles } from '../src/access/roles.ts'
import { sessionCookie } from '../src/access/session.ts'
import { openSession } from '../src/access/session-span.ts'
import { buildServer } from '../src/api/server.ts'
import { explain } from '../src/command/explain.ts'
import { quality } from '../src/command/quality.ts'
import { tiers } from '../src/command/tiers.ts'
import { contract, type EndpointName } from '../src/contract/index.ts'
import { day } from '../src/kit/day.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { runNight } from '../src/nightly/night.ts'
import { type Canary, leaksIn } from './support/canary.ts'
import { feedFiles, type LoadingBank, loadingBank } from './support/loading-bank.ts'
import { mustBeListed } from './support/refusal-guard.ts'

const luhn = (body: string) => `${body}${luhnCheck(body)}`
const identity = (body: string) => `${body}${identityCheck(body)}`

/** What stands in the files of the loading bank, which are examples of the documentation, and what is put in its place. */
const replaced: [kind: string, example: string, value: string][] = [
  ['name', '欧阳志远', '欧阳清越'],
  ['identityNo', '11010519491231002X', identity('11010519491231737')],
  ['phone', '13800138000', '13987651234'],
  ['email', 'lin@example.com', 'canary.qingyue@mail.example'],
  ['address', '江州市临江区望江路 8 号', '江州市临江区听雨巷 27 弄 3 号'],
  ['account', '6222020200000000001', '6222020288776655001'],
  ['card', '6228480402564890018', luhn('622848887766550044')],
]
const canaries: Canary[] = [
  ...replaced.map(([kind, , value]) => ({ kind, value })),
  // Of rows that are kept out, below
  { kind: 'name in quarantine', value: '司马青衫客' },
  { kind: 'identityNo in quarantine', value: '110105194912319999' },
  { kind: 'phone in quarantine', value: '137000012345' },
  { kind: 'email in quarantine', value: 'qingshan@@example' },
]
const numbers = canaries.filter(({ kind }) => !kind.startsWith('name') && !kind.startsWith('address'))

let bank: LoadingBank
let app: FastifyInstance
const cookies = new Map<string, string>()
const said: { where: string; text: string }[] = []
const logFile = () => join(bank.home, 'requests.log')

beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
  const { workplace } = bank
  for (const [name, text] of Object.entries(feedFiles)) {
    bank.put(
      name,
      replaced.reduce((done, [, example, value]) => done.replaceAll(example, value), text),
    )
  }
  await loadFolder(workplace, bank.inbox)
  const bad = `customer_no,kind,name,unit_code,identity_kind,identity_no,birth_on,phone,email,address,opened_on
1009,person,司马青衫客,010101,residentId,110105194912319999,1949-13-41,137000012345,qingshan@@example,江州市临江区听雨巷 27 弄 3 号,2012-03-05
`
  await loadFile(workplace, { path: bank.put('customers-bad.csv', bad), badRowLimit: 1 })
  await runNight(workplace, { day: day('2026-01-31') })
  await shipRoles(workplace.db.owner)
  // What a server logs at its most talkative
  app = await buildServer({ ...workplace, config: { ...workplace.config, logLevel: 'trace' } }, { logFile: logFile() })
  for (const role of shippedRoleCodes) cookies.set(role, await signedIn(role))
  for (const [role, cookie] of cookies) await askEverything(role, cookie)
  await app.close()
}, 240_000)
afterAll(() => bank.close())

async function signedIn(role: string): Promise<string> {
  const { db, clock } = bank.workplace
  const [made] = await bank.query<{ id: number }>(
    `with made as (insert into login (name, display_name, password_hash, staff_id)
       values ($1, $1, $2, (select id from staff where code = 'S2')) returning id)
     insert into post (login_id, role, unit_id)
       select made.id, $3, (select id from unit where parent_id is null) from made returning login_id as id`,
    [role.toLowerCase(), await hashPassword('correct horse battery'), role],
  )
  const { token } = await openSession(db, clock, {
    loginId: made?.id ?? 0,
    address: '10.0.0.9',
    agent: 'test',
    limits: bank.workplace.config.signIn,
    origin: 'password',
    enteredMillis: clock.millis(),
  })
  return `${sessionCookie}=${token}`
}

/** Every endpoint, with what it needs to find something, and with the values themselves as search words. */
async function askEverything(role: string, cookie: string): Promise<void> {
  const hear = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) => {
    const reply = await app.inject({ method, url, headers: { cookie }, ...(payload && { payload }) })
    mustBeListed({ method, url, status: reply.statusCode, headers: reply.headers, text: reply.body })
    const headers = JSON.stringify(reply.headers)
    // A session's own cookie is random, and nobody's value
    said.push({
      where: `${role} ${method} ${url}`,
      text: `${headers.replace(/strata_session=[^;"]+/g, '')}\n${reply.body}`,
    })
    return reply
  }
  for (const name of Object.keys(contract) as EndpointName[]) {
    const { method, path, answers } = contract[name]
    // One field in clear, with a reason and on record: that is what it is for
    if (answers === 'events' || name === 'signOut' || name === 'revealField') continue
    const urls = ['1001', '2001'].map((no) => path.replace(':no', no).replace(':feed', 'units').replace(/:\w+/, '1'))
    for (const url of new Set(urls)) await hear(method, url, method === 'POST' ? {} : undefined)
  }
  for (const id of await loadIds()) await hear('GET', `/api/loads/${id}/quarantine`)
  for (const id of await loadIds()) await hear('GET', `/api/loads/${id}/quarantine.csv`)
  for (const sort of ['name', 'averageFen', 'customerNo']) await hear('GET', `/api/customers?sort=${sort}&limit=1`)
  for (const { value } of canaries) {
    const word = encodeURIComponent(value)
    // The address that was asked for is the asker's own: only the answer counts
    await hear('GET', `/api/customers?q=${word}`)
    await hear('GET', `/api/customers/count?q=${word}`)
    await hear('GET', `/api/customers/export?format=csv&language=zh&q=${word}`)
  }
  const { rawPayload } = await app.inject({ url: '/api/customers/export?format=xlsx&language=zh', headers: { cookie } })
  if (rawPayload.subarray(0, 2).toString() === 'PK') {
    said.push({ where: `${role} workbook`, text: JSON.stringify(await readExcel(rawPayload)) })
  }
}

let ids: number[] | undefined
async function loadIds(): Promise<number[]> {
  ids ??= (await bank.query<{ id: number }>('select id from load order by id')).map((row) => row.id)
  return ids
}

const leaks = (texts: readonly { where: string; text: string }[], wanted = canaries) =>
  texts.flatMap(({ where, text }) => leaksIn(text, wanted).map((kind) => `${kind}: ${where}`))

test('the round found what it was to find: customers, accounts, quarantined rows, exports', () => {
  const heard = said.map(({ text }) => text).join('\n')
  for (const masked of ['欧**越', '139****1234', '****5001', '司***客']) expect(heard).toContain(masked)
  expect(said.length).toBeGreaterThan(600)
})

describe('nothing personal', () => {
  test('in any reply or export, to anybody', () => {
    expect(leaks(said)).toEqual([])
  })

  test('in any log line', () => {
    const lines = readFileSync(logFile(), 'utf8').trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(1000)
    expect(leaks([{ where: 'log', text: lines.join('\n') }])).toEqual([])
  })

  test('in events and in what waits to be done', async () => {
    const rows = await bank.query<{ text: string }>(`select payload::text as text from event
      union all select payload::text from graphile_worker._private_jobs`)
    expect(rows.length).toBeGreaterThan(10)
    expect(leaks(rows.map(({ text }) => ({ where: 'event', text })))).toEqual([])
  })

  test('on the command line and in its files', async () => {
    const { workplace } = bank
    let text = ''
    const write = (part: unknown) => {
      text += String(part)
      return true
    }
    const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write))
    try {
      await explain(workplace, '1001', { json: true })
      await explain(workplace, '1001', {})
      await quality(workplace, { json: true })
      for (const format of ['csv', 'json'] as const) {
        const out = join(bank.home, `tiers.${format}`)
        await tiers(workplace, { out, format })
        text += readFileSync(out, 'utf8')
      }
    } finally {
      for (const spy of spies) spy.mockRestore()
    }
    expect(text).toContain('欧**越')
    expect(leaks([{ where: 'command', text }])).toEqual([])
  })

  test('at rest, but for names, in the record and in the home', async () => {
    const tables = await bank.query<{ name: string }>(
      `select quote_ident(relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
    )
    const texts = []
    for (const { name } of tables) {
      const rows = await bank.query<{ row: string }>(`select t::text as row from ${name} t`)
      texts.push({ where: name, text: rows.map(({ row }) => row).join('\n') })
    }
    expect(leaks(texts, numbers)).toEqual([])
    const files = readdirSync(bank.home, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('inbox') && statSync(join(bank.home, name)).isFile())
      .map((name) => ({ where: name, text: readFileSync(join(bank.home, name), 'latin1') }))
    expect(files.length).toBeGreaterThan(10)
    expect(
      files.filter(({ text }) => numbers.some(({ value }) => text.includes(value))).map(({ where }) => where),
    ).toEqual([])
  })
})

describe('a leak that is planted is found', () => {
  test.each([
    ['a reply', '１３９８７６５１２３４', 'phone'],
    ['a reply', '1398 7651 234', 'phone'],
  ])('in %s: %s', async (_where, planted, kind) => {
    await bank.query(`update unit set name = $1 where parent_id is null`, [planted])
    const site = await buildServer(bank.workplace)
    const reply = await site.inject({ url: '/api/session', headers: { cookie: cookies.get('auditor') ?? '' } })
    await site.close()
    expect(reply.statusCode).toBe(200)
    expect(leaksIn(reply.body, canaries)).toEqual([kind])
  })

  test('in an event', async () => {
    const payload = JSON.stringify({ file: encodeURIComponent('canary.qingyue@mail.example') })
    await bank.query(`insert into event (topic, payload) values ('load', $1)`, [payload])
    const [row] = await bank.query<{ text: string }>('select payload::text as text from event order by id desc limit 1')
    expect(leaksIn(row?.text ?? '', canaries)).toEqual(['email'])
  })
})
