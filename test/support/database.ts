/** A database of one's own: a clone of the migrated template on the server that the test run started. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'

export interface TestDatabase {
  db: Database
  ownerUrl: string
  appUrl: string
  /** Closes the pools and removes the database. */
  drop(): Promise<void>
}

/** Some 50 ms. Call `drop` in afterAll. `template` false = an empty database, for tests of the migration itself. */
export async function testDatabase(options: { template?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = options.template === false ? 'template0' : 'template_strata'
  await asSuperuser(`create database ${name} template ${template} owner strata_owner`)
  const url = (given: string) => given.replace(/\/[^/]*$/, `/${name}`)
  const urls = { ownerUrl: url(inject('ownerUrl')), appUrl: url(inject('appUrl')) }
  const db = openDatabase(urls)
  return {
    db,
    ...urls,
    drop: async () => {
      await db.close()
      await asSuperuser(`drop database ${name} with (force)`)
    },
  }
}

async function asSuperuser(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('superUrl') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
