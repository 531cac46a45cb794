/**
 * Who sees whom: over random trees of units and random books, list, count, export, pyramid, page and search must all
 * speak of the same customers, the ones that a plain reading of the rules gives.
 */
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { type Person, type TestSite, testSite } from './support/api.ts'
import { parseCsv } from './support/csv.ts'
import { type SmallBank, type SmallCustomer, smallBank } from './support/small-bank.ts'

const sites: TestSite[] = []
afterAll(() => Promise.all(sites.map((site) => site.close())))

/** Unit i hangs below a unit before it; each customer is at some unit and in some book or none. */
const shapes = fc.record({
  parents: fc
    .integer({ min: 2, max: 7 })
    .chain((count) =>
      fc.tuple(...Array.from({ length: count }, (_, i) => (i === 0 ? fc.constant(null) : fc.nat(i - 1)))),
    ),
  places: fc.array(fc.record({ unit: fc.nat(6), manager: fc.option(fc.nat(2)) }), { minLength: 5, maxLength: 14 }),
})

test('everything speaks of the same customers', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async ({ parents, places }) => {
      const site = await testSite()
      sites.push(site)
      const bank = await smallBank(site.workplace.db, site.workplace.keys, {
        parents,
        customers: places.length,
        managers: 3,
        place: (i) => ({ unit: (places[i]?.unit ?? 0) % parents.length, manager: places[i]?.manager ?? null }),
      })
      for (const unit of bank.units) {
        const below = subtreeOf(bank, unit.id)
        await agree(await site.person('riskOfficer', unit.id), bank, (customer) => below.has(customer.unit))
      }
      for (const manager of bank.managers) {
        const person = await site.person('relationshipManager', bank.units.at(-1)?.id ?? 0, manager)
        await agree(person, bank, (customer) => customer.rm === manager)
      }
      const nobodys = await site.person('relationshipManager', bank.units[0]?.id ?? 0, null)
      await agree(nobodys, bank, () => false)
    }),
    { numRuns: 4, seed: 7 },
  )
})

function subtreeOf(bank: SmallBank, root: number): Set<number> {
  const below = new Set([root])
  // Parents come before their children
  for (const unit of bank.units) if (unit.parent !== null && below.has(unit.parent)) below.add(unit.id)
  return below
}

async function agree(person: Person, bank: SmallBank, visible: (customer: SmallCustomer) => boolean): Promise<void> {
  const expected = bank.customers.filter(visible)
  const numbers = expected.map((customer) => customer.customerNo).sort()
  const list = (await person.get('/api/customers?limit=500&sort=customerNo&dir=asc')).json
  expect(list.rows.map((row: { customerNo: string }) => row.customerNo)).toEqual(numbers)
  const count = (await person.get('/api/customers/count')).json
  expect(count.customers).toBe(numbers.length)
  // The same through the slow way, row by row
  expect((await person.get('/api/customers/count?minFen=0')).json).toEqual(count)
  const persons = expected.filter((customer) => customer.kind === 'person')
  const pyramid = (await person.get('/api/nights/current/pyramid')).json
  expect(pyramid.total.customers).toBe(persons.length)
  const flows = (await person.get('/api/nights/current/flows')).json
  expect(flows.rises + flows.falls + flows.same).toBe(persons.length)
  for (const customer of bank.customers) {
    const page = await person.get(`/api/customers/${customer.customerNo}`)
    expect([customer.customerNo, page.status]).toEqual([customer.customerNo, visible(customer) ? 200 : 404])
    const found = (await person.get(`/api/customers?q=${customer.phone}`)).json
    expect(found.rows.length).toBe(visible(customer) ? 1 : 0)
  }
  const exported = await person.get('/api/customers/export?sort=customerNo&dir=asc')
  if (person.name.startsWith('risk')) {
    expect(parseCsv(exported.text).map((row) => row.客户号)).toEqual(numbers)
  }
  const proposals = (await person.get('/api/proposals?limit=500')).json
  for (const row of proposals.rows) expect(numbers).toContain(row.customerNo)
}

describe('a household with a member whom one may not see', () => {
  test('tells that there is one, and nothing else', async () => {
    const site = await testSite()
    sites.push(site)
    const bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 4 })
    const [head, spouse] = bank.customers
    const manager = await site.person('relationshipManager', bank.units[0]?.id ?? 0, head?.rm)
    const answer = await manager.get('/api/households/H1')
    expect(answer.json.members.map((one: { customerNo: string }) => one.customerNo)).toEqual([head?.customerNo])
    expect(answer.json.hiddenMembers).toBe(1)
    expect(answer.text).not.toContain(spouse?.customerNo)
    const other = await site.person('relationshipManager', bank.units[0]?.id ?? 0, bank.managers[3])
    expect((await other.get('/api/households/H1')).status).toBe(404)
  })
})

