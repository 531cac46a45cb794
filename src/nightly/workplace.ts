/**
 * The workplace: everything a load or a night works with, opened once and handed down. Whoever runs a verb, a job or
 * a request of the API opens one and closes it; nothing below reads the environment.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Keys } from '../access/keys.ts'
import { type MasterKeys, masterKeys } from '../access/master-keys.ts'
import type { Config } from '../config.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { type Clock, systemClock } from '../kit/clock.ts'
import { type Engine, openEngine } from '../lake/engine.ts'
import { openInstallation } from './installation.ts'

/** What is under way, for a progress bar, the API's event stream and the log. */
export interface Progress {
  /** 'read', 'check', 'map', 'write', 'merge', 'commit'; of a night the name of its step. */
  step: string
  done?: number
  total?: number
  /** The file, feed or day it is about. */
  detail?: string
}

export interface Workplace {
  config: Config
  db: Database
  engine: Engine
  clock: Clock
  keys: Keys
  masters: MasterKeys
  /** Absolute; `lake_file.path` is relative to it. */
  lakeDir: string
  /** Absolute; for files that nobody misses after a crash. */
  tempDir: string
  report(progress: Progress): void
  close(): Promise<void>
}

export interface WorkplaceOptions {
  /** Called for every step; default: nothing. */
  report?: (progress: Progress) => void
  /** Shared ones stay open when the workplace closes. */
  db?: Database
  engine?: Engine
  clock?: Clock
  keys?: Keys
}

/**
 * Opens what `config` names; what `options` brings is used instead and left open by `close`. The record has its schema.
 * Refuses lake_foreign, master_key_wrong, master_key_missing, kms_failed.
 */
export async function openWorkplace(config: Config, options: WorkplaceOptions = {}): Promise<Workplace> {
  const lakeDir = join(config.home, 'lake')
  const tempDir = join(config.home, 'tmp')
  mkdirSync(lakeDir, { recursive: true })
  mkdirSync(tempDir, { recursive: true })
  const masters = masterKeys(config)
  const db = options.db ?? openDatabase({ appUrl: config.databaseUrl, ownerUrl: config.databaseOwnerUrl })
  const closeDatabase = async () => {
    if (!options.db) await db.close()
  }
  const keys =
    options.keys ??
    (await openInstallation({ owner: db.owner, lakeDir, masters }).catch(async (error: unknown) => {
      await closeDatabase()
      throw error
    }))
  const engine =
    options.engine ??
    openEngine({ threads: config.threads, memoryLimitMb: config.memoryLimitMb, tempDir: join(tempDir, 'duckdb') })
  return {
    config,
    db,
    engine,
    clock: options.clock ?? systemClock(config.timeZone),
    keys,
    masters,
    lakeDir,
    tempDir,
    report: options.report ?? (() => undefined),
    close: async () => {
      if (!options.engine) await engine.close()
      await closeDatabase()
    },
  }
}
