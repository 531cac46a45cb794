/** The organisation edited: what belongs to a unit goes with it, every day keeps its tree, and a rehearsal tells the truth. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadFile } from '../src/nightly/requests.ts'
import { type Answer, type Person, type TestSite, testSite } from './support/api.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
let admin: Person
let compliance: Person

const reason = '机构调整'
const unitId = (index: number) => bank.units[index]?.id ?? 0
const query = async (text: string, values: unknown[] = []) => (await site.database.db.owner.query(text, values)).rows

beforeAll(async () => {
  site = await testSite()
  // Head office, branches U1 and U2, outlets U3 and U4 below U1, U5 and U6 below U2
  bank = await smallBank(site.workplace.db, site.workplace.keys)
  admin = await site.person('administrator', unitId(0))
  compliance = await site.person('complianceOfficer', unitId(0))
})
afterAll(() => site.close())

const propose = (change: object): Promise<Answer> =>
  admin.send('POST', '/api/units', { change: { kind: 'unit', ...change }, reason })
const refusalOf = async (change: object) => (await propose(change)).json.code

/** Rehearsed, proposed, approved. */
async function carryOut(change: object) {
  const rehearsed = (await admin.send('POST', '/api/access/rehearse', { change: { kind: 'unit', ...change } })).json
  const { json } = await propose(change)
  expect(json.status).toBe('open')
  const done = await compliance.send('POST', `/api/approvals/${json.id}/decide`, { decision: 'approved' })
  expect(done.json.status).toBe('approved')
  return rehearsed.people as { login: string; customersGained: number; customersLost: number; customersAfter: number }[]
}

const seenBy = async (person: Person): Promise<string[]> =>
  (await person.get('/api/customers?limit=500')).json.rows.map((row: { customerNo: string }) => row.customerNo).sort()

const tree = async (day?: string): Promise<Record<string, string | null>> => {
  const { units } = (await admin.get(`/api/units${day ? `?day=${day}` : ''}`)).json
  const open = units.filter((unit: { closedOn: string | null }) => unit.closedOn === null)
  return Object.fromEntries(
    open.map((unit: { code: string; parentCode: string | null }) => [unit.code, unit.parentCode]),
  )
}

describe('a unit', () => {
  test('is opened and renamed', async () => {
    await carryOut({
      action: 'open',
      code: 'U9',
      name: '新城支行',
      nameEn: 'New Town',
      unitKind: 'outlet',
      parent: 'U1',
    })
    expect((await tree()).U9).toBe('U1')
    expect((await tree('2026-11-01')).U9).toBeUndefined()
    site.clock.set('2026-11-02T02:30:00.000Z')
    await carryOut({ action: 'rename', code: 'U9', name: '新城网点' })
    expect(await query(`select name, name_en from unit where code = 'U9'`)).toEqual([
      { name: '新城网点', name_en: 'New Town' },
    ])
    expect(await refusalOf({ action: 'open', code: 'U9', name: '又', unitKind: 'outlet', parent: 'U1' })).toBe(
      'unit_known',
    )
  })

  test('is moved with everything below it, and whoever gains and loses was told before', async () => {
    const [losing, gaining] = [
      await site.person('branchManager', unitId(1)),
      await site.person('branchManager', unitId(2)),
    ]
    const [before, toCome] = [await seenBy(losing), await seenBy(gaining)]
    const moved = bank.customers.filter((one) => one.unit === unitId(3)).map((one) => one.customerNo)
    const people = await carryOut({ action: 'move', code: 'U3', parent: 'U2' })
    expect(people.find((one) => one.login === losing.name)).toMatchObject({
      customersGained: 0,
      customersLost: moved.length,
    })
    expect(people.find((one) => one.login === gaining.name)).toMatchObject({
      customersGained: moved.length,
      customersLost: 0,
    })
    expect(await seenBy(losing)).toEqual(before.filter((no) => !moved.includes(no)))
    expect(await seenBy(gaining)).toEqual([...toCome, ...moved].sort())
  })

  test('does not go below itself, nor the head office anywhere', async () => {
    expect(await refusalOf({ action: 'move', code: 'U2', parent: 'U3' })).toBe('unit_misplaced')
    expect(await refusalOf({ action: 'move', code: 'U0', parent: 'U1' })).toBe('unit_misplaced')
    expect(await refusalOf({ action: 'move', code: 'U3', parent: 'U2' })).toBe('unit_misplaced')
    expect(await refusalOf({ action: 'close', code: 'U2', successor: 'U5' })).toBe('unit_misplaced')
    expect(await refusalOf({ action: 'move', code: 'nowhere', parent: 'U2' })).toBe('not_found')
  })

  test('is split: staff go with their books and posts, the rest stays', async () => {
    const [manager] = await query(`select id, code, unit_id from staff where unit_id = $1`, [unitId(1)])
    const own = await site.person('relationshipManager', unitId(1), manager.id)
    const book = await seenBy(own)
    const there = bank.customers.filter((one) => one.unit === unitId(1))
    const [goes, stays] = [there.find((one) => one.rm === manager.id), there.find((one) => one.rm !== manager.id)]
    // Of an account of two, the first owner decides
    const [{ account_id: shared }] = await query('select account_id from account_owner where party_id = $1', [
      stays?.id,
    ])
    await query('insert into account_owner (account_id, party_id, share, ordinal) values ($1, $2, 5000, 2)', [
      shared,
      goes?.id,
    ])
    const change = {
      action: 'split',
      code: 'U1',
      into: { code: 'U1B', name: '江北分行' },
      staff: [manager.code],
      units: ['U4'],
    }
    await carryOut(change)
    const moved = bank.customers.filter((one) => one.unit === unitId(1) && one.rm === manager.id)
    const homes = await query(
      `select p.customer_no, u.code from party p join unit u on u.id = p.unit_id where u.code in ('U1', 'U1B')`,
    )
    for (const { customer_no, code } of homes)
      expect([customer_no, code]).toEqual([
        customer_no,
        moved.some((one) => one.customerNo === customer_no) ? 'U1B' : 'U1',
      ])
    const accounts = await query(
      `select u.code, count(*)::int as accounts from account a join unit u on u.id = a.unit_id
       where u.code in ('U1', 'U1B') group by u.code order by u.code`,
    )
    const stay = bank.customers.filter((one) => one.unit === unitId(1)).length - moved.length
    expect(accounts, 'accounts go with their first owner').toEqual([
      { code: 'U1', accounts: stay },
      { code: 'U1B', accounts: moved.length },
    ])
    expect(
      await query(`select u.code from account a join unit u on u.id = a.unit_id where a.id = $1`, [shared]),
    ).toEqual([{ code: 'U1' }])
    expect(await tree()).toMatchObject({ U1B: 'U0', U4: 'U1B', U9: 'U1' })
    expect(await seenBy(own), 'the book stays whole').toEqual(book)
    const posts = await query(
      `select u.code, p.to_day > '2026-11-02' as holds from post p join unit u on u.id = p.unit_id
       join login l on l.id = p.login_id where l.name = $1 order by p.id`,
      [own.name],
    )
    expect(posts.filter((post) => post.holds).map((post) => post.code)).toEqual(['U1B'])
  })

  test('is closed: customers, posts, walls and what is below go to the successor', async () => {
    const teller = await site.person('teller', unitId(5))
    await query(`insert into wall (name, around_id, against_id) values ('w', $1, $2)`, [unitId(5), unitId(1)])
    const here = bank.customers.filter((one) => one.unit === unitId(5) || one.unit === unitId(6))
    await carryOut({ action: 'close', code: 'U5', successor: 'U6' })
    expect(await seenBy(teller)).toEqual(here.map((one) => one.customerNo).sort())
    const walls = await query(
      `select a.code as around, w.to_day > '2026-11-02' as stands from wall w join unit a on a.id = w.around_id order by w.id`,
    )
    expect(walls.filter((wall) => wall.stands).map((wall) => wall.around)).toEqual(['U6'])
    expect((await tree()).U5).toBeUndefined()
    expect(await refusalOf({ action: 'rename', code: 'U5', name: '旧' })).toBe('unit_closed')
    expect(await query(`select count(*)::int as left from party where unit_id = $1`, [unitId(5)])).toEqual([
      { left: 0 },
    ])
  })
})

