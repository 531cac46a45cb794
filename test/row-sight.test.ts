/**
 * The functions by which rows that name a party, account or household are seen: under random scopes they see what a
 * plain reading of the scope gives, and so do the tables whose policies ask them.
 */
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { usualFields } from '../src/access/fields.ts'
import type { Scope } from '../src/db/database.ts'
import { listCustomers } from '../src/desk/customers/list.ts'
import { mustCurrentNight, PolicyShelf } from '../src/desk/nights/current.ts'
import { type TestSite, testSite } from './support/api.ts'
import { type SmallBank, type SmallCustomer, smallBank } from './support/small-bank.ts'

let site: TestSite
let bank: SmallBank
const shelf = new PolicyShelf()
beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 24, managers: 3 })
})
afterAll(() => site.close())

/** Units by index, so that one id may be the beginning of another: 1 of 11, 2 of 23. */
const scopes = fc.record({
  except: fc.boolean(),
  units: fc.uniqueArray(fc.nat(6), { maxLength: 5 }),
  book: fc.option(fc.record({ manager: fc.nat(2), without: fc.uniqueArray(fc.nat(6), { maxLength: 3 }) })),
  granted: fc.uniqueArray(fc.nat(23), { maxLength: 4 }),
})

test('see the customers of the scope and nobody else', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scopes, async (drawn) => {
      const unit = (i: number) => bank.units[i]?.id ?? 0
      const scope: Scope = {
        units: { except: drawn.except, units: drawn.units.map(unit).sort((a, b) => a - b) },
        book: drawn.book && {
          staffId: bank.managers[drawn.book.manager] ?? 0,
          without: drawn.book.without.map(unit),
        },
        granted: drawn.granted.map((i) => BigInt(bank.customers[i]?.id ?? 0)),
        walled: [],
        who: 'login:1',
      }
      const expected = bank.customers.filter((customer) => sees(scope, customer)).map(({ id }) => id)
      const all = bank.customers.map(({ id }) => id)
      const found = await site.workplace.db.reading(scope, async (trx) => ({
        rows: await idsOf(trx, sql`select id from party`),
        byParty: await idsOf(trx, sql`select id from unnest(${all}::bigint[]) id where strata.sees_party(id)`),
        keys: await idsOf(trx, sql`select party_id as id from party_key`),
        numbers: await idsOf(trx, sql`select party_id as id from customer`),
        owners: await idsOf(
          trx,
          sql`select o.party_id as id from account a join account_owner o on o.account_id = a.id`,
        ),
      }))
      for (const [of, ids] of Object.entries(found)) expect([of, ...ids]).toEqual([of, ...expected])
      await expectHouseholds(scope, new Set(expected))
      const shown = bank.customers.filter((customer) => sees(scope, customer)).map(({ customerNo }) => customerNo)
      for (const sort of ['name', 'average'] as const) expect(await listed(scope, sort)).toEqual(shown.sort())
    }),
    { numRuns: 60, seed: 7 },
  )
})

/** By the list, which says the scope once more in its own words. */
async function listed(scope: Scope, sort: 'name' | 'average'): Promise<string[]> {
  const { db, keys } = site.workplace
  return db.reading(scope, async (trx) => {
    const night = await mustCurrentNight(trx)
    const policy = await shelf.policy(trx, night.policyId)
    const names = await shelf.names(trx, night.policyId)
    const context = { night, policy, names, keys, scope, fields: usualFields }
    const page = { filter: {}, sort, dir: 'asc', limit: 100, cursor: undefined } as const
    return (await listCustomers(trx, context, page)).rows.map(({ customerNo }) => customerNo).sort()
  })
}

function sees({ units, book, granted }: Scope, { id, unit, rm }: SmallCustomer): boolean {
  if (units.units.includes(unit) !== units.except) return true
  if (book && rm === book.staffId && !book.without.includes(unit)) return true
  return granted.includes(BigInt(id))
}

/** A household is seen with any of its members. */
async function expectHouseholds(scope: Scope, visible: ReadonlySet<number>): Promise<void> {
  const { rows } = await site.workplace.db.owner.query(
    'select household_id::int as id, party_id::int as party from household_member',
  )
  const expected = rows.filter((row) => visible.has(row.party)).map((row) => row.id as number)
  const found = await site.workplace.db.reading(scope, (trx) => idsOf(trx, sql`select id from household`))
  expect(found).toEqual([...new Set(expected)].sort((a, b) => a - b))
}

type Trx = Parameters<Parameters<TestSite['workplace']['db']['reading']>[1]>[0]

async function idsOf(trx: Trx, statement: ReturnType<typeof sql>): Promise<number[]> {
  const { rows } = await sql<{ id: bigint }>`select distinct id from (${statement}) found order by id`.execute(trx)
  return rows.map(({ id }) => Number(id))
}
