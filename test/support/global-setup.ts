/** Before all tests: one embedded PostgreSQL for the whole run, with a migrated template that each test file clones. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { shipRoles } from '../../src/access/roles.ts'
import { openDatabase } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrate.ts'
import { installJobs } from '../../src/jobs/work.ts'
import { startPostgres } from '../../src/machine/postgres.ts'
import { removePostgresHome, sweepMovedHomes } from './postgres-home.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    superUrl: string
    ownerUrl: string
    appUrl: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  sweepMovedHomes()
  const home = mkdtempSync(join(tmpdir(), 'strata-test-'))
  const server = await startPostgres({ home, say: () => undefined, careless: true })
  const superuser = new pg.Client({ connectionString: server.superUrl })
  await superuser.connect()
  await superuser.query('create database template_strata owner strata_owner')
  const ownerUrl = server.databaseOwnerUrl.replace(/\/strata$/, '/template_strata')
  const db = openDatabase({ appUrl: server.databaseUrl, ownerUrl })
  await migrate(db.owner, 'strata_app')
  await shipRoles(db.owner)
  await installJobs(ownerUrl)
  await db.close()
  await superuser.query('alter database template_strata is_template true')
  await superuser.end()
  project.provide('superUrl', server.superUrl)
  project.provide('ownerUrl', server.databaseOwnerUrl)
  project.provide('appUrl', server.databaseUrl)
  return async () => {
    await server.stop()
    removePostgresHome(home)
  }
}
