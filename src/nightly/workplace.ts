/**
 * The workplace: everything a load or a night works with, opened once and handed down. Whoever runs a verb, a job or
 * a request of the API opens one and closes it; nothing below reads the environment.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sealAuditWith } from '../access/audit.ts'
import type { Keys } from '../access/keys.ts'
import { type MasterKeys, masterKeys } from '../access/master-keys.ts'
import type { ErasingPlace } from '../acts/erase.ts'
import { reapplyErasures } from '../acts/reapply-erasures.ts'
import type { Config } from '../config.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { type Clock, systemClock } from '../kit/clock.ts'
import { type Engine, openEngine } from '../lake/engine.ts'
import { openInstallation, type Parts } from './installation.ts'

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
 * Whoever was erased stays so, also after a restore. Refuses lake_foreign, master_key_wrong, master_key_missing,
 * kms_failed, erasures_invalid.
 */
export async function openWorkplace(config: Config, options: WorkplaceOptions = {}): Promise<Workplace> {
  const lakeDir = join(config.home, 'lake')
  const tempDir = join(config.home, 'tmp')
  mkdirSync(lakeDir, { recursive: true })
  mkdirSync(tempDir, { recursive: true })
  const masters = masterKeys(config)
  const clock = options.clock ?? systemClock(config.timeZone)
  const db = options.db ?? openDatabase({ appUrl: config.databaseUrl, ownerUrl: config.databaseOwnerUrl })
  const closeDatabase = async () => {
    if (!options.db) await db.close()
  }
  const keys = await opened(config, { owner: db.owner, lakeDir, masters }, clock, options.keys).catch(
    async (error: unknown) => {
      await closeDatabase()
      throw error
    },
  )
  sealAuditWith(db, keys)
  const engine =
    options.engine ??
    openEngine({ threads: config.threads, memoryLimitMb: config.memoryLimitMb, tempDir: join(tempDir, 'duckdb') })
  return {
    config,
    db,
    engine,
    clock,
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

/** What an erasure needs of it. */
export function erasingPlace({ db, keys, clock, config }: Workplace): ErasingPlace {
  return { owner: db.owner, keys, clock, home: config.home }
}

async function opened(config: Config, parts: Parts, clock: Clock, shared: Keys | undefined): Promise<Keys> {
  if (shared) return shared
  const keys = await openInstallation(parts)
  await reapplyErasures({ owner: parts.owner, keys, clock, home: config.home })
  return keys
}
