/** Who may change whose sign-in, and what a change must leave. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ShippedRoleCode } from '../src/access/roles.ts'
import { bySingleSignOn } from '../src/access/single-sign-on-login.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank

const person = (role: ShippedRoleCode, unit = 0) => site.person(role, bank.units[unit]?.id ?? 0)
const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows
const idOf = async ({ name }: Person) => (await query('select id from login where name = $1', [name]))[0]?.id as number

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 8 })
})
afterAll(() => site.close())

test('an administrator of a branch changes and sees nobody’s sign-in, for a user is the bank’s', async () => {
  const branch = await person('administrator', 1)
  const id = await idOf(await person('complianceOfficer'))
  const asked = await Promise.all([
    branch.get('/api/users'),
    branch.get(`/api/users/${id}`),
    branch.get('/api/security-alerts'),
    branch.send('POST', `/api/users/${id}/password`),
    branch.send('DELETE', `/api/users/${id}/second-factor`),
    branch.send('POST', `/api/users/${id}/lock`, { reason: '离岗' }),
    branch.send('DELETE', `/api/users/${id}/sessions`),
    branch.send('POST', '/api/users', { name: 'friend', displayName: '朋友' }),
    branch.get('/api/sign-in/roles'),
    branch.send('POST', '/api/sign-in/roles/teller', { needed: false }),
  ])
  expect(asked.map(({ status, json }) => [status, json.code])).toEqual(asked.map(() => [403, 'head_office_only']))
})

describe('a checker whose password or second factor an administrator sets', () => {
  const alerts = async (by: Person) =>
    (await by.get('/api/security-alerts')).json.rows.filter((row: { kind: string }) => row.kind === 'checkerReset')

  test('is told of by an alert, also one who is locked meanwhile', async () => {
    const admin = await person('administrator')
    const officer = await person('riskOfficer')
    const id = await idOf(officer)
    expect((await admin.send('POST', `/api/users/${id}/password`)).status).toBe(200)
    expect(await alerts(admin)).toMatchObject([{ about: `login:${id}`, times: 1, login: { name: officer.name } }])
    await admin.send('POST', `/api/users/${id}/lock`, { reason: '离岗' })
    expect((await admin.send('DELETE', `/api/users/${id}/second-factor`)).status).toBe(200)
    expect(await alerts(admin)).toMatchObject([{ about: `login:${id}`, times: 2 }])
  })

  test('and nobody is told of a teller', async () => {
    const admin = await person('administrator')
    const before = await alerts(admin)
    await admin.send('POST', `/api/users/${await idOf(await person('teller'))}/password`)
    expect(await alerts(admin)).toEqual(before)
  })
})

test('nobody is made whose book is somebody else’s already', async () => {
  const admin = await person('administrator')
  const [{ code }] = await query('select code from staff where left_on is null order by id limit 1')
  const make = (name: string) => admin.send('POST', '/api/users', { name, displayName: '同事', staff: code })
  expect((await make('first')).status).toBe(201)
  const second = await make('someone.else')
  expect([second.status, second.json.code, second.json.detail]).toEqual([
    409,
    'staff_taken',
    expect.stringContaining('first'),
  ])
  await query(`update login set disabled_at = now() where name = 'first'`)
  expect((await make('someone.else')).status).toBe(201)
})

test('whoever signs in at the bank’s own sign-on gets no password here, also before the first time', async () => {
  const admin = await person('administrator')
  const [made] = await query(
    `insert into login (name, display_name, password_hash) values ('newcomer', '新同事', $1) returning id`,
    [bySingleSignOn],
  )
  const set = await admin.send('POST', `/api/users/${made.id}/password`)
  expect([set.status, set.json.code]).toEqual([409, 'password_elsewhere'])
})

describe('a program with a post at two units', () => {
  test('gets of its maker what the maker holds at both', async () => {
    const [made] = await query(
      `insert into login (name, display_name, password_hash, kind) values ('two.posts', '核心', 'none', 'program') returning id`,
    )
    await query(
      `insert into role (code, name_zh, name_en, customers, permissions)
       values ('steward2', '上传', 'Uploads', 'none', '{programs.manage,keys.own,loads.upload,quality.read}'),
         ('reader2', '读', 'Reads', 'none', '{programs.manage,keys.own,quality.read}')`,
    )
    const units = [bank.units[1]?.id, bank.units[2]?.id]
    await query(`insert into post (login_id, role, unit_id) values ($1, 'steward2', $2), ($1, 'steward2', $3)`, [
      made.id,
      ...units,
    ])
    const steward = await site.person('dataSteward', units[0] ?? 0)
    await query(`delete from post where login_id = (select id from login where name = $1)`, [steward.name])
    await query(`insert into post (login_id, role, unit_id) select id, 'steward2', $2 from login where name = $1`, [
      steward.name,
      units[0],
    ])
    await query(`insert into post (login_id, role, unit_id) select id, 'reader2', $2 from login where name = $1`, [
      steward.name,
      units[1],
    ])
    const shown = (await steward.get('/api/programs')).json.rows
    const two = shown.find((row: { name: string }) => row.name === 'two.posts')
    expect([...two.grantable].sort()).toEqual(['keys.own', 'programs.manage', 'quality.read'])
    const more = { name: 'k', days: 1, program: 'two.posts', scopes: ['loads.upload'] }
    expect((await steward.send('POST', '/api/keys', more)).json.code).toBe('scope_beyond')
    const fits = { ...more, scopes: ['quality.read'] }
    expect((await steward.send('POST', '/api/keys', fits)).status).toBe(201)
  })
})

test('a person and all their keys share one hourly limit', async () => {
  const manager = await person('branchManager', 1)
  const bearer = async (name: string) => {
    const made = await manager.send('POST', '/api/keys', { name, days: 1 })
    return { authorization: `Bearer ${made.json.token}` }
  }
  const [one, two] = [await bearer('one'), await bearer('two')]
  const url = '/api/customers/export?format=csv'
  for (let i = 0; i < 15; i++) expect((await manager.get(url)).status).toBe(200)
  for (let i = 0; i < 15; i++) expect((await site.ask({ method: 'GET', url, headers: one })).status).toBe(200)
  for (const headers of [two, one]) {
    const more = await site.ask({ method: 'GET', url, headers })
    expect([more.status, more.json.code]).toEqual([429, 'volume_unusual'])
  }
  expect((await manager.get(url)).json.code).toBe('volume_unusual')
})

test('the last who could change and check rights is not locked', async () => {
  const admin = await person('administrator')
  const id = await idOf(admin)
  await query(`insert into role (code, name_zh, name_en, customers, permissions)
    values ('userDesk', '用户管理', 'User desk', 'none', '{users.read,users.manage}')`)
  const desk = await person('auditor')
  await query(`update post set role = 'userDesk' where login_id = $1`, [await idOf(desk)])
  await query(`delete from post where role in ('administrator', 'complianceOfficer') and login_id <> $1`, [id])
  const last = await desk.send('POST', `/api/users/${id}/lock`, { reason: '离岗' })
  expect([last.status, last.json.code]).toEqual([409, 'last_administrator'])
  const [made] = await query(
    `with made as (insert into login (name, display_name, password_hash) values ('second', '副手', 'none') returning id)
     insert into post (login_id, role, unit_id) select id, 'administrator', $1 from made returning login_id`,
    [bank.units[0]?.id],
  )
  // One who is locked cannot govern
  await desk.send('POST', `/api/users/${made.login_id}/lock`, { reason: '休假' })
  expect((await desk.send('POST', `/api/users/${id}/lock`, { reason: '离岗' })).json.code).toBe('last_administrator')
  await desk.send('POST', `/api/users/${made.login_id}/unlock`)
  expect((await desk.send('POST', `/api/users/${id}/lock`, { reason: '离岗' })).status).toBe(200)
})

test('two who lock one another at once do not leave nobody', async () => {
  const pair = await Promise.all([3, 4].map((unit) => person('complianceOfficer', unit)))
  const ids = await Promise.all(pair.map(idOf))
  await query(
    `delete from post where login_id <> all($1) and role in ('administrator', 'complianceOfficer', 'userDesk')`,
    [ids],
  )
  await query('delete from login_lock')
  await query(`update post set role = 'administrator', unit_id = $2 where login_id = any($1)`, [ids, bank.units[0]?.id])
  const lock = (by: Person | undefined, id: number | undefined) =>
    by?.send('POST', `/api/users/${id}/lock`, { reason: '离岗' })
  for (let round = 0; round < 5; round++) {
    await query('delete from login_lock')
    const done = await Promise.all([lock(pair[0], ids[1]), lock(pair[1], ids[0])])
    expect(done.filter((answer) => answer?.status === 200).length).toBeLessThan(2)
  }
})
