/** One personal field of many customers in clear: asked for, checked by another, fetched once, and answered for. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type Person, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { parseCsv } from './support/csv.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let checker: Person
let auditor: Person
let serial = 0

const reason = '到期客户回访'
const unitId = (index: number) => bank.units[index]?.id ?? 0

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  checker = await site.person('riskOfficer', unitId(0))
  auditor = await site.person('auditor', unitId(0))
})
afterAll(() => site.close())

const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows
const codeOf = async (asked: Promise<Answer>) => (await asked).json.code
const entriesOf = (action: string) => auditEntries(site.database.db, site.workplace.keys, action)

/** A filter that lets everybody through, and differs from the one before, so that two proposals can wait. */
const everybody = () => ({ minFen: `-${++serial}` })
const asking = (by: Person, change: object = {}) =>
  by.send('POST', '/api/bulk-reveals', {
    change: { kind: 'bulkReveal', field: 'phone', filter: everybody(), ...change },
    reason,
  })
const decide = (id: string, by = checker) => by.send('POST', `/api/approvals/${id}/decide`, { decision: 'approved' })
const fetched = (by: Person, id: string) => by.send('POST', `/api/bulk-reveals/${id}`)

async function approved(by: Person, change: object = {}): Promise<string> {
  const { id } = (await asking(by, change)).json
  expect((await decide(id)).json.status).toBe('approved')
  return id
}

/** A manager of its own for each test, as five files an hour are the most. */
let managers = 0
const manager = async (unit: number): Promise<Person> => {
  const [staff] = await query(
    `insert into staff (code, name, role, unit_id) values ($1, $1, 'manager', $2) returning id`,
    [`M${++managers}`, unit],
  )
  return site.person('outletManager', unit, staff.id)
}
const phonesOf = (unit: number) =>
  bank.customers.filter((one) => one.unit === unit).map(({ customerNo, phone }) => [customerNo, phone])
const shown = ({ text }: Answer) => parseCsv(text).map((row) => [row.客户号, row.电话])

describe('a field of the filtered customers', () => {
  test('waits for another, who sees filter, rows, field and reason; then its asker fetches it once', async () => {
    const asker = await manager(unitId(3))
    const { id, status } = (await asking(asker)).json
    expect(status).toBe('open')
    expect(await codeOf(fetched(asker, id))).toBe('export_waits')
    const told = (await checker.get(`/api/approvals/${id}`)).json
    const wanted = phonesOf(unitId(3))
    expect(told).toMatchObject({ kind: 'bulkReveal', reason, mayDecide: true })
    expect(told.differences).toEqual(
      expect.arrayContaining([
        { field: 'clear', before: null, after: 'phone' },
        { field: 'rows', before: null, after: String(wanted.length) },
        { field: 'minFen', before: null, after: `-${serial}` },
      ]),
    )
    expect(await codeOf(decide(id, asker))).toBe('permission_missing')
    await decide(id)
    expect((await asker.get(`/api/approvals/${id}`)).json.fetchUntil).toBe('2026-11-03T02:00:00.000Z')
    expect(await codeOf(fetched(checker, id))).toBe('not_found')
    const file = await fetched(asker, id)
    expect(file.status).toBe(200)
    expect(shown(file).sort()).toEqual(wanted.sort())
    for (const row of parseCsv(file.text)) expect(row.导出标记).toBe(`${asker.name} 2026-11-02T02:00:00.000Z`)
    expect(await codeOf(fetched(asker, id))).toBe('export_spent')
  })

  test('nobody checks their own, not even with the right to', async () => {
    const both = await site.person('riskOfficer', unitId(1))
    const { id } = (await asking(both)).json
    expect(await codeOf(decide(id, both))).toBe('own_proposal')
  })

  test('is not fetched after a day, nor when it would have more rows than were approved', async () => {
    const asker = await manager(unitId(3))
    const late = await approved(asker)
    await query(`update approval set decided_at = '2026-11-01T02:00:00Z' where id = $1`, [late])
    expect(await codeOf(fetched(asker, late))).toBe('export_spent')
    const grown = await approved(asker)
    await query(`update approval set asked = jsonb_set(asked, '{rows}', '1') where id = $1`, [grown])
    expect(await codeOf(fetched(asker, grown))).toBe('approval_stale')
    expect((await query('select used_at from approval where id = $1', [grown]))[0].used_at).toBeNull()
  })

  test('holds nobody whom the asker does not see at that moment', async () => {
    const asker = await manager(unitId(3))
    const id = await approved(asker)
    const [moved] = phonesOf(unitId(3))
    // The night's list is of the evening before: it still has the customer in the outlet
    await query('update party set unit_id = $1 where customer_no = $2', [unitId(4), moved?.[0]])
    const file = await fetched(asker, id)
    await query('update party set unit_id = $1 where customer_no = $2', [unitId(3), moved?.[0]])
    expect(file.status).toBe(200)
    expect(file.text).not.toContain(moved?.[1])
    expect(parseCsv(file.text)).toHaveLength(phonesOf(unitId(3)).length - 1)
    const left = await approved(asker)
    await query(`update post set to_day = '2026-11-02' where login_id = (select id from login where name = $1)`, [
      asker.name,
    ])
    expect(await codeOf(fetched(asker, left))).toBe('permission_missing')
  })

  test('is refused when it is hidden from the asker, on asking and on fetching', async () => {
    const asker = await manager(unitId(3))
    const id = await approved(asker)
    const set = (fields: object) =>
      query(`update role set fields = $1 where code = 'outletManager'`, [JSON.stringify(fields)])
    await set({ contact: 'hidden' })
    expect(await codeOf(fetched(asker, id))).toBe('field_hidden')
    expect(await codeOf(asking(asker))).toBe('field_hidden')
    await set({})
    expect((await fetched(asker, id)).status, 'a refused fetching spends nothing').toBe(200)
  })

  test('is no identity number, no name, nothing that was searched for, and nothing for a key', async () => {
    const asker = await manager(unitId(3))
    for (const field of ['identityNo', 'name']) expect(await codeOf(asking(asker, { field }))).toBe('input_invalid')
    await asking(asker, { filter: { q: '13900000001' } })
    expect(JSON.stringify(await query('select asked from approval'))).not.toContain('1390000')
    const { token } = (await asker.send('POST', '/api/keys', { name: 'program', days: 1 })).json
    const headers = { authorization: `Bearer ${token}` }
    const payload = { change: { kind: 'bulkReveal', field: 'phone', filter: everybody() }, reason }
    const byKey = await site.ask({ method: 'POST', url: '/api/bulk-reveals', headers, payload })
    expect(byKey.json.code).toBe('key_needs_person')
    const id = await approved(asker)
    expect((await site.ask({ method: 'POST', url: `/api/bulk-reveals/${id}`, headers })).json.code).toBe(
      'key_needs_person',
    )
  })

  test('an approved export is not fetched as one, nor the other way round', async () => {
    const asker = await manager(unitId(3))
    const id = await approved(asker)
    expect(await codeOf(asker.get(`/api/customers/export?approval=${id}`))).toBe('not_found')
  })
})

