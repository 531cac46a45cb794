/** Homes that a test throws away, and a configuration that names one. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, readConfig } from '../../src/config.ts'
import type { TestDatabase } from './database.ts'
import { removePostgresHome } from './postgres-home.ts'

export interface TestHome {
  home: string
  remove(): void
}

/** An empty folder under the system's temporary one. */
export function testHome(): TestHome {
  const home = mkdtempSync(join(tmpdir(), 'strata-home-'))
  return { home, remove: () => removePostgresHome(home) }
}

/** The configuration of a home on a test database; `env` adds settings. */
export function testConfig(home: string, database: TestDatabase, env: Record<string, string> = {}): Config {
  return readConfig({
    STRATA_HOME: home,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    ...env,
  })
}
