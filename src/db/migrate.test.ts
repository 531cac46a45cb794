import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/support/database.ts'
import { nobodyAs } from './database.ts'
import { migrate } from './migrate.ts'

let fresh: TestDatabase
beforeAll(async () => {
  fresh = await testDatabase({ template: false })
})
afterAll(() => fresh.drop())

test('two migrators at once apply each file once, and a second run does nothing', async () => {
  const [first, second] = await Promise.all([
    migrate(fresh.db.owner, 'strata_app'),
    migrate(fresh.db.owner, 'strata_app'),
  ])
  expect([...first, ...second].sort()[0]).toBe('0001_foundation.sql')
  expect(new Set([...first, ...second]).size).toBe(first.length + second.length)
  expect(await migrate(fresh.db.owner, 'strata_app')).toEqual([])
})

test('the application sees no row of people without a scope, and int8 comes as bigint', async () => {
  const { rows } = await fresh.db.owner.query("select 1::int8 as n, date '2026-01-31' as day, 1.50::numeric as amount")
  expect(rows[0]).toEqual({ n: 1n, day: '2026-01-31', amount: '1.50' })
  const seen = await fresh.db.withScope(nobodyAs('test'), (trx) => trx.selectFrom('party').select('id').execute())
  expect(seen).toEqual([])
})

test('an application that is the owner keeps what the owner may', async () => {
  expect(await migrate(fresh.db.owner, 'strata_owner')).toEqual([])
  const { rows } = await fresh.db.owner.query(`select tablename, privilege from pg_tables,
      unnest(array['insert', 'update', 'delete', 'truncate']) privilege
    where schemaname = 'public' and not has_table_privilege(quote_ident(tablename), privilege)`)
  expect(rows).toEqual([])
})

test('a schema of another version is refused, in words', async () => {
  const { owner } = fresh.db
  await owner.query(`insert into migration (name, sha256) values ('9999_later.sql', '')`)
  await expect(migrate(owner, 'strata_app')).rejects.toMatchObject({
    code: 'schema_foreign',
    params: { name: '9999_later.sql' },
  })
  await owner.query(`delete from migration where name = '9999_later.sql'`)
  await owner.query(`update migration set sha256 = 'x' where name = '0001_foundation.sql'`)
  await expect(migrate(owner, 'strata_app')).rejects.toMatchObject({ code: 'schema_foreign' })
})
