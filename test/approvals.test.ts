/** Maker and checker: nobody checks their own, by no way; what is approved is applied at once, whole, and on record. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expireApprovals } from '../src/access/approvals.ts'
import { subjectZh } from '../src/contract/approvals.ts'
import { type Answer, type Person, type TestSite, testSite } from './support/api.ts'
import { auditEntries } from './support/audit.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let admin: Person
let compliance: Person

const reason = '年度权限调整'
const top = () => bank.units[0]?.id ?? 0
const branch = () => bank.units[1]?.id ?? 0
const otherBranch = () => bank.units[2]?.id ?? 0
const outlet = () => bank.units[3]?.id ?? 0

beforeAll(async () => {
  site = await testSite({ STRATA_EXPORT_ROWS_FREE: '5' })
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  admin = await site.person('administrator', top())
  compliance = await site.person('complianceOfficer', top())
})
afterAll(() => site.close())

const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows

let serial = 0
/** A proposal of a new role, which any checker of rights may decide. */
async function proposeRole(by: Person = admin, code = `role${++serial}`): Promise<string> {
  const change = {
    kind: 'role',
    code,
    zh: '新角色',
    en: 'New role',
    customers: 'subtree',
    permissions: ['customers.read'],
  }
  const { json } = await by.send('POST', '/api/roles', { change, reason })
  expect(json.status).toBe('open')
  return json.id
}

const decide = (by: Person, id: string, decision = 'approved', note?: string): Promise<Answer> =>
  by.send('POST', `/api/approvals/${id}/decide`, { decision, ...(note && { note }) })
const codeOf = async (asked: Promise<Answer>) => (await asked).json.code

test('every subject has its Chinese', () => {
  const subjects = [
    'role x',
    'posts of x',
    'wall around 1 against 2',
    'wall 3',
    'unit 01',
    'policy personal',
    'export ab of x',
    'reveal ab of x',
  ]
  for (const subject of subjects) expect(subjectZh(subject)).toMatch(/[\u4e00-\u9fff]/)
})

