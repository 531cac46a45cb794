/** What of a customer a role reads: each group hidden, masked or clear, on list, page, search, export and by order. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FieldGroup, type FieldRead, fieldGroups, fieldReads } from '../src/contract/permission.ts'
import { type MatrixBank, matrixBank, nameOf, phoneOf, relations } from './matrix/bank.ts'
import type { Person } from './support/api.ts'
import { parseCsv } from './support/csv.ts'

let bank: MatrixBank
let person: Person
const { customerNo } = relations.o

beforeAll(async () => {
  bank = await matrixBank()
  person = await bank.person('branchManager', 'outlet')
}, 120_000)
afterAll(() => bank.close())

const rights = (fields: Partial<Record<FieldGroup, FieldRead>>) =>
  bank.query(`update role set fields = $1, edited_at = now() where code = 'branchManager'`, [JSON.stringify(fields)])
const page = async () => (await person.get(`/api/customers/${customerNo}`)).json
const listed = async () =>
  (await person.get('/api/customers?sort=customerNo')).json.rows.find(
    (row: { customerNo: string }) => row.customerNo === customerNo,
  )

describe.each(fieldReads)('%s', (read) => {
  beforeAll(async () => {
    bank.site.whole.allowed = read === 'clear'
    await rights(Object.fromEntries(fieldGroups.map((group) => [group, read])))
  })
  afterAll(() => {
    bank.site.whole.allowed = false
  })

  test('a customer’s page and row', async () => {
    const shown = await page()
    const one = (hidden: unknown, masked: unknown, clear: unknown) => ({ hidden, masked, clear })[read]
    expect(shown.name).toBe(one('***', '曾***********o', nameOf('o')))
    expect((await listed()).name).toBe(shown.name)
    expect(shown.phone).toBe(one(null, `139****${customerNo}`, phoneOf('o')))
    expect(shown.email).toBe(one(null, `m***@example.com`, `m${customerNo}@example.com`))
    expect(shown.identity.no).toBe(one(null, '****', `E0000${customerNo}`))
    expect(shown.accounts[0].accountNo).toBe(one('****', `****${customerNo}`, `622202020000000${customerNo}`))
    expect(shown.cards[0].cardNo).toMatch(one(/^\*{4}$/, /^\*{4}\d{4}$/, /^\d{19}$/) as RegExp)
    expect(shown.age).toBe(one(null, 46, 46))
    const amounts = Object.entries(shown.figures).filter(([key]) => key.endsWith('Fen'))
    expect(amounts.length).toBeGreaterThan(15)
    if (read === 'hidden') for (const [, amount] of amounts) expect(amount).toBeNull()
    else expect(shown.figures.averageFen).toMatch(/^\d+$/)
  })
})

describe('hidden money', () => {
  beforeAll(() => rights({ money: 'hidden' }))

  test.each(['sort=average', 'sort=toNext', 'sort=aum', 'sort=tier', 'near=10', 'minFen=1', 'maxFen=1'])(
    'is no order and no filter: %s',
    async (query) => {
      for (const path of ['/api/customers', '/api/customers/export', '/api/customers/count']) {
        if (path.endsWith('count') && query.startsWith('sort')) continue
        const { status, json } = await person.get(`${path}?${query}`)
        expect([path, status, json?.code]).toEqual([path, 403, 'field_hidden'])
      }
    },
  )

  test('is no order or filter of an export that waits for a second person', async () => {
    const url = '/api/customers/export/request'
    for (const change of [{ filter: {}, sort: 'average' }, { filter: { minFen: '1' } }]) {
      const asked = await person.send('POST', url, { change: { kind: 'export', ...change }, reason: '回访核实' })
      expect([asked.status, asked.json.code]).toEqual([403, 'field_hidden'])
    }
  })

  test('shows in no sum, export, reason or history', async () => {
    expect((await person.get('/api/customers')).status).toBe(200)
    const count = (await person.get(`/api/customers/count?q=${customerNo}`)).json
    expect(count).toMatchObject({ customers: 1, assetsFen: null, averageFen: null })
    expect(count.tiers[0]).toMatchObject({ assetsFen: null, averageFen: null })
    await bank.query(`update party set annual_income_fen = 12345600 where customer_no = $1`, [customerNo])
    expect((await page()).annualIncomeFen).toBeNull()
    const [row] = parseCsv((await person.get('/api/customers/export')).text)
    expect(row?.日均综合金融资产).toBe('')
    for (const part of ['why', 'history']) {
      expect((await person.get(`/api/customers/${customerNo}/${part}`)).json.code).toBe('field_hidden')
    }
  })
})

test('what is hidden is not revealed either', async () => {
  const reveal = (field: string) =>
    person.send('POST', `/api/customers/${customerNo}/reveal`, { field, reason: '回访核实' })
  await rights({ contact: 'hidden' })
  expect((await reveal('phone')).json.code).toBe('field_hidden')
  expect((await reveal('name')).json.value).toBe(nameOf('o'))
})

test('a hidden number finds nobody', async () => {
  const ended = encodeURIComponent(`${nameOf('o')} ${phoneOf('o').slice(-4)}`)
  await rights({ contact: 'masked' })
  expect((await person.get(`/api/customers?q=${phoneOf('o')}`)).json.rows).toHaveLength(1)
  expect((await person.get(`/api/customers?q=${ended}`)).json.rows).toHaveLength(1)
  expect((await person.get(`/api/elsewhere?q=${phoneOf('x')}`)).json.rows).toHaveLength(1)
  await rights({ contact: 'hidden' })
  expect((await person.get(`/api/customers?q=${phoneOf('o')}`)).json.rows).toHaveLength(0)
  expect((await person.get(`/api/customers?q=${ended}`)).json.rows).toHaveLength(0)
  expect((await person.get(`/api/elsewhere?q=${phoneOf('x')}`)).json.rows).toHaveLength(0)
})

test('with two posts the wider right counts', async () => {
  await rights({ money: 'hidden' })
  await bank.query(
    `insert into post (login_id, role, unit_id) select l.id, 'teller', u.id from login l, unit u
     where l.name = $1 and u.code = '010101'`,
    [person.name],
  )
  expect((await listed()).averageFen).toMatch(/^\d+$/)
})
