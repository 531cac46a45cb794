/** Auditors find entries, open them and take the file along; nobody else does. */
import { createPublicKey } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../src/access/audit.ts'
import { sealAudit } from '../src/access/audit-sealer.ts'
import { openAuditSigner } from '../src/access/audit-signer.ts'
import { verifyAudit } from '../src/access/audit-verify.ts'
import { partyKey } from '../src/access/seal.ts'
import { everything } from '../src/db/database.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { type SmallBank, type SmallCustomer, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let auditor: Person
let customer: SmallCustomer

beforeAll(async () => {
  site = await testSite()
  const { db, keys, clock, config } = site.workplace
  bank = await smallBank(db, keys)
  customer = bank.customers[3] as SmallCustomer
  auditor = await site.person('auditor', bank.units[0]?.id ?? 0)
  const { rows } = await db.owner.query('select wrapped from party_key where party_id = $1', [customer.id])
  const partyId = BigInt(customer.id)
  await db.withScope(everything, async (trx) => {
    for (let i = 0; i < 130; i++) {
      await audit(trx, {
        who: 'login:1',
        action: 'work',
        noun: 'thing',
        nounId: String(i),
        after: { i },
        address: '10.1.1.1',
      })
    }
    await audit(trx, {
      who: 'login:1',
      action: 'changePhone',
      noun: 'customer',
      nounId: customer.customerNo,
      partyId,
      partyKey: partyKey(keys, partyId, rows[0].wrapped),
      before: { phone: '13900001111', quality: 80, same: 1 },
      after: { phone: '13900002222', quality: 100, same: 1 },
      reason: '客户来电',
    })
  })
  await sealAudit(db.owner, openAuditSigner(config.home), clock)
  await db.withScope(everything, (trx) => audit(trx, { who: 'strata', action: 'later', noun: 'thing' }))
})
afterAll(() => site.close())

const list = async (query: string) => (await auditor.get(`/api/audit?${query}`)).json

