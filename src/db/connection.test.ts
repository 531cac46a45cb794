/** What a scope guards on the wire: nothing runs without it, nothing outlives it. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/support/database.ts'
import { only } from '../kit/unit-set.ts'
import { runPlanned } from './connection.ts'
import { everything, nobodyAs, type Scope, type Trx } from './database.ts'

let database: TestDatabase
const nobody = nobodyAs('nobody')

beforeAll(async () => {
  database = await testDatabase()
  await database.db.owner.query(
    `insert into unit (id, code, name, kind, path) values (1, 'A', 'A', 'headOffice', '/1/'), (2, 'B', 'B', 'branch', '/1/2/')`,
  )
  await database.db.owner.query(
    `insert into party (kind, customer_no, name, unit_id) values ('person', '1', '甲', 1), ('person', '2', '乙', 2)`,
  )
})
afterAll(() => database.drop())

const numbers = async (trx: Trx) =>
  (await sql<{ customer_no: string }>`select customer_no from party order by 1`.execute(trx)).rows.map(
    (row) => row.customer_no,
  )
const addEvent = (trx: Trx) => sql`insert into event (topic, payload) values ('x', '{}')`.execute(trx)
const events = async () => Number((await database.db.owner.query('select count(*) as n from event')).rows[0].n)

test.each(['withScope', 'reading'] as const)('%s sees its scope, and leaves nothing of it behind', async (way) => {
  const { db } = database
  const seen: string[][] = []
  // One at a time, so that the same connection serves all of them
  for (const scope of [everything, nobody, { ...nobody, units: only([2]) }, nobody])
    seen.push(await db[way](scope, numbers))
  expect(seen).toEqual([['1', '2'], [], ['2'], []])
})

test('the scope holds for every statement of the work', async () => {
  const scope: Scope = { ...nobody, units: only([1]) }
  for (const way of ['withScope', 'reading'] as const) {
    const seen = await database.db[way](scope, async (trx) => [await numbers(trx), await numbers(trx)])
    expect(seen).toEqual([['1'], ['1']])
  }
})

test('reading writes nothing', async () => {
  await expect(database.db.reading(everything, addEvent)).rejects.toMatchObject({ code: '25006' })
  await database.db.withScope(everything, addEvent)
  expect(await events()).toBe(1)
})

test('a statement whose scope cannot be set does not run', async () => {
  const before = await events()
  const broken = { ...everything, who: '\0' }
  await expect(database.db.withScope(broken, addEvent)).rejects.toMatchObject({ code: '22021' })
  await expect(database.db.reading(broken, numbers)).rejects.toMatchObject({ code: '22021' })
  expect(await events()).toBe(before)
  expect(await database.db.reading(nobody, numbers)).toEqual([])
})

test('work that fails is undone, whole', async () => {
  const before = await events()
  const failing = async (trx: Trx) => {
    await addEvent(trx)
    throw new Error('no')
  }
  await expect(database.db.withScope(everything, failing)).rejects.toThrow('no')
  const swallowing = async (trx: Trx) => {
    await addEvent(trx)
    await sql`select 1 / 0`.execute(trx).catch(() => undefined)
  }
  await expect(database.db.withScope(everything, swallowing)).rejects.toThrow()
  expect(await events()).toBe(before)
})

test('planned statements answer by their parameters and their scope, however many there are', async () => {
  const byNo = (no: string) => (trx: Trx) =>
    runPlanned(trx, sql<{ name: string }>`select name from party where customer_no = ${no}`)
  for (const no of ['1', '2', '1']) {
    expect(await database.db.reading(everything, byNo(no))).toEqual([{ name: no === '1' ? '甲' : '乙' }])
    expect(await database.db.reading(nobody, byNo(no))).toEqual([])
  }
  await database.db.reading(everything, async (trx) => {
    for (let n = 0; n < 120; n++) {
      expect(await runPlanned(trx, sql`select ${sql.raw(String(n))}::int as n`)).toEqual([{ n }])
    }
  })
  await expect(
    database.db.reading(everything, (trx) => runPlanned(trx, sql`select no_such_column from party`)),
  ).rejects.toMatchObject({ code: '42703' })
})