describe('every day', () => {
  test('keeps its tree, and a night its figures on the tree of its day', async () => {
    const then = await tree('2026-11-01')
    expect(then).toEqual({ U0: null, U1: 'U0', U2: 'U0', U3: 'U1', U4: 'U1', U5: 'U2', U6: 'U2' })
    expect(await tree()).toEqual({ U0: null, U1: 'U0', U1B: 'U0', U2: 'U0', U3: 'U2', U4: 'U1B', U6: 'U2', U9: 'U1' })
    const pyramid = (await admin.get(`/api/nights/${bank.nights[1]}/pyramid?unit=U1`)).json
    const persons = bank.customers.filter((one) => one.kind === 'person')
    const atThatTime = persons.filter((one) => [1, 3, 4].map(unitId).includes(one.unit))
    expect(pyramid.total.customers, 'U3 and U4 were below U1 on that day').toBe(atThatTime.length)
    const { units } = (await admin.get('/api/units?day=2026-11-01')).json
    expect(units.find((unit: { code: string }) => unit.code === 'U1').customers).toBe(atThatTime.length)
  })
})

test('the units feed leaves alone what was edited, and the customers of a closed unit go to its successor', async () => {
  const inbox = join(site.workplace.config.home, 'inbox')
  mkdirSync(inbox, { recursive: true })
  const load = async (feed: string, text: string) => {
    const path = join(inbox, `${feed}.csv`)
    writeFileSync(path, text)
    const account = await loadFile(site.workplace, { path, feed, logicalName: `${feed}.csv`, by: 'test' })
    expect(account.refusal).toBeUndefined()
  }
  await load(
    'units',
    'code,name,kind,parent_code\nU0,总行,headOffice,\nU1,分行,branch,U0\nU3,网点三,outlet,U1\nU6,网点六,outlet,U1\n',
  )
  expect(await tree()).toMatchObject({ U3: 'U2', U6: 'U1', U9: 'U1' })
  // The small bank wrote its ids by hand.
  await query(`select setval(pg_get_serial_sequence('party', 'id'), 1000)`)
  await load('customers', 'customer_no,kind,name,unit_code\n900001,person,赵新,U5\n')
  const rows = await query(`select u.code from party p join unit u on u.id = p.unit_id where customer_no = '900001'`)
  expect(rows).toEqual([{ code: 'U6' }])
})

test('what a change would do elsewhere in the tree is not told', async () => {
  const branch = await site.person('administrator', unitId(1))
  const asked = (unit: number) => {
    const change = {
      kind: 'post',
      action: 'give',
      login: compliance.name,
      role: 'teller',
      unit: bank.units[unit]?.code,
    }
    return branch.send('POST', '/api/access/rehearse', { change: { ...change, from: '2026-11-03' } })
  }
  expect((await asked(1)).status).toBe(200)
  const there = await asked(0)
  expect([there.status, there.json.code]).toEqual([403, 'permission_missing'])
})