describe('a proposal', () => {
  test('waits with its difference, and is applied by the checker’s word, on record', async () => {
    const id = await proposeRole(admin, 'deskHead')
    expect(await query(`select 1 from role where code = 'deskHead'`)).toEqual([])
    const inbox = (await compliance.get('/api/approvals')).json
    const row = inbox.rows.find((one: { id: string }) => one.id === id)
    expect(row).toMatchObject({ kind: 'role', subject: 'role deskHead', reason, mayDecide: true, isMine: false })
    expect(row.differences).toContainEqual({ field: 'permissions', before: null, after: 'customers.read' })
    expect(inbox.toCheck).toBeGreaterThan(0)
    const mine = (await admin.get('/api/approvals?view=mine')).json.rows[0]
    expect(mine).toMatchObject({ id, isMine: true, mayDecide: false })

    const done = (await decide(compliance, id)).json
    expect(done).toMatchObject({ status: 'approved', decidedBy: { login: compliance.name }, inPlaceOf: null })
    expect(
      await query(`select customers, permissions, edited_at is not null as edited from role where code = 'deskHead'`),
    ).toEqual([{ customers: 'subtree', permissions: ['customers.read'], edited: true }])
    const trail = await query(`select action from audit_entry where noun = 'approval' and noun_id = $1 order by id`, [
      id,
    ])
    expect(trail.map((entry) => entry.action)).toEqual(['propose', 'approve'])
    const told = await query(`select payload from event where topic = 'approvals' order by id desc limit 1`)
    expect(told[0].payload).toEqual({ state: 'approved' })
    expect((await compliance.get('/api/approvals?view=decided')).json.rows[0].id).toBe(id)
  })

  test('is returned with a reason only, and changes nothing', async () => {
    const id = await proposeRole(admin, 'unwanted')
    expect(await codeOf(compliance.send('POST', `/api/approvals/${id}/decide`, { decision: 'returned' }))).toBe(
      'input_invalid',
    )
    expect((await decide(compliance, id, 'returned', '理由不足')).json).toMatchObject({
      status: 'returned',
      note: '理由不足',
    })
    expect(await query(`select 1 from role where code = 'unwanted'`)).toEqual([])
    expect(await codeOf(decide(compliance, id))).toBe('approval_decided')
  })

  test('is taken back by its proposer alone', async () => {
    const id = await proposeRole()
    expect(await codeOf(compliance.send('DELETE', `/api/approvals/${id}`))).toBe('not_found')
    expect((await admin.send('DELETE', `/api/approvals/${id}`)).json.status).toBe('withdrawn')
    expect(await codeOf(decide(compliance, id))).toBe('approval_decided')
  })

  test('stands alone for its subject', async () => {
    const id = await proposeRole(admin, 'twice')
    const change = { kind: 'role', code: 'twice', zh: '又', en: 'Again', customers: 'none', permissions: [] }
    expect(await codeOf(admin.send('POST', '/api/roles', { change, reason }))).toBe('approval_open')
    await admin.send('DELETE', `/api/approvals/${id}`)
    expect((await admin.send('POST', '/api/roles', { change, reason })).json.status).toBe('open')
  })

  test('is stale when its subject has changed since', async () => {
    const id = await proposeRole(admin, 'stale')
    await query(
      `insert into role (code, name_zh, name_en, customers, permissions) values ('stale', '旧', 'Old', 'none', '{}')`,
    )
    expect(await codeOf(decide(compliance, id))).toBe('approval_stale')
    expect((await compliance.get(`/api/approvals/${id}`)).json.status).toBe('open')
    expect((await decide(compliance, id, 'returned', '已变更')).json.status).toBe('returned')
  })

  test('ends by itself after thirty days, on record, and makes room for another', async () => {
    const [over, nearly] = [await proposeRole(admin, 'lateRole'), await proposeRole()]
    const waitingSince = (id: string, at: string) =>
      query('update approval set proposed_at = $2 where id = $1', [id, at])
    await waitingSince(over, '2026-10-03T02:00:00Z')
    await waitingSince(nearly, '2026-10-03T02:00:01Z')
    const read = async (by: Person, id: string) => (await by.get(`/api/approvals/${id}`)).json
    expect(await read(compliance, nearly)).toMatchObject({ mayDecide: true, expiresAt: '2026-11-02T02:00:01.000Z' })
    expect(await read(compliance, over)).toMatchObject({ mayDecide: false })
    expect(await toCheck(compliance)).toEqual(expect.arrayContaining([nearly]))
    expect(await toCheck(compliance)).not.toContain(over)
    expect(await codeOf(decide(compliance, over)), 'also before it was swept').toBe('approval_expired')
    expect(await expireApprovals(site.workplace.db, site.clock)).toBe(1)
    expect(await expireApprovals(site.workplace.db, site.clock)).toBe(0)
    expect(await read(admin, over)).toMatchObject({ status: 'expired', decidedBy: null, expiresAt: null })
    expect((await read(admin, nearly)).status).toBe('open')
    expect(await codeOf(decide(compliance, over))).toBe('approval_expired')
    expect(await codeOf(admin.send('DELETE', `/api/approvals/${over}`))).toBe('approval_expired')
    const decided = (await compliance.get('/api/approvals?view=decided')).json.rows
    expect(decided.find((one: { id: string }) => one.id === over)).toMatchObject({ status: 'expired' })
    const [entry] = (await auditEntries(site.database.db, site.workplace.keys, 'expireProposal')).slice(-1)
    expect(entry).toMatchObject({ who: 'strata', nounId: over, after: { kind: 'role', subject: 'role lateRole' } })
    await proposeRole(admin, 'lateRole')
  })

  test('is nobody else’s to see', async () => {
    const id = await proposeRole()
    const teller = await site.person('teller', top())
    expect(await codeOf(teller.get(`/api/approvals/${id}`))).toBe('not_found')
    expect((await teller.get('/api/approvals?view=decided')).json.rows).toEqual([])
  })
})

/** What is listed as to check, after holding each and the count against what may be decided. */
async function toCheck(by: Pick<Person, 'get'>): Promise<string[]> {
  const { rows, toCheck: count } = (await by.get('/api/approvals?limit=200')).json
  expect(rows.filter((row: { mayDecide: boolean }) => !row.mayDecide)).toEqual([])
  expect(count).toBe(rows.length)
  return rows.map((row: { id: string }) => row.id)
}

