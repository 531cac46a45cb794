/** Who sees what: the explanation says what the rules do, names its rule, and tells nothing of the customer. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeBreakGlass } from '../src/access/break-glass.ts'
import { reaches, reachOf } from '../src/access/reach.ts'
import { sightByPost } from '../src/access/sight.ts'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { parseCsv } from './support/csv.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

test('over random posts and walls, a customer is visible exactly where some post is said to show it', () => {
  const units = fc.subarray([1, 2, 3, 4, 5, 6], { minLength: 1 })
  const place = fc.record({
    unitId: fc.integer({ min: 1, max: 6 }),
    subtree: fc.option(units),
    customers: fc.constantFrom('none' as const, 'book' as const, 'subtree' as const),
    crossesWalls: fc.boolean(),
    reads: fc.boolean(),
  })
  const wall = fc.record({ name: fc.constant('w'), around: units, against: units })
  const customer = fc.record({ unitId: fc.integer({ min: 1, max: 6 }), isOwn: fc.boolean() })
  fc.assert(
    fc.property(fc.array(place, { maxLength: 4 }), fc.array(wall, { maxLength: 3 }), customer, (places, walls, who) => {
      const said = places.some((one) => sightByPost(one, who, walls).visible)
      const reach = reachOf(
        places.filter((one) => one.reads),
        walls,
      )
      expect(said).toBe(reaches(reach, who))
    }),
    { numRuns: 2000, seed: 7 },
  )
})

describe('over the API', () => {
  let site: TestSite
  let bank: SmallBank
  let admin: Person
  const unitId = (index: number) => bank.units[index]?.id ?? 0
  const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows
  const explained = async (login: string, customer: string, by = admin) =>
    (await by.get(`/api/access/explain?login=${login}&customer=${customer}`)).json
  const someoneAt = (index: number) => bank.customers.find((one) => one.unit === unitId(index))?.customerNo ?? ''

  beforeAll(async () => {
    site = await testSite()
    bank = await smallBank(site.workplace.db, site.workplace.keys)
    admin = await site.person('administrator', unitId(0))
  })
  afterAll(() => site.close())

  test('each rule is named', async () => {
    const teller = await site.person('teller', unitId(1))
    const manager = await site.person('relationshipManager', unitId(1), bank.managers[0])
    const chief = await site.person('complianceOfficer', unitId(0))
    await query(`insert into wall (name, around_id, against_id) values ('机构业务', $1, $2)`, [unitId(4), unitId(0)])
    const own = bank.customers.find((one) => one.rm === bank.managers[0] && one.unit !== unitId(4))?.customerNo ?? ''
    const others = bank.customers.find((one) => one.rm !== bank.managers[0])?.customerNo ?? ''
    const rule = async (login: string, no: string) => {
      const { visible, posts } = await explained(login, no)
      return [visible, posts[0].rule, posts[0].wall]
    }
    expect(await rule(teller.name, someoneAt(3))).toEqual([true, 'subtree', null])
    expect(await rule(teller.name, someoneAt(2))).toEqual([false, 'elsewhere', null])
    expect(await rule(teller.name, someoneAt(4))).toEqual([false, 'wall', '机构业务'])
    expect(await rule(chief.name, someoneAt(4))).toEqual([true, 'bank', '机构业务'])
    expect(await rule(manager.name, own)).toEqual([true, 'book', null])
    expect(await rule(manager.name, others)).toEqual([false, 'otherBook', null])
    expect(await rule(admin.name, own)).toEqual([false, 'noReading', null])
    await query(
      `insert into access_grant (login_id, party_id, from_at, to_at, granted_by, reason)
       select l.id, p.id, '2026-11-01', '2026-11-03', g.id, '来访' from login l, party p, login g
       where l.name = $1 and p.customer_no = $2 and g.name = $3`,
      [teller.name, someoneAt(2), admin.name],
    )
    expect(await explained(teller.name, someoneAt(2))).toMatchObject({
      visible: true,
      grants: [{ state: 'holds', reason: '来访' }],
      fields: expect.arrayContaining([
        { field: 'contact', rule: 'masked', posts: [expect.objectContaining({ read: 'masked', decides: true })] },
        { field: 'money', rule: 'clear', posts: [expect.objectContaining({ read: 'clear', decides: true })] },
      ]),
    })
    const hidden = await explained(teller.name, someoneAt(4))
    expect(new Set(hidden.fields.map((one: { rule: string }) => one.rule))).toEqual(new Set(['hidden']))
  })

  test('it agrees with what the person then gets, and says nothing of the customer', async () => {
    const people = [await site.person('outletManager', unitId(2)), await site.person('riskOfficer', unitId(1))]
    for (const person of people) {
      for (const { customerNo, name, phone } of bank.customers) {
        const answer = await admin.get(`/api/access/explain?login=${person.name}&customer=${customerNo}`)
        const opened = await person.get(`/api/customers/${customerNo}`)
        expect([customerNo, answer.json.visible]).toEqual([customerNo, opened.status === 200])
        expect(answer.text).not.toContain(name)
        expect(answer.text).not.toContain(phone)
      }
    }
  })

  test('whoever cannot sign in sees nothing now, and it is said why', async () => {
    const outlet = await site.person('outletManager', unitId(1))
    const stands = async () => {
      const { visible, person, posts } = await explained(outlet.name, someoneAt(3))
      const { state } = (await admin.get(`/api/access/people/${outlet.name}`)).json
      return [visible, person.state, state, posts.map((post: { visible: boolean }) => post.visible)]
    }
    expect(await stands()).toEqual([true, 'active', 'active', [true]])
    await query(
      `insert into login_lock (login_id, locked_at, locked_by, reason)
       select l.id, now(), b.id, '设备遗失' from login l, login b where l.name = $1 and b.name = $2`,
      [outlet.name, admin.name],
    )
    expect(await stands()).toEqual([false, 'locked', 'locked', [true]])
    await query('update login set disabled_at = now() where name = $1', [outlet.name])
    expect(await stands()).toEqual([false, 'disabled', 'disabled', []])
  })

  test('whoever answers for a branch explains its people and its customers only', async () => {
    const local = await site.person('administrator', unitId(1))
    const [teller, elsewhere] = [await site.person('teller', unitId(1)), await site.person('teller', unitId(2))]
    expect((await explained(teller.name, someoneAt(3), local)).visible).toBe(true)
    expect((await explained(teller.name, someoneAt(2), local)).code).toBe('not_found')
    expect((await explained(elsewhere.name, someoneAt(3), local)).code).toBe('not_found')
    expect((await local.get(`/api/access/people/${elsewhere.name}`)).json.code).toBe('not_found')
  })

  test('people are read page by page and looked for by name, role or unit; a break-glass account is one of them', async () => {
    const compliance = await site.person('complianceOfficer', unitId(0))
    for (const role of ['teller', 'lobbyManager', 'callCentreAgent'] as const) await site.person(role, unitId(2))
    await makeBreakGlass(site.workplace.db, site.clock, { name: 'Emergency', hours: 2, days: 90 })
    const list = async (query: string) => (await compliance.get(`/api/access/people?${query}`)).json
    const logins = ({ rows }: { rows: { login: string }[] }) => rows.map(({ login }) => login)
    const all = await list('limit=500')
    expect(all.next).toBeNull()
    expect(all.rows).toContainEqual(expect.objectContaining({ login: 'emergency', kind: 'breakGlass' }))
    const paged: string[] = []
    let cursor = ''
    do {
      const page = await list(`limit=2${cursor && `&cursor=${cursor}`}`)
      expect(page.rows.length).toBeLessThanOrEqual(2)
      paged.push(...logins(page))
      cursor = page.next ?? ''
    } while (cursor)
    expect(paged).toEqual(logins(all))
    expect(new Set(paged).size).toBeGreaterThan(4)
    expect(logins(await list(`q=${encodeURIComponent('LOBBYMANAGER-')}`))).toEqual([`lobbymanager-${unitId(2)}-none`])
    expect(logins(await list(`q=${encodeURIComponent('call centre')}`))).toEqual([`callcentreagent-${unitId(2)}-none`])
    expect(logins(await list(`q=${encodeURIComponent('%')}`))).toEqual([])
    expect((await list('cursor=WzFd')).code).toBe('cursor_invalid')
  })

  test('the report counts what the person sees, and is marked until the rights change', async () => {
    const compliance = await site.person('complianceOfficer', unitId(0))
    const manager = await site.person('outletManager', unitId(2))
    const report = (await compliance.get(`/api/access/people/${manager.name}`)).json
    const seen = (await manager.get('/api/customers/count')).json.customers
    expect(report).toMatchObject({ customers: seen, review: null, keys: 0, posts: [{ unit: { code: 'U2' } }] })
    expect(report.lastSignInAt, 'by the bank’s clock').toBe('2026-11-02T02:00:00.000Z')
    expect(report.walls).toEqual([expect.objectContaining({ name: '机构业务', crossed: false })])
    const marked = (await compliance.send('POST', `/api/access/people/${manager.name}/review`, { note: '年度复审' }))
      .json
    expect(marked).toMatchObject({ by: { login: compliance.name }, note: '年度复审', changedSince: false })
    expect(await query(`select reason from audit_entry where action = 'reviewRights'`)).toHaveLength(1)
    expect((await compliance.send('POST', `/api/access/people/${compliance.name}/review`, {})).json.code).toBe(
      'own_proposal',
    )
    await query(`insert into post (login_id, role, unit_id) select id, 'teller', $2 from login where name = $1`, [
      manager.name,
      unitId(3),
    ])
    const csv = parseCsv((await compliance.get('/api/access/people.csv')).text).find(
      (row) => row.用户名 === manager.name,
    )
    expect(csv).toMatchObject({
      复审人: compliance.name,
      复审后有变更: '是',
      可见客户数: expect.stringMatching(/^\d+$/),
    })
  })
})
