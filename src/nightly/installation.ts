/**
 * Record, lake and master key belong together. The record keeps the id of its lake and a check value of its key; a home
 * that is pointed at another database, or opened under another key, is refused before anything is written: the next
 * load would take the lake's files for leftovers, and make tokens that fit no number.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { auditAsOwner } from '../access/audit.ts'
import type { Keys } from '../access/keys.ts'
import { refuse } from '../kit/refusal.ts'
import type { Workplace } from './workplace.ts'

/** Binds the three on first use; afterwards refuses `lake_foreign` or `master_key_wrong` when they do not fit. */
export async function checkInstallation(workplace: Pick<Workplace, 'db' | 'lakeDir' | 'keys'>): Promise<void> {
  const { owner } = workplace.db
  const found = await owner.query<{ name: string; value: string }>(
    `select name, value from setting where name in ('installation', 'keyCheck')`,
  )
  const kept = new Map(found.rows.map((row) => [row.name, row.value]))
  const check = keyCheck(workplace.keys)
  const lake = idOfLake(workplace.lakeDir)
  const record = kept.get('installation')
  if (record !== undefined && record !== lake) refuse('lake_foreign', { lake: workplace.lakeDir })
  if (record === undefined && lake !== undefined && holdsFacts(workplace.lakeDir)) {
    refuse('lake_foreign', { lake: workplace.lakeDir })
  }
  if (kept.has('keyCheck') && kept.get('keyCheck') !== check) refuse('master_key_wrong')
  if (record === undefined) await bind(owner, workplace.lakeDir, lake ?? randomUUID(), check)
  await auditMigrations(owner, workplace.keys)
}

/** Each change of the schema is an entry; written here, where it is certain that the keys are the right ones. */
async function auditMigrations(owner: pg.Pool, keys: Keys): Promise<void> {
  const found = await owner.query<{ name: string; sha256: string; applied_at: Date }>(
    `select name, sha256, applied_at from migration m where not exists (select from audit_entry e
       where e.action = 'migrate' and e.noun = 'schema' and e.noun_id = m.name) order by name limit 1000`,
  )
  for (const { name, sha256, applied_at } of found.rows) {
    const after = { sha256, appliedAt: applied_at.toISOString() }
    await auditAsOwner(owner, keys, { who: 'strata', action: 'migrate', noun: 'schema', nounId: name, after })
  }
}

async function bind(owner: pg.Pool, lakeDir: string, id: string, check: string): Promise<void> {
  writeFileSync(idPath(lakeDir), `${id}\n`)
  await owner.query(
    `insert into setting (name, value) values ('installation', $1), ('keyCheck', $2) on conflict (name) do nothing`,
    [id, check],
  )
}

/** Says nothing about the key, and differs for every other one. */
function keyCheck(keys: Keys): string {
  return keys.blindIndex('account', 'installation').toString('hex')
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