describe('nobody checks their own', () => {
  test('neither oneself, nor by a key, nor by a second sign-in', async () => {
    const [staff] = bank.managers
    const first = await site.person('administrator', top(), staff)
    const second = await site.person('complianceOfficer', top(), staff)
    const id = await proposeRole(first)
    expect(await codeOf(decide(first, id))).toBe('own_proposal')
    expect(await codeOf(decide(second, id))).toBe('own_proposal')
    expect(await toCheck(second)).not.toContain(id)
    expect(await toCheck(compliance)).toContain(id)
    const { token } = (await compliance.send('POST', '/api/keys', { name: 'robot', days: 1 })).json
    const answer = await site.ask({
      method: 'POST',
      url: `/api/approvals/${id}/decide`,
      headers: { authorization: `Bearer ${token}` },
      payload: { decision: 'approved' },
    })
    expect(answer.json.code).toBe('check_needs_person')
    const byKey = (url: string) => site.ask({ url, headers: { authorization: `Bearer ${token}` } })
    expect(await toCheck({ get: byKey })).toEqual([])
    expect((await decide(compliance, id)).json.status).toBe('approved')
  })

  test('not what changes their own rights', async () => {
    const post = { login: compliance.name, role: 'auditor', unit: 'U1', from: '2026-11-02' }
    const { json } = await admin.send('POST', '/api/posts', {
      change: { kind: 'post', action: 'give', ...post },
      reason,
    })
    expect((await compliance.get('/api/approvals')).json.rows.map((row: { id: string }) => row.id)).not.toContain(
      json.id,
    )
    expect(await codeOf(decide(compliance, json.id))).toBe('own_proposal')
    const other = await site.person('administrator', top(), bank.managers[1])
    expect((await decide(other, json.id)).json.status).toBe('approved')
  })

  test('not by a delegation back to them, nor through whom they stand in for', async () => {
    const atBranch = await site.person('complianceOfficer', branch())
    const days = { fromDay: '2026-11-01', toDay: '2026-11-05', reason: '休假' }
    expect((await compliance.send('POST', '/api/delegations', { to: admin.name, ...days })).status).toBe(200)
    const own = await proposeRole(admin)
    expect(await codeOf(decide(admin, own))).toBe('own_proposal')
    // The colleague's own post does not cover the head office, and the administrator's own proposal is no delegate's.
    const given = (await admin.send('POST', '/api/delegations', { to: atBranch.name, ...days })).json
    expect(await codeOf(decide(atBranch, own))).toBe('own_proposal')
    expect(await toCheck(atBranch)).not.toContain(own)
    await admin.send('DELETE', `/api/delegations/${given.id}`)
    expect(await codeOf(decide(atBranch, own))).toBe('not_found')
  })
})

describe('delegation', () => {
  test('covers what the absent one covers, for its days, and says in whose place', async () => {
    const standIn = await site.person('riskOfficer', branch())
    const id = await proposeRole()
    expect(await codeOf(decide(standIn, id))).toBe('not_found')
    const body = { to: standIn.name, fromDay: '2026-11-03', toDay: '2026-11-05', reason: '休假' }
    const { json } = await compliance.send('POST', '/api/delegations', body)
    expect(await codeOf(decide(standIn, id)), 'the day before').toBe('not_found')
    try {
      site.clock.set('2026-11-04T02:00:00.000Z')
      await refresh(standIn)
      expect((await standIn.get('/api/approvals')).json.rows.map((row: { id: string }) => row.id)).toContain(id)
      expect((await decide(standIn, id)).json).toMatchObject({
        status: 'approved',
        inPlaceOf: { login: compliance.name },
      })
    } finally {
      site.clock.set('2026-11-02T02:00:00.000Z')
    }
    expect((await standIn.get('/api/delegations')).json.rows[0]).toMatchObject({ id: json.id, isMine: false })
    expect(await codeOf(standIn.send('DELETE', `/api/delegations/${json.id}`))).toBe('not_found')
    const given = await auditEntries(site.workplace.db, site.workplace.keys, 'delegate')
    const trail = given.filter(({ nounId }) => nounId === String(json.id))
    expect(trail).toMatchObject([{ noun: 'delegation', reason: '休假' }])
  })

  test('goes to a colleague who checks, and for a while only', async () => {
    const teller = await site.person('teller', top())
    const days = { fromDay: '2026-11-02', toDay: '2026-11-09', reason: '休假' }
    const asked = (body: object) =>
      codeOf(compliance.send('POST', '/api/delegations', { to: admin.name, ...days, ...body }))
    expect(await asked({ to: teller.name })).toBe('input_invalid')
    expect(await asked({ to: compliance.name })).toBe('input_invalid')
    expect(await asked({ to: 'nobody' })).toBe('not_found')
    expect(await asked({ toDay: '2026-11-02' })).toBe('input_invalid')
    expect(await asked({ toDay: '2027-03-01' })).toBe('input_invalid')
    const { colleagues } = (await compliance.get('/api/delegations')).json
    const names = colleagues.map((one: { login: string }) => one.login)
    expect(names).toContain(admin.name)
    expect(names).not.toContain(teller.name)
  })
})

/** Sessions end after an hour without a request: another day needs another sign-in. */
async function refresh(person: Person): Promise<void> {
  const reply = await site.app.inject({
    method: 'POST',
    url: '/api/session',
    payload: { name: person.name, password: 'correct horse battery' },
  })
  const cookie = `strata_session=${reply.cookies[0]?.value}`
  person.get = (url) => site.ask({ method: 'GET', url, headers: { cookie } })
  person.send = (method, url, body) => site.ask({ method, url, headers: { cookie }, payload: body as object })
}

