/** Consents, a customer's own data, erasure over the API, and how long things are kept. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { subjectAccess } from '../src/command/disclose.ts'
import { loadFile } from '../src/nightly/load/folder.ts'
import { applyRetention, rehearseRetention, retentionOfToday } from '../src/nightly/retention.ts'
import { householdOf, type MatrixBank, matrixBank, nameOf, phoneOf } from './matrix/bank.ts'
import { plantInvitations } from './matrix/household-probes.ts'
import type { Person } from './support/api.ts'

let bank: MatrixBank
let officer: Person
let checker: Person
let manager: Person

beforeAll(async () => {
  bank = await matrixBank()
  officer = await bank.person('complianceOfficer', 'top')
  checker = await bank.person('riskOfficer', 'top')
  await bank.query(
    `insert into post (login_id, role, unit_id) select p.login_id, 'complianceOfficer', p.unit_id
     from post p join login l on l.id = p.login_id where l.name = $1`,
    [checker.name],
  )
  manager = await bank.person('relationshipManager', 'outlet')
}, 120_000)
afterAll(() => bank.close())

const url = (what: string, no = '1001') => `/api/customers/${no}/${what}`
const audited = (action: string) =>
  bank.query<{ who: string; noun_id: string }>('select who, noun_id from audit_entry where action = $1 order by id', [
    action,
  ])

describe('the ledger of consents', () => {
  test('begins with what the feed brought, and says what it allows today', async () => {
    const { json } = await manager.get(url('consents'))
    expect(json.entries).toMatchObject([
      { kind: 'given', purpose: 'marketing', channel: 'phone', recordedBy: 'consents' },
    ])
    expect(json.allowed).toEqual([
      { purpose: 'marketing', channel: 'phone', allowed: true, because: json.entries[0].id },
    ])
  })

  test('takes a withdrawal and a new consent as entries of their own', async () => {
    const before = (await manager.get(url('consents'))).json.entries
    const withdrawn = await manager.send('POST', url('consents/withdrawal'), {
      purpose: 'marketing',
      reason: '来电要求',
    })
    expect([withdrawn.status, withdrawn.json.allowed[0].allowed]).toEqual([201, false])
    expect(withdrawn.json.entries[0]).toMatchObject({
      kind: 'withdrawn',
      channel: 'any',
      reason: '来电要求',
      recordedBy: manager.name,
    })
    const again = await manager.send('POST', url('consents/withdrawal'), { purpose: 'marketing', reason: '来电要求' })
    expect(again.json.code).toBe('nothing_to_withdraw')
    const body = { purpose: 'marketing', channel: 'sms', proof: '授权书 7 号', toDay: '2027-11-02' }
    const given = await manager.send('POST', url('consents'), body)
    expect(given.json.allowed).toMatchObject([
      { channel: 'any', allowed: false },
      { channel: 'phone', allowed: false },
      { channel: 'sms', allowed: true },
    ])
    expect(given.json.entries.slice(2)).toEqual(before)
    expect(await audited('withdrawConsent')).toHaveLength(1)
    expect(await audited('recordConsent')).toMatchObject([{ noun_id: '1001' }])
    const backwards = await manager.send('POST', url('consents'), { ...body, fromDay: '2027-11-02' })
    expect(backwards.json).toMatchObject({ code: 'input_invalid', params: { field: 'toDay' } })
  })

  test('a feed that says the same again adds nothing', async () => {
    const inbox = join(bank.site.workplace.config.home, 'matrix')
    const path = join(inbox, 'consents.csv')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, `${text}1001,service,,contract,2025-01-01\n`)
    const before = await bank.query('select count(*)::int as n from consent')
    await loadFile(bank.site.workplace, { path, feed: 'consents' })
    const after = await bank.query<{ n: number }>('select count(*)::int as n from consent')
    expect(after[0]!.n).toBe((before[0] as { n: number }).n + 1)
    expect((await manager.get(url('consents'))).json.allowed[0]).toMatchObject({ purpose: 'marketing', allowed: false })
  })
})

test('a withdrawal counts however long the ledger is', async () => {
  await bank.query(`insert into consent (party_id, purpose, channel, basis, from_day, to_day, proof, recorded_by)
    select (select party_id from customer where customer_no = '1002'), 'marketing', 'any', 'consent', date '2020-01-01' + n,
      '2299-12-31', 'paper', 'strata' from generate_series(1, 1000) n`)
  const body = { purpose: 'marketing', reason: '来电要求' }
  const withdrawn = await officer.send('POST', url('consents/withdrawal', '1002'), body)
  expect(withdrawn.json.allowed).toMatchObject([{ purpose: 'marketing', channel: 'any', allowed: false }])
  await bank.query(`delete from consent where party_id = (select party_id from customer where customer_no = '1002')`)
})

describe("a customer's own data", () => {
  test('is whole and in clear, for that customer alone, and audited', async () => {
    await plantInvitations(bank)
    const answer = await officer.send('POST', url('disclosure'), { format: 'json', reason: '客户申请查阅' })
    expect(answer.headers['content-disposition']).toContain('attachment')
    const own = JSON.parse(answer.text)
    expect(own.person).toMatchObject({ name: nameOf('o'), phone: phoneOf('o') })
    expect(own.accounts).toMatchObject([{ accountNo: '6222020200000001001', share: 10_000 }])
    expect(own.householdActs).toMatchObject([
      { householdNo: householdOf('o'), householdAct: 'invite', day: '2026-10-31' },
    ])
    expect(own.cards[0].cardNo).toMatch(/^62284804025600/)
    expect(own.tiers.length).toBeGreaterThan(0)
    expect(own.why.zh.length).toBeGreaterThan(0)
    expect(own.consents).toHaveLength(4)
    expect(own.edits).toEqual([])
    expect(own.elsewhere).toEqual([{ source: 'loans', externalId: 'L1001' }])
    expect(own.sources.map((row: { feed: string }) => row.feed)).toContain('customers')
    expect(own.looked.map((row: { action: string }) => row.action)).toContain('withdrawConsent')
    expect(answer.text).not.toContain(nameOf('s'))
    const second = await officer.send('POST', url('disclosure'), { format: 'json', reason: '客户申请查阅' })
    expect(JSON.parse(second.text).looked[0]).toMatchObject({ action: 'discloseCustomer', by: officer.name })
  })

  test.each(['zh', 'en'] as const)(
    'is a page to print in %s, which loads nothing and runs nothing',
    async (language) => {
      await bank.query(`update party set occupation = '<script>alert(1)</script>' where customer_no = '1001'`)
      const answer = await officer.send('POST', url('disclosure'), { language, reason: '客户申请查阅' })
      expect(answer.headers['content-type']).toContain('text/html')
      for (const part of [
        nameOf('o'),
        phoneOf('o'),
        '6222020200000001001',
        language === 'zh' ? '等级的由来' : 'Who looked',
      ])
        expect(answer.text).toContain(part)
      expect(answer.text).toContain('&lt;script&gt;')
      expect(answer.text).toContain('<td>consents</td><td>consents.csv</td>')
      expect(answer.text).not.toMatch(/<script|src=|href=|url\(/)
      expect(answer.text).not.toMatch(/<th[^>]*>[a-z]+[A-Z]/)
      expect(answer.text).toContain(language === 'zh' ? '提供个人信息副本' : 'gave you this data')
      expect(answer.text).not.toMatch(/<td>(personal|\d|residentId|discloseCustomer)<\/td>/)
    },
  )

  test('and erasure ask for the password again after ten minutes', async () => {
    const { clock } = bank.site
    const before = clock.now()
    clock.set(new Date(clock.millis() + 11 * 60_000).toISOString())
    const disclosing = await officer.send('POST', url('disclosure'), { reason: '客户申请查阅' })
    const erasing = await officer.send('POST', url('erasure'), { reason: '客户申请', customerNo: '1001' })
    expect([disclosing.json.code, erasing.json.code]).toEqual(['reentry_needed', 'reentry_needed'])
    clock.set(before)
  })

  test('needs a reason', async () => {
    const answer = await officer.send('POST', url('disclosure'), { format: 'json' })
    expect(answer.json).toMatchObject({ code: 'input_invalid', params: { field: 'reason' } })
  })

  test('comes from the command line as a file of its owner', async () => {
    const out = join(bank.site.workplace.config.home, 'own.html')
    await subjectAccess(bank.site.workplace, '1002', { out, reason: 'asked at the counter' })
    expect(readFileSync(out, 'utf8')).toContain(phoneOf('s'))
    expect(statSync(out).mode & 0o777).toBe(0o600)
    await expect(subjectAccess(bank.site.workplace, '1002', { out, reason: 'again' })).rejects.toThrow(/exists already/)
    rmSync(out)
  })
})

describe('erasing over the API', () => {
  test('wants a reason and the number once more; then the page says so, and searching finds nobody', async () => {
    const wrong = await officer.send('POST', url('erasure', '1003'), { reason: '客户申请', customerNo: '1004' })
    expect(wrong.json.params.field).toBe('customerNo')
    const asked = await officer.send('POST', url('erasure', '1003'), { reason: '客户申请', customerNo: '1003' })
    expect(asked.json.status).toBe('open')
    const again = await officer.send('POST', url('erasure', '1003'), { reason: '客户申请', customerNo: '1003' })
    expect(again.json.code).toBe('approval_open')
    const approve = (by: Person) => by.send('POST', `/api/approvals/${asked.json.id}/decide`, { decision: 'approved' })
    expect((await approve(officer)).json.code).toBe('own_proposal')
    // What is destroyed and what stays, without a value of the person
    const shown = await checker.get(`/api/approvals/${asked.json.id}`)
    expect(shown.json.subject).toBe('erasure of 1003')
    expect(shown.json.differences).toContainEqual({ field: 'accountNumbers', before: '1', after: '0' })
    expect(shown.text).not.toMatch(new RegExp(`${nameOf('b')}|${phoneOf('b')}`))
    expect((await officer.get('/api/customers/1003')).json.erasedAt).toBeNull()
    const done = await approve(checker)
    expect(done.json).toMatchObject({ status: 'approved', kind: 'erase' })
    expect(Date.parse(done.json.usedAt)).toBeGreaterThan(0)
    const page = await officer.get('/api/customers/1003')
    expect(page.json).toMatchObject({ phone: null, accounts: [{ accountNo: '****' }] })
    expect(Date.parse(page.json.erasedAt)).toBeGreaterThan(0)
    for (const q of [nameOf('b'), nameOf('b').slice(2), phoneOf('b')]) {
      expect((await officer.get(`/api/customers?q=${encodeURIComponent(q)}`)).json.rows).toEqual([])
    }
    expect((await officer.get('/api/customers?q=1003')).json.rows).toHaveLength(1)
    const consent = await officer.send('POST', url('consents', '1003'), { purpose: 'marketing', proof: 'x' })
    expect(consent.json.code).toBe('already_erased')
    expect((await officer.get(url('consents', '1003'))).json.allowed).toEqual([])
    const twice = await officer.send('POST', url('erasure', '1003'), { reason: '客户申请', customerNo: '1003' })
    expect(twice.json.code).toBe('already_erased')
    const listed = await officer.get('/api/privacy/erasures')
    expect(listed.json).toMatchObject({
      total: 1,
      rows: [{ customerNo: '1003', erasedBy: officer.name, checkedBy: checker.name }],
    })
    expect(await audited('erase')).toHaveLength(1)
  })

  test('the list is read page by page, newest first', async () => {
    await bank.query(`insert into erasure (customer_no, erased_at, erased_by, reason)
      select 'gone' || n, now(), 'strata', '客户申请' from generate_series(1, 5) n`)
    const list = async (query: string) => (await officer.get(`/api/privacy/erasures?limit=4${query}`)).json
    const first = await list('')
    const second = await list(`&cursor=${first.next}`)
    const numbers = [first, second].map(({ rows }) => rows.map((row: { customerNo: string }) => row.customerNo))
    expect(numbers).toEqual([
      ['gone5', 'gone4', 'gone3', 'gone2'],
      ['gone1', '1003'],
    ])
    expect([first.total, second.total, second.next]).toEqual([6, 6, null])
    expect((await list('&cursor=x')).code).toBe('cursor_invalid')
    await bank.query(`delete from erasure where customer_no like 'gone%'`)
  })

  test('what is left can still be disclosed', async () => {
    const answer = await officer.send('POST', url('disclosure', '1003'), { format: 'json', reason: '客户申请' })
    expect(JSON.parse(answer.text).accounts).toMatchObject([{ accountNo: '****' }])
  })
})

describe('retention', () => {
  const line = async (noun: string) =>
    (await rehearseRetention(bank.site.workplace)).lines.find((one) => one.noun === noun)!
  const set = (noun: string, keep: number) =>
    officer.send('POST', '/api/privacy/retention', { noun, keep, reason: '按制度' })
  const age = (days: number) => `timestamptz '${bank.site.clock.now()}' - interval '${days} days 1 minute'`

  test('a rehearsal says what would go, and changes nothing', async () => {
    await bank.query(`update lake_file set recorded_at = ${age(90)} where kind = 'raw' and noun = 'balances'`)
    await bank.query(`update load set recorded_at = ${age(180)} where id = $1`, [bank.dirtyLoad])
    await bank.query(`update event set at = ${age(30)} where id in (select id from event limit 2)`)
    const before = await bank.query(`select (select count(*) from lake_file) as f, (select count(*) from event) as e`)
    const { json } = await officer.get('/api/privacy/retention')
    const goes = Object.fromEntries(json.lines.map((one: { noun: string; goes: number }) => [one.noun, one.goes]))
    expect(goes).toEqual({
      originals: 2,
      quarantine: 1,
      sessions: 0,
      events: 2,
      nights: 0,
      monthEnds: 0,
      papers: 0,
      audit: 0,
    })
    expect(await bank.query(`select (select count(*) from lake_file) as f, (select count(*) from event) as e`)).toEqual(
      before,
    )
  })

  test.each([
    ['originals', 89, 2],
    ['originals', 91, 0],
    ['quarantine', 179, 1],
    ['quarantine', 181, 0],
    ['events', 31, 0],
  ])('%s kept for %i days: %i would go', async (noun, keep, goes) => {
    await set(noun, keep)
    expect((await line(noun)).goes).toBe(goes)
    await set(noun, { originals: 90, quarantine: 180, events: 30 }[noun]!)
  })

  test('lets go exactly that, and keeps why a row was kept out', async () => {
    const { lakeDir } = bank.site.workplace
    const [old] = await bank.query<{ load_id: number; path: string }>(
      `select load_id, path from lake_file where kind = 'raw' and noun = 'balances' limit 1`,
    )
    const rehearsed = await rehearseRetention(bank.site.workplace)
    await applyRetention(bank.site.workplace)
    expect(existsSync(join(lakeDir, old!.path))).toBe(false)
    expect(await bank.query('select * from load_key where load_id = $1', [old!.load_id])).toEqual([])
    const left = await bank.query<{ path: string }>(`select path from lake_file where kind = 'raw'`)
    expect(left.length).toBeGreaterThan(5)
    for (const { path } of left) expect(existsSync(join(lakeDir, path))).toBe(true)
    const [row] = await bank.query<{ rule: string; gone: boolean }>(
      'select rule, row_sealed is null as gone from quarantine where load_id = $1',
      [bank.dirtyLoad],
    )
    expect(row).toMatchObject({ gone: true })
    expect(row?.rule).not.toBe('')
    expect(rehearsed.lines.filter((one) => one.goes > 0).map((one) => one.noun)).toEqual([
      'originals',
      'quarantine',
      'events',
    ])
    expect((await rehearseRetention(bank.site.workplace)).lines.every((one) => one.goes === 0)).toBe(true)
    expect((await officer.get(`/api/loads/${bank.dirtyLoad}/quarantine`)).json.rows).toHaveLength(1)
  })

  test('happens once a day', async () => {
    await bank.query(`delete from setting where name = 'retentionOn'`)
    const before = (await audited('applyRetention')).length
    await Promise.all([retentionOfToday(bank.site.workplace), retentionOfToday(bank.site.workplace)])
    await retentionOfToday(bank.site.workplace)
    expect(await audited('applyRetention')).toHaveLength(before + 1)
  })

  test('nights are kept by number, and the one in force always', async () => {
    expect(await line('nights')).toMatchObject({ held: 1, goes: 0 })
    await set('nights', 1)
    await set('monthEnds', 1)
    expect([(await line('nights')).goes, (await line('monthEnds')).goes]).toEqual([1, 0])
    expect((await set('nights', 0)).json.code).toBe('input_invalid')
    await applyRetention(bank.site.workplace)
    expect(await line('nights')).toMatchObject({ held: 0, goes: 0 })
    expect((await officer.get('/api/customers')).json.rows.length).toBeGreaterThan(0)
  })

  test('the audit is kept for ever', async () => {
    expect((await set('audit', 1)).json.code).toBe('retention_fixed')
    expect(await line('audit')).toMatchObject({ keep: null, fixed: true })
  })
})
