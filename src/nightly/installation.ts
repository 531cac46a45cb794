/**
 * Record, lake and master key belong together. The record keeps the id of its lake and a check value of its masters; a
 * home that is pointed at another database, or opened under another key, is refused before anything is written: the next
 * load would take the lake's files for leftovers, and make tokens that fit no number.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { auditAsOwner } from '../access/audit.ts'
import { openKeys } from '../access/key-store.ts'
import type { Keys } from '../access/keys.ts'
import type { MasterKeys } from '../access/master-keys.ts'
import { refuse } from '../kit/refusal.ts'
import type { Workplace } from './workplace.ts'

/** What is opened: the record's owner, the folder of the lake, and where master keys come from. */
export interface Parts {
  owner: pg.Pool
  lakeDir: string
  masters: MasterKeys
}

/**
 * Binds the three on first use and opens the keys; afterwards refuses `lake_foreign` or `master_key_wrong` when they do
 * not fit.
 */
export async function openInstallation({ owner, lakeDir, masters }: Parts): Promise<Keys> {
  const found = await owner.query<{ value: string }>(`select value from setting where name = 'installation'`)
  const lake = idOfLake(lakeDir)
  const record = found.rows[0]?.value
  if (record !== undefined && record !== lake) refuse('lake_foreign', { lake: lakeDir })
  if (record === undefined && lake !== undefined && holdsFacts(lakeDir)) refuse('lake_foreign', { lake: lakeDir })
  const keys = await openKeys(owner, masters)
  if (record === undefined) await bind(owner, lakeDir, lake ?? randomUUID())
  return keys
}

/** Each change of the schema is an entry; written once it is certain that the keys are the right ones. */
export async function auditMigrations({ db: { owner }, keys }: Pick<Workplace, 'db' | 'keys'>): Promise<void> {
  const found = await owner.query<{ name: string; sha256: string; applied_at: Date }>(
    `select name, sha256, applied_at from migration m where not exists (select from audit_entry e
       where e.action = 'migrate' and e.noun = 'schema' and e.noun_id = m.name) order by name limit 1000`,
  )
  for (const { name, sha256, applied_at } of found.rows) {
    const after = { sha256, appliedAt: applied_at.toISOString() }
    await auditAsOwner(owner, keys, { who: 'strata', action: 'migrate', noun: 'schema', nounId: name, after })
  }
}

async function bind(owner: pg.Pool, lakeDir: string, id: string): Promise<void> {
  writeFileSync(idPath(lakeDir), `${id}\n`)
  await owner.query(`insert into setting (name, value) values ('installation', $1) on conflict (name) do nothing`, [id])
}

function idPath(lakeDir: string): string {
  return join(lakeDir, 'installation')
}

function idOfLake(lakeDir: string): string | undefined {
  const path = idPath(lakeDir)
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

function holdsFacts(lakeDir: string): boolean {
  const folder = join(lakeDir, 'facts')
  return existsSync(folder) && readdirSync(folder).length > 0
}