describe('the list', () => {
  test('goes page by page through every entry once, newest first', async () => {
    const ids: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: { rows: { id: string }[]; next: string | null } = await list(
        `action=work&limit=50${cursor && `&cursor=${cursor}`}`,
      )
      ids.push(...page.rows.map((row) => row.id))
      cursor = page.next
    }
    expect(ids).toHaveLength(130)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(b) - Number(a)))
  })

  test('finds by a sign-in name, or its code, the sign-ins under it that failed', async () => {
    const { name } = await site.person('analyst', bank.units[0]?.id ?? 0)
    const [login] = (await site.database.db.owner.query('select id from login where name = $1', [name])).rows
    const tryAs = (typed: string) => {
      const payload = { name: typed, password: 'not the password' }
      return site.ask({ method: 'POST', url: '/api/session', payload })
    }
    await tryAs(name)
    await tryAs('name-of-nobody')
    const failed = [
      {
        action: 'signInFailed',
        who: 'nobody',
        nounId: String(login.id),
        nounName: { zh: name, en: name, needsCode: true },
      },
    ]
    expect((await list(`who=${name}&action=signInFailed`)).rows).toMatchObject(failed)
    expect((await list(`who=login:${login.id}&action=signInFailed`)).rows).toMatchObject(failed)
    expect((await list('who=name-of-nobody&action=signInFailed')).rows).toEqual([])
    expect((await list(`who=${auditor.name}&action=signInFailed`)).rows).toEqual([])
  })

  test('is filtered by who, action, noun, time, customer and seal', async () => {
    const { name } = auditor
    expect((await list(`who=${name}&action=signIn`)).rows).toMatchObject([{ action: 'signIn', whoName: name }])
    expect((await list('who=login:1&limit=500')).rows.length).toBeGreaterThanOrEqual(131)
    expect((await list('who=nobody-of-that-name')).rows).toEqual([])
    expect((await list('noun=thing&nounId=7')).rows).toHaveLength(1)
    const ofCustomer = (await list(`customer=${customer.customerNo}`)).rows
    expect(ofCustomer).toMatchObject([{ action: 'changePhone', customerNo: customer.customerNo }])
    expect((await list('customer=999')).rows).toEqual([])
    const today = new Date().toISOString().slice(0, 10)
    expect(
      (await list(`action=later&from=${today}`)).rows.length + (await list(`action=later&to=${today}`)).rows.length,
    ).toBeGreaterThan(0)
    expect((await list('from=2299-01-01')).rows).toEqual([])
    expect((await list('to=2001-01-01')).rows).toEqual([])
    expect((await list('state=pending&action=later')).rows).toMatchObject([{ sealed: null }])
    expect((await list('state=sealed&action=later')).rows).toEqual([])
    expect((await list('state=sealed&action=work&limit=1')).rows[0].sealed).toEqual({
      seq: expect.any(Number),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test('holds nothing that is sealed, and refuses a cursor that no page gave', async () => {
    expect(JSON.stringify(await list('limit=500'))).not.toMatch(/13900001111|来电/)
    expect((await list('cursor=x')).code).toBe('cursor_invalid')
  })
})

describe('one entry', () => {
  const idOf = async (action: string) => (await list(`action=${action}&limit=1`)).rows[0].id as string

  test('is opened with what differs, telling parts masked, and leaves an entry itself', async () => {
    const id = await idOf('changePhone')
    const entry = (await auditor.get(`/api/audit/entries/${id}`)).json
    expect(entry).toMatchObject({ reason: '客户来电', erased: false, customerNo: customer.customerNo })
    expect(entry.differences).toEqual([
      { field: 'phone', before: '"139****1111"', after: '"139****2222"' },
      { field: 'quality', before: '80', after: '100' },
    ])
    expect((await list('action=readAudit&limit=1')).rows[0]).toMatchObject({ noun: 'audit', nounId: id })
    expect((await auditor.get('/api/audit/entries/999999999')).status).toBe(404)
  })

  test('of a customer whose key was destroyed stays closed, and the chain holds', async () => {
    const { db } = site.workplace
    const id = await idOf('changePhone')
    await db.owner.query('delete from party_key where party_id = $1', [customer.id])
    const entry = (await auditor.get(`/api/audit/entries/${id}`)).json
    expect(entry).toMatchObject({ erased: true, before: null, after: null, differences: [], reason: '客户来电' })
    const file = (await auditor.get('/api/audit/export')).text.trimEnd().split('\n')
    expect((await verifyAudit(file))?.holds).toBe(true)
  })
})

describe('the file and the state', () => {
  test('the file is checked with the public key of the state, and its export is an entry', async () => {
    const state = (await auditor.get('/api/audit/state')).json
    expect(state.sealed).toBeGreaterThanOrEqual(131)
    expect(state.pending).toBeGreaterThanOrEqual(1)
    expect(state.actions).toEqual(expect.arrayContaining(['changePhone', 'later', 'signIn', 'work']))
    const answer = await auditor.get('/api/audit/export')
    expect(answer.headers['content-disposition']).toMatch(/audit-\d{4}-\d\d-\d\d\.jsonl/)
    const publicKey = createPublicKey(state.keys[0].publicKey)
    const verdict = await verifyAudit(answer.text.trimEnd().split('\n'), { publicKey, head: state.head })
    expect(verdict).toMatchObject({ holds: true, lastSeq: state.sealed })
    expect((await list('action=exportAudit&limit=1')).rows[0]).toMatchObject({ noun: 'audit' })
  })

  test('the list as CSV holds what the list shows under all its filters, marked, and is an entry with them', async () => {
    const query = 'action=work&noun=thing&state=sealed&who=login:1'
    const answer = await auditor.get(`/api/audit/list.csv?${query}&language=en`)
    expect(answer.headers['content-disposition']).toMatch(/audit-list-\d{4}-\d\d-\d\d\.csv/)
    const [head, ...lines] = answer.text.trimEnd().split('\r\n')
    expect(head).toBe(
      '\uFEFFWhen,Who,Who (code),Action,What,Record,Record (code),Customer number,From where,Seal,Hash in the chain,Exported by',
    )
    const { rows } = await list(`${query}&limit=500`)
    expect(rows).toHaveLength(130)
    const cells = lines.map((line) => line.split(','))
    type Row = { at: string; who: string; nounId: string; address: string; sealed: { seq: number; hash: string } }
    expect(cells.map((cell) => [cell[0], cell[2], cell[6], cell[8], cell[9], cell[10]])).toEqual(
      rows.map((row: Row) => [row.at, row.who, row.nounId, row.address, String(row.sealed.seq), row.sealed.hash]),
    )
    for (const cell of cells) expect(cell[11]).toMatch(new RegExp(`^${auditor.name} \\d{4}-`))
    const [entry] = (await list('action=exportAuditList&limit=1')).rows
    expect((await auditor.get(`/api/audit/entries/${entry.id}`)).json.after).toEqual({
      rows: 130,
      filter: { action: 'work', noun: 'thing', state: 'sealed', who: 'login:1' },
    })
  })

  test('a list longer than a page comes whole, without its own entry, in the words of the language', async () => {
    const answer = await auditor.get('/api/audit/list.csv')
    const lines = answer.text.trimEnd().split('\r\n')
    expect(lines.length).toBeGreaterThan(131)
    expect(lines).toHaveLength(Number(answer.headers['x-rows']) + 1)
    expect(lines.some((line) => line.includes(',登录,会话,'))).toBe(true)
    expect(answer.text).not.toMatch(/13900001111|来电/)
    const before = (await list('action=exportAuditList')).rows.length
    const own = await auditor.get('/api/audit/list.csv?action=exportAuditList')
    expect(own.text.trimEnd().split('\r\n')).toHaveLength(before + 1)
    expect((await list('action=exportAuditList')).rows).toHaveLength(before + 1)
  })

  test('lists are taken as often as other exports, and no oftener', async () => {
    const taken = async () => (await list('action=exportAuditList&limit=500')).rows.length
    const take = () => auditor.get('/api/audit/list.csv?action=later')
    while ((await taken()) < 30) expect((await take()).status).toBe(200)
    expect((await take()).json.code).toBe('volume_unusual')
  })

  test('an auditor of a branch sees none of it', async () => {
    const branch = await site.person('auditor', bank.units[1]?.id ?? 0)
    for (const url of [
      '/api/audit',
      '/api/audit/state',
      '/api/audit/entries/1',
      '/api/audit/export',
      '/api/audit/list.csv',
    ]) {
      const { status, json } = await branch.get(url)
      expect([status, json.code, json.params]).toEqual([403, 'head_office_only', { permission: 'audit.read' }])
    }
  })

  test('without the application, a scope shows only entries of its own customers', async () => {
    const { db } = site.workplace
    const scope = { ...everything, who: 'login:99', units: { except: false, units: [customer.unit] } }
    const seen = await db.withScope(scope, (trx) =>
      sql<{ action: string }>`select action from audit_entry`.execute(trx),
    )
    expect(seen.rows.map((row) => row.action)).toEqual(['changePhone'])
  })
})