describe('pages', () => {
  const sorts = ['average', 'name', 'customerNo', 'toNext', 'aum', 'tier']
  test('are complete and without doubles under every order, with ties and missing values', {
    timeout: 60_000,
  }, async () => {
    const site = await testSite()
    sites.push(site)
    const bank = await smallBank(site.workplace.db, site.workplace.keys)
    const person = await site.person('analyst', bank.units[0]?.id ?? 0)
    for (const sort of sorts) {
      for (const dir of ['asc', 'desc']) {
        const whole = (await person.get(`/api/customers?limit=500&sort=${sort}&dir=${dir}`)).json.rows
        const paged: { customerNo: string }[] = []
        let cursor: string | null = ''
        do {
          const query: string = `limit=7&sort=${sort}&dir=${dir}${cursor ? `&cursor=${cursor}` : ''}`
          const answer: { rows: typeof paged; next: string | null } = (await person.get(`/api/customers?${query}`)).json
          paged.push(...answer.rows)
          cursor = answer.next
        } while (cursor !== null)
        expect([sort, dir, paged]).toEqual([sort, dir, whole])
        expect(new Set(paged.map((row) => row.customerNo)).size).toBe(bank.customers.length)
        const values = whole
          .map((row: Record<string, string>) => row[keys[sort] ?? ''])
          .filter((one: unknown) => one !== null)
        if (sort !== 'name' && sort !== 'tier') expect(values).toEqual(inOrder(values, dir))
      }
    }
  })

  test('a cursor of another question, another order or nobody’s is refused', async () => {
    const site = await testSite()
    sites.push(site)
    const bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 9 })
    const person = await site.person('analyst', bank.units[0]?.id ?? 0)
    const { next } = (await person.get('/api/customers?limit=2')).json
    const bad = [
      `limit=2&sort=name&cursor=${next}`,
      `limit=2&tier=1&cursor=${next}`,
      'cursor=abc',
      `cursor=${Buffer.from('[1,2,3]').toString('base64url')}`,
      `cursor=${Buffer.from('{"a":1}').toString('base64url')}`,
      `cursor=${next}x`,
    ]
    for (const query of bad) {
      const answer = await person.get(`/api/customers?${query}`)
      expect([query, answer.status, answer.json.code]).toEqual([query, 400, 'cursor_invalid'])
    }
    const other = ['/api/loads', '/api/nights', '/api/proposals', `/api/nights/${bank.nights[1]}/would-have-been`]
    for (const url of other) expect((await person.get(`${url}?cursor=!`)).json.code).toBe('cursor_invalid')
  })

  test('tell no name, whole or encoded, by where they end', async () => {
    const site = await testSite()
    sites.push(site)
    const bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 9 })
    const person = await site.person('analyst', bank.units[0]?.id ?? 0)
    const people = bank.customers.filter((customer) => customer.kind === 'person')
    for (const sort of ['name', 'customerNo', 'average']) {
      let next: string | null = null
      do {
        const page = await person.get(`/api/customers?limit=2&sort=${sort}${next === null ? '' : `&cursor=${next}`}`)
        next = page.json.next
        const told = page.text + Buffer.from(next ?? '', 'base64url').toString()
        for (const { name } of people) expect(told).not.toContain(name)
      } while (next !== null)
    }
  })

  test('stay on their night while another is published', async () => {
    const site = await testSite()
    sites.push(site)
    const bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 9 })
    const person = await site.person('analyst', bank.units[0]?.id ?? 0)
    const first = (await person.get('/api/customers?limit=4')).json
    await site.database.db.owner.query('update published_night set night_id = $1', [bank.nights[0]])
    const second = (await person.get(`/api/customers?limit=4&cursor=${first.next}`)).json
    expect(second.night).toEqual(first.night)
    expect((await person.get('/api/customers?limit=4')).json.night.id).toBe(bank.nights[0])
  })
})

const keys: Record<string, string> = {
  average: 'averageFen',
  customerNo: 'customerNo',
  toNext: 'toNextFen',
  aum: 'aumFen',
}

function inOrder(values: string[], dir: string): string[] {
  const sorted = values.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0))
  return dir === 'asc' ? sorted : sorted.reverse()
}
