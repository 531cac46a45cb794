/** The rights of a role to fields: changed by two people, rehearsed, explained, reported; and which facts it edits. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let admin: Person
let compliance: Person
let outlet: Person

const reason = '年度权限调整'
const no = '200000001'
const factsUrl = `/api/customers/${no}/facts`
const top = () => bank.units[0]?.id ?? 0
const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  admin = await site.person('administrator', top())
  compliance = await site.person('complianceOfficer', top())
  outlet = await site.person('outletManager', top())
})
afterAll(() => site.close())

interface Role {
  code: string
  zh: string
  en: string
  customers: string
  permissions: string[]
  fields: Record<string, string>
  edits: string[]
}

const role = async (code: string): Promise<Role> =>
  (await admin.get('/api/roles')).json.rows.find((one: Role) => one.code === code)

/** The role as it is, with `changes`; its rights to fields only where those name them. */
async function changeOf(code: string, changes: object) {
  const { zh, en, customers, permissions } = await role(code)
  return { kind: 'role', code, zh, en, customers, permissions, ...changes }
}

async function change(code: string, changes: object) {
  const { json } = await admin.send('POST', '/api/roles', { change: await changeOf(code, changes), reason })
  const { differences } = (await compliance.get(`/api/approvals/${json.id}`)).json
  const decided = await compliance.send('POST', `/api/approvals/${json.id}/decide`, { decision: 'approved' })
  expect(decided.json.status).toBe('approved')
  return differences
}

const edit = async (by: Person, facts: object) => {
  const { version } = (await by.get(factsUrl)).json
  return by.send('POST', factsUrl, { version, reason: '客户来电', ...facts })
}

describe('a change of a role', () => {
  test('says of each group what was and what will be, and holds once it is approved', async () => {
    const before = await outlet.get(`/api/customers/${no}`)
    expect(before.json.phone).toBe('139****0001')
    const differences = await change('outletManager', { fields: { contact: 'hidden' }, edits: ['phone', 'occupation'] })
    expect(differences).toHaveLength(3)
    expect(differences).toEqual(
      expect.arrayContaining([
        { field: 'fields.contact', before: 'masked', after: 'hidden' },
        { field: 'edits', before: 'address', after: null },
        { field: 'edits', before: 'email', after: null },
      ]),
    )
    expect((await outlet.get(`/api/customers/${no}`)).json.phone).toBeNull()
    expect((await role('outletManager')).edits).toEqual(['phone', 'occupation'])
    expect(await change('outletManager', { fields: { contact: 'masked' } })).toHaveLength(1)
    expect((await outlet.get(`/api/customers/${no}`)).json.phone).toBe('139****0001')
  })

  test('leaves alone what it does not name, so that nothing hidden opens by being left out', async () => {
    expect((await role('lobbyManager')).fields.money).toBe('hidden')
    expect(await change('lobbyManager', { zh: '大堂值班经理' })).toEqual([
      { field: 'zh', before: '大堂经理', after: '大堂值班经理' },
    ])
    expect((await role('lobbyManager')).fields.money).toBe('hidden')
    expect((await role('outletManager')).edits).toEqual(['phone', 'occupation'])
  })

  test('takes no group, no way of reading and no fact that there is not', async () => {
    for (const wrong of [{ fields: { contact: 'open' } }, { edits: ['identityNo'] }]) {
      const body = { change: await changeOf('teller', wrong), reason }
      expect((await admin.send('POST', '/api/roles', body)).json.code).toBe('input_invalid')
    }
  })

  test('is rehearsed: who reads what more and less openly, and edits more and less', async () => {
    const given = { fields: { money: 'hidden', name: 'clear' }, edits: ['email', 'occupation'] }
    const rehearsed = { change: await changeOf('outletManager', given) }
    const { people } = (await admin.send('POST', '/api/access/rehearse', rehearsed)).json
    expect(people).toEqual([
      expect.objectContaining({
        login: outlet.name,
        customersLost: 0,
        permissionsLost: [],
        fieldsGained: [{ field: 'name', before: 'masked', after: 'clear' }],
        fieldsLost: [{ field: 'money', before: 'clear', after: 'hidden' }],
        editsGained: ['email'],
        editsLost: ['phone'],
      }),
    ])
    expect((await role('outletManager')).fields.money).toBe('clear')
  })
})