describe('posts and walls', () => {
  test('a post is given and ended, and holds at once', async () => {
    const teller = await site.person('teller', outlet())
    const give = { kind: 'post', action: 'give', login: teller.name, role: 'analyst', unit: 'U1', from: '2026-11-02' }
    const { json } = await admin.send('POST', '/api/posts', { change: give, reason })
    expect((await teller.get('/api/nights')).status).toBe(403)
    const row = (await compliance.get(`/api/approvals/${json.id}`)).json
    expect(row.differences).toEqual([{ field: 'analyst @ U1', before: null, after: '2026-11-02 –' }])
    await decide(compliance, json.id)
    expect((await teller.get('/api/nights')).status).toBe(200)
    expect(await codeOf(admin.send('POST', '/api/posts', { change: give, reason }))).toBe('input_invalid')
    const post = (await admin.get(`/api/posts?login=${teller.name}&role=analyst`)).json.rows[0]
    const end = { kind: 'post', action: 'end', post: post.id, to: '2026-11-02' }
    const ended = (await admin.send('POST', '/api/posts', { change: end, reason })).json
    await decide(compliance, ended.id)
    expect((await teller.get('/api/nights')).status).toBe(403)
  })

  test('an administrator of a branch proposes and checks for the branch only', async () => {
    const local = await site.person('administrator', branch())
    const teller = await site.person('teller', outlet())
    const give = (unit: string) => ({
      kind: 'post',
      action: 'give',
      login: teller.name,
      role: 'lobbyManager',
      unit,
      from: '2026-11-02',
    })
    expect(await codeOf(local.send('POST', '/api/posts', { change: give('U2'), reason }))).toBe('permission_missing')
    const { json } = await local.send('POST', '/api/posts', { change: give('U3'), reason })
    const elsewhere = await site.person('complianceOfficer', otherBranch())
    expect(await codeOf(decide(elsewhere, json.id))).toBe('not_found')
    const here = await site.person('complianceOfficer', branch())
    expect((await decide(here, json.id)).json.status).toBe('approved')
    expect(
      (await local.get('/api/posts')).json.rows.every((row: { unit: { code: string } }) =>
        ['U1', 'U3', 'U4'].includes(row.unit.code),
      ),
    ).toBe(true)
  })

  test('the last who can change rights, or check it, stays', async () => {
    await query(
      `update post set to_day = '2026-11-02' where role = 'administrator' and login_id not in
      (select id from login where name = $1)`,
      [admin.name],
    )
    const [own] = await query(`select p.id from post p join login l on l.id = p.login_id where l.name = $1`, [
      admin.name,
    ])
    const end = { kind: 'post', action: 'end', post: own.id, to: '2026-11-02' }
    expect(await codeOf(admin.send('POST', '/api/access/rehearse', { change: end }))).toBe('last_administrator')
    const { json } = await admin.send('POST', '/api/posts', { change: end, reason })
    expect(await codeOf(decide(compliance, json.id))).toBe('last_administrator')
    await admin.send('DELETE', `/api/approvals/${json.id}`)
    const change = {
      kind: 'role',
      code: 'administrator',
      zh: '管理员',
      en: 'Administrator',
      customers: 'none',
      permissions: [],
    }
    const role = (await admin.send('POST', '/api/roles', { change, reason })).json
    expect(await codeOf(decide(compliance, role.id))).toBe('last_administrator')
  })

  test('a wall hides from its first day, and no longer after it was ended', async () => {
    const manager = await site.person('branchManager', branch())
    const seen = async () => (await manager.get('/api/customers/count')).json.customers
    const before = await seen()
    const draw = { kind: 'wall', action: 'draw', name: '机构业务', around: 'U3', against: 'U0', from: '2026-11-02' }
    const rehearsed = (await admin.send('POST', '/api/access/rehearse', { change: draw })).json
    const { json } = await admin.send('POST', '/api/walls', { change: draw, reason })
    expect(await seen()).toBe(before)
    await decide(compliance, json.id)
    const lost = before - (await seen())
    expect(lost).toBeGreaterThan(0)
    expect(rehearsed.people.find((one: { login: string }) => one.login === manager.name)).toMatchObject({
      customersBefore: bank.customers.filter((one) => [1, 3, 4].map((i) => bank.units[i]?.id).includes(one.unit))
        .length,
      customersLost: lost,
      customersGained: 0,
    })
    const inside = { ...draw, against: 'U3' }
    expect(await codeOf(admin.send('POST', '/api/walls', { change: inside, reason }))).toBe('input_invalid')
    const [wall] = (await admin.get('/api/walls')).json.rows
    expect(wall).toMatchObject({ name: '机构业务', stands: true, toDay: null })
    const end = { kind: 'wall', action: 'end', wall: wall.id, to: '2026-11-02' }
    await decide(compliance, (await admin.send('POST', '/api/walls', { change: end, reason })).json.id)
    expect(await seen()).toBe(before)
  })
})
