/** Auditors of head office read every approval, masked where they take no part, and decide none. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, type Person, type TestSite, testSite } from './support/api.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let admin: Person
let compliance: Person

const reason = '年度权限调整'
const top = () => bank.units[0]?.id ?? 0
const branch = () => bank.units[1]?.id ?? 0

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  admin = await site.person('administrator', top())
  compliance = await site.person('complianceOfficer', top())
})
afterAll(() => site.close())

const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows

async function proposeRole(code: string): Promise<string> {
  const names = { zh: '新角色', en: 'New role' }
  const change = { kind: 'role', code, ...names, customers: 'subtree', permissions: ['customers.read'] }
  return (await admin.send('POST', '/api/roles', { change, reason })).json.id
}

const decide = (by: Person, id: string): Promise<Answer> =>
  by.send('POST', `/api/approvals/${id}/decide`, { decision: 'returned', note: '理由不足' })
const codeOf = async (asked: Promise<Answer>) => (await asked).json.code

test('a proposal is read by an auditor of the whole bank, who decides nothing', async () => {
  const id = await proposeRole('overseen')
  const auditor = await site.person('auditor', top())
  const everybodys = async () => (await auditor.get('/api/approvals?view=all')).json.rows
  expect(await everybodys()).toContainEqual(
    expect.objectContaining({ id, reason, status: 'open', isMine: false, mayDecide: false }),
  )
  expect(await codeOf(decide(auditor, id))).toBe('permission_missing')
  expect(await codeOf(auditor.send('DELETE', `/api/approvals/${id}`))).toBe('not_found')
  await decide(compliance, id)
  const proposedBy = { login: admin.name }
  expect((await auditor.get(`/api/approvals/${id}`)).json).toMatchObject({
    proposedBy,
    decidedBy: { login: compliance.name },
    note: '理由不足',
  })
  const [lower, checker] = [await site.person('auditor', branch()), await site.person('branchManager', top())]
  expect(await codeOf(lower.get('/api/approvals?view=all'))).toBe('head_office_only')
  expect(await codeOf(lower.get(`/api/approvals/${id}`))).toBe('not_found')
  expect(await codeOf(checker.get('/api/approvals?view=all'))).toBe('permission_missing')
  // What a page offers it goes by the session
  const atTop = async (by: Person) => (await by.get('/api/session')).json.permissionsAtTop
  expect(await atTop(auditor)).toContain('audit.read')
  expect(await atTop(lower)).toEqual([])
  expect(await atTop(checker)).not.toContain('audit.read')
})

test('one of an export shows what was searched for to those who take part, masked to whoever only audits', async () => {
  const filter = { q: '欧阳清越', kind: 'person' }
  const [{ id }] = await query(
    `insert into approval (kind, subject, asked, before, after, reason, unit_id, proposed_by, proposed_at)
     select 'export', 'export q', $1, '{}', $2, '名单', $3, id, $4 from login where name = $5 returning id`,
    [JSON.stringify({ kind: 'export', filter }), JSON.stringify(filter), top(), site.clock.now(), admin.name],
  )
  const auditor = await site.person('auditor', top())
  const checker = await site.person('riskOfficer', top())
  const readBy = async (by: Person) => (await by.get(`/api/approvals/${id}`)).text
  expect(await readBy(checker)).toContain('欧阳清越')
  expect(await readBy(admin)).toContain('欧阳清越')
  expect(await readBy(auditor)).not.toMatch(/欧阳|清越/)
  expect((await auditor.get('/api/approvals?view=all')).text).not.toMatch(/欧阳|清越/)
  expect(JSON.parse(await readBy(auditor)).asked.filter).toEqual({ q: '****', kind: 'person' })
})
