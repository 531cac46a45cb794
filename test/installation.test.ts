/** Record, lake and master key belong together. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openWorkplace, type Workplace } from '../src/nightly/workplace.ts'
import { testDatabase } from './support/database.ts'
import { testConfig, testHome } from './support/home.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function place(
  home: string,
  database: Awaited<ReturnType<typeof testDatabase>>,
  key?: string,
): Promise<Workplace> {
  const workplace = await openWorkplace(testConfig(home, database, key ? { STRATA_MASTER_KEY: key } : {}))
  cleanups.push(() => workplace.close())
  return workplace
}

async function fresh() {
  const home = testHome()
  const database = await testDatabase()
  cleanups.push(
    () => home.remove(),
    () => database.drop(),
  )
  return { home: home.home, database }
}

it('binds on first use and agrees afterwards', async () => {
  const { home, database } = await fresh()
  await place(home, database)
  await place(home, database)
})

it('refuses the lake of another record', async () => {
  const one = await fresh()
  const other = await fresh()
  await place(one.home, one.database)
  await place(other.home, other.database)
  await expect(place(one.home, other.database)).rejects.toMatchObject({ code: 'lake_foreign' })
})

it('refuses an empty record beside a lake that holds facts', async () => {
  const one = await fresh()
  const other = await fresh()
  await place(one.home, one.database)
  mkdirSync(join(one.home, 'lake', 'facts'), { recursive: true })
  writeFileSync(join(one.home, 'lake', 'facts', 'x.parquet'), 'facts')
  await expect(place(one.home, other.database)).rejects.toMatchObject({ code: 'lake_foreign' })
})

it('refuses another master key', async () => {
  const { home, database } = await fresh()
  await place(home, database, Buffer.alloc(32, 1).toString('base64'))
  const second = place(home, database, Buffer.alloc(32, 2).toString('base64'))
  await expect(second).rejects.toMatchObject({ code: 'master_key_wrong' })
})