describe('on record', () => {
  test('one entry with field, count and digest; each customer’s audit says who saw it, nobody else’s does', async () => {
    const asker = await manager(unitId(3))
    const id = await approved(asker, { field: 'email' })
    await fetched(asker, id)
    const [entry] = (await entriesOf('revealInBulk')).slice(-1)
    const traces = await query('select party_id from bulk_reveal where approval_id = $1 order by party_id', [id])
    const sha256 = createHash('sha256')
      .update(traces.map((row) => String(row.party_id)).join('\n'))
      .digest('hex')
    expect(entry).toMatchObject({
      noun: 'bulkReveal',
      nounId: id,
      after: { field: 'email', customers: phonesOf(unitId(3)).length, sha256 },
    })
    expect(JSON.stringify(entry?.after)).not.toContain('@')
    const about = async (no: unknown) =>
      (await auditor.get(`/api/audit?customer=${no}&action=revealInBulk`)).json.rows.map(
        (row: { nounId: string }) => row.nounId,
      )
    expect(await about(phonesOf(unitId(3))[0]?.[0])).toContain(id)
    expect(await about(phonesOf(unitId(2))[0]?.[0])).not.toContain(id)
  })

  test('the traces are only ever added to', async () => {
    await expect(query('delete from bulk_reveal')).rejects.toThrow('only ever added to')
    await expect(query('update bulk_reveal set party_id = 1')).rejects.toThrow('only ever added to')
  })

  test('more than five files within an hour are refused, and compliance is told', async () => {
    const asker = await manager(unitId(3))
    const ready: string[] = []
    for (let at = 0; at < 6; at++) ready.push(await approved(asker))
    const answers: number[] = []
    for (const id of ready) answers.push((await fetched(asker, id)).status)
    expect(answers).toEqual([200, 200, 200, 200, 200, 429])
    expect(await codeOf(asking(asker))).toBe('volume_unusual')
    expect(await query(`select kind from security_alert where kind = 'manyReveals'`)).toHaveLength(1)
  })

  test('more customers than a campaign has are not asked for', async () => {
    const asker = await manager(unitId(0))
    await query(`update night_count set customers = customers + 6000`)
    const { status, json } = await asking(asker, { filter: { kind: 'person' } })
    expect([status, json.code, json.params.limit]).toEqual([422, 'export_too_large', 5000])
    await query(`update night_count set customers = customers - 6000`)
  })
})