describe('editing', () => {
  test('every role that edits does so on all facts as shipped', async () => {
    for (const code of ['relationshipManager', 'dataSteward']) {
      expect((await role(code)).edits).toEqual(['phone', 'email', 'address', 'occupation'])
    }
  })

  test('a fact that no role of one’s posts names is neither edited nor restored', async () => {
    await change('outletManager', { edits: ['phone', 'occupation'] })
    const steward = await site.person('dataSteward', top())
    expect((await edit(steward, { email: 'new@example.com' })).status).toBe(200)
    expect((await outlet.get('/api/session')).json.edits).toEqual(['phone', 'occupation'])
    expect((await edit(outlet, { phone: '13711112222' })).status).toBe(200)
    const refused = await edit(outlet, { phone: '13711113333', email: 'other@example.com' })
    expect([refused.status, refused.json.code, refused.json.params]).toEqual([
      403,
      'field_not_editable',
      { field: 'email' },
    ])
    const { facts, version, changes } = (await outlet.get(factsUrl)).json
    expect(facts.phone, 'nothing of a refused edit is kept').toBe('137****2222')
    const entry = changes.find((one: { fields: { field: string }[] }) => one.fields[0]?.field === 'email').entry
    const back = { version, reason: '误改', entry, field: 'email' }
    expect((await outlet.send('POST', `${factsUrl}/restore`, back)).json.code).toBe('field_not_editable')
    expect((await steward.send('POST', `${factsUrl}/restore`, back)).status).toBe(200)
  })

  test('a fact that is hidden is not edited, whatever the role names', async () => {
    await change('outletManager', { fields: { contact: 'hidden' } })
    expect((await outlet.get('/api/session')).json.edits).toEqual(['occupation'])
    expect((await edit(outlet, { phone: '13711113333' })).json.code).toBe('field_hidden')
    await change('outletManager', { fields: { contact: 'masked' } })
  })

  test('another post that edits widens it; one that does not edit does not', async () => {
    const give = (code: string) =>
      query(`insert into post (login_id, role, unit_id) select id, $2, $3 from login where name = $1`, [
        outlet.name,
        code,
        top(),
      ])
    await give('analyst')
    expect((await edit(outlet, { address: '江州市临江区某路 1 号' })).json.code).toBe('field_not_editable')
    await give('dataSteward')
    expect((await edit(outlet, { address: '江州市临江区某路 1 号' })).status).toBe(200)
    await query(`delete from post where role = 'dataSteward' and login_id = (select id from login where name = $1)`, [
      outlet.name,
    ])
  })
})

describe('explained', () => {
  const explained = async (login: string) => (await admin.get(`/api/access/explain?login=${login}&customer=${no}`)).json
  const of = (rows: { field: string }[], field: string) => rows.find((one) => one.field === field)

  test('which post opens a group and which hides it; which facts can be edited, or why not', async () => {
    await change('outletManager', { fields: { money: 'hidden' } })
    const { fields, edits } = await explained(outlet.name)
    expect(of(fields, 'money')).toMatchObject({
      rule: 'clear',
      posts: [
        { role: { code: 'outletManager' }, unit: { code: bank.units[0]?.code }, read: 'hidden', decides: false },
        { role: { code: 'analyst' }, read: 'clear', decides: true },
      ],
    })
    expect(of(edits, 'phone')).toMatchObject({ rule: 'editable', posts: [{ role: { code: 'outletManager' } }] })
    expect(of(edits, 'email')).toEqual({ field: 'email', rule: 'notNamed', posts: [] })
    await change('outletManager', { fields: { money: 'clear', contact: 'hidden' } })
    await change('analyst', { fields: { contact: 'hidden' } })
    expect(of((await explained(outlet.name)).edits, 'phone')).toMatchObject({ rule: 'groupHidden' })
    await change('analyst', { fields: { contact: 'masked' } })
    await change('outletManager', { fields: { contact: 'masked' } })
    const reader = await site.person('teller', top())
    expect(of((await explained(reader.name)).edits, 'phone')).toEqual({ field: 'phone', rule: 'noEditing', posts: [] })
    const nobody = await explained(admin.name)
    expect(of(nobody.fields, 'money')).toEqual({ field: 'money', rule: 'hidden', posts: [] })
  })

  test('the report of a person says it too, and a review is overtaken when it changes', async () => {
    const url = `/api/access/people/${outlet.name}`
    await compliance.send('POST', `${url}/review`, {})
    const report = (await compliance.get(url)).json
    expect(of(report.edits, 'phone')).toMatchObject({ roles: [{ code: 'outletManager' }] })
    expect(of(report.edits, 'email')).toBeUndefined()
    expect(of(report.fields, 'money')).toMatchObject({ rule: 'clear', roles: [{}, {}] })
    expect(report.review.changedSince).toBe(false)
    await change('outletManager', { edits: ['occupation'] })
    expect((await compliance.get(url)).json.review.changedSince).toBe(true)
  })
})
