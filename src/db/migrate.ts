/**
 * Applies sql/NNNN_*.sql in order, forward only. The row in `migration` comes first, so that two migrators at once
 * cannot both run a file; a database with other files, or with files edited since, is refused (`schema_foreign`).
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type pg from 'pg'
import { assert } from '../kit/assert.ts'
import { refuse } from '../kit/refusal.ts'
import { ownerTransaction } from './database.ts'

const folder = new URL('../../sql/', import.meta.url)

/** Brings the database to the newest schema; returns the names of the files applied now. `appRole` gets its grants. */
export async function migrate(owner: pg.Pool, appRole: string): Promise<string[]> {
  await alone(owner, async (client) => {
    await client.query(`create table if not exists migration (
      name text primary key, sha256 text not null, applied_at timestamptz not null default now())`)
  })
  const names = readdirSync(folder)
    .filter((file) => /^\d{4}_.*\.sql$/.test(file))
    .sort()
  await refuseNewer(owner, names)
  const applied: string[] = []
  for (const name of names) {
    const text = readFileSync(new URL(name, folder), 'utf8')
    const sha256 = createHash('sha256').update(text).digest('hex')
    await ownerTransaction(owner, async (client) => {
      await client.query('lock table migration in exclusive mode')
      const done = await client.query('select sha256 from migration where name = $1', [name])
      if (done.rows[0]) {
        if (done.rows[0].sha256 !== sha256) refuse('schema_foreign', { name })
        return
      }
      await client.query('insert into migration (name, sha256) values ($1, $2)', [name, sha256])
      await client.query(text)
      applied.push(name)
    })
  }
  await grant(owner, appRole)
  return applied
}

// An older program on a newer schema would write what the newer one does not expect.
async function refuseNewer(owner: pg.Pool, names: readonly string[]): Promise<void> {
  const found = await owner.query<{ name: string }>('select name from migration where name <> all($1) order by name', [
    names,
  ])
  if (found.rows[0]) refuse('schema_foreign', { name: found.rows[0].name })
}

/** The application adds to these and changes nothing; but for consents a trigger holds the owner to the same. */
const onlyAdded = [
  'audit_entry',
  'bulk_reveal',
  'tier_change',
  'consent',
  'value_state',
  'note_edition',
  'household_act',
]
/** The application only reads these: they are written by triggers, the sealer, loads, and whoever keeps keys and erases. */
const onlyRead = [
  ...['audit_seal', 'audit_head', 'audit_signer', 'audit_pending'],
  ...['master_generation', 'purpose_key', 'load_key', 'erasure', 'retention', 'value_now'],
]

/** The application adds to these and changes them, and deletes nothing. */
const neverDeleted = ['note']

async function grant(owner: pg.Pool, role: string): Promise<void> {
  assert(/^[a-z_][a-z0-9_]*$/.test(role), `a plain role name, not ${role}`)
  const { rows } = await owner.query('select current_user as name')
  // Whoever lets the application be the owner must not take from it what triggers and functions need
  if (rows[0].name === role) return
  const found = await owner.query('select 1 from pg_roles where rolname = $1', [role])
  assert(found.rowCount === 1, `role ${role} exists`)
  await alone(owner, async (client) => {
    await client.query(`grant usage on schema public, strata to ${role}`)
    await client.query(`grant select, insert, update, delete on all tables in schema public to ${role}`)
    await client.query(`revoke update, delete, truncate on ${onlyAdded.join(', ')} from ${role}`)
    await client.query(`revoke delete, truncate on ${neverDeleted.join(', ')} from ${role}`)
    await client.query(`revoke insert, update, delete, truncate on ${onlyRead.join(', ')} from ${role}`)
    await client.query(`grant usage on all sequences in schema public to ${role}`)
    await client.query(`grant execute on all functions in schema strata to ${role}`)
    await client.query(`alter default privileges in schema public grant select on tables to ${role}`)
  })
}

// "create … if not exists" and "grant" by two at once fail on the system catalogue, so migrators take turns.
async function alone(owner: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  await ownerTransaction(owner, async (client) => {
    await client.query('select pg_advisory_xact_lock(730001)')
    await work(client)
  })
}
