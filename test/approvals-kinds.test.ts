/** Exports and policies by two people; and a bank with a single administrator. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type Person, type TestSite, testSite } from './support/api.ts'
import { parseCsv } from './support/csv.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let compliance: Person

const reason = '年度权限调整'
const top = () => bank.units[0]?.id ?? 0
const branch = () => bank.units[1]?.id ?? 0
const otherBranch = () => bank.units[2]?.id ?? 0
const outlet = () => bank.units[3]?.id ?? 0

beforeAll(async () => {
  site = await testSite({ STRATA_EXPORT_ROWS_FREE: '5' })
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  compliance = await site.person('complianceOfficer', top())
})
afterAll(() => site.close())

const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows
const decide = (by: Person, id: string): Promise<Answer> =>
  by.send('POST', `/api/approvals/${id}/decide`, { decision: 'approved' })
const codeOf = async (asked: Promise<Answer>) => (await asked).json.code

describe('an export above the limit', () => {
  const change = { kind: 'export', filter: {}, format: 'csv' }
  const ask = async (by: Person) => (await by.send('POST', '/api/customers/export/request', { change, reason })).json.id

  test('asks for a second person, is fetched once, and by its proposer alone', async () => {
    const manager = await site.person('outletManager', branch())
    const refused = await manager.get('/api/customers/export')
    expect(refused.json).toMatchObject({ code: 'export_needs_approval', params: { limit: 5 } })
    const id = await ask(manager)
    expect(await codeOf(manager.get(`/api/customers/export?approval=${id}`))).toBe('export_waits')
    const elsewhere = await site.person('branchManager', otherBranch())
    expect(await codeOf(decide(elsewhere, id))).toBe('not_found')
    const checker = await site.person('branchManager', branch())
    expect((await decide(checker, id)).json.status).toBe('approved')
    expect((await manager.get(`/api/approvals/${id}`)).json.fetchUntil).toBe('2026-11-03T02:00:00.000Z')
    expect(await codeOf(checker.get(`/api/customers/export?approval=${id}`))).toBe('not_found')
    const file = await manager.get(`/api/customers/export?approval=${id}`)
    const wanted = (await manager.get('/api/customers/count')).json.customers
    expect([file.status, parseCsv(file.text).length]).toEqual([200, wanted])
    expect(await codeOf(manager.get(`/api/customers/export?approval=${id}`))).toBe('export_spent')
  })

  test('is not fetched after a day, nor with more rows than were approved', async () => {
    const manager = await site.person('outletManager', branch())
    const checker = await site.person('branchManager', branch())
    const late = await ask(manager)
    await decide(checker, late)
    await query(`update approval set decided_at = '2026-11-01T02:00:00Z' where id = $1`, [late])
    expect(await codeOf(manager.get(`/api/customers/export?approval=${late}`))).toBe('export_spent')
    const grown = await ask(manager)
    await decide(checker, grown)
    await query(`update approval set asked = jsonb_set(asked, '{rows}', '1') where id = $1`, [grown])
    expect(await codeOf(manager.get(`/api/customers/export?approval=${grown}`))).toBe('approval_stale')
  })

  test('below the limit it needs nobody', async () => {
    const manager = await site.person('outletManager', outlet())
    const [one] = bank.customers.filter((customer) => customer.unit === outlet())
    expect((await manager.get(`/api/customers/export?q=${one?.customerNo}`)).status).toBe(200)
  })
})

describe('a policy', () => {
  test('is uploaded, compared, and in force from its day once it was checked', async () => {
    const analyst = await site.person('analyst', top())
    const { source } = (await analyst.get('/api/policies/current')).json
    expect(await codeOf(analyst.send('POST', '/api/policies', { source: 'scheme: personal' }))).toBe('policy_invalid')
    const draft = (await analyst.send('POST', '/api/policies', { source: source.replace('days: 90', 'days: 60') })).json
    expect(draft).toMatchObject({ status: 'draft', scheme: 'personal', version: 2 })
    const change = { kind: 'policy', policy: draft.id, inForceFrom: '2026-10-31' }
    const propose = (body: object) => analyst.send('POST', '/api/policies/propose', { change: body, reason })
    expect(await codeOf(propose(change)), 'not before the last night').toBe('input_invalid')
    const { id } = (await propose({ ...change, inForceFrom: '2026-12-01' })).json
    const row = (await compliance.get(`/api/approvals/${id}`)).json
    expect(row.differences).toContainEqual({ field: 'window.days', before: '90', after: '60' })
    expect(row.differences).toContainEqual({ field: 'inForceFrom', before: '1900-01-01', after: '2026-12-01' })
    expect(await codeOf(decide(analyst, id))).toBe('permission_missing')
    await decide(await site.person('riskOfficer', top()), id)
    const { rows } = (await analyst.get('/api/policies')).json
    expect(rows[0]).toMatchObject({ version: 2, status: 'planned', inForceFrom: '2026-12-01' })
    expect((await analyst.get('/api/policies/current')).json.policy.version).toBe(1)
    expect(await codeOf(propose({ ...change, inForceFrom: '2026-12-02' })), 'no draft any more').toBe('input_invalid')
  })
})

describe('a single administrator', () => {
  test('with four eyes off changes rights at once, which shows as such; a second one brings the checker back', async () => {
    const small = await testSite({ STRATA_FOUR_EYES: 'off' })
    try {
      const { units } = await smallBank(small.workplace.db, small.workplace.keys, { customers: 4 })
      const only = await small.person('administrator', units[0]?.id ?? 0)
      const change = { kind: 'role', code: 'desk', zh: '前台', en: 'Desk', customers: 'none', permissions: [] }
      const made = (await only.send('POST', '/api/roles', { change, reason })).json
      expect(made.status).toBe('approved')
      expect((await only.get('/api/roles')).json.rows.some((role: { code: string }) => role.code === 'desk')).toBe(true)
      expect((await only.get(`/api/approvals/${made.id}`)).json).toMatchObject({ status: 'approved', decidedBy: null })
      expect((await only.get('/api/approvals')).json.fourEyes).toBe(false)
      await small.person('administrator', units[1]?.id ?? 0)
      expect((await only.send('POST', '/api/roles', { change, reason })).json.status).toBe('open')
      expect((await only.get('/api/approvals')).json.fourEyes).toBe(true)
    } finally {
      await small.close()
    }
  })
})
