/**
 * The desk snapshot: what the record says about parties, accounts, owners and households, as Parquet, so that a night
 * reads one fixed state however long it takes. It holds ids and codes, no personal column. Rows arrive as CSV from
 * PostgreSQL's COPY; the folder is named by the digest of its content.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type Engine, literal } from './engine.ts'

/** The tables of a snapshot: columns as DuckDB types, and the query that gives them in key order. */
export const snapshotTables = {
  party: {
    columns: {
      party_id: 'BIGINT',
      customer_no: 'VARCHAR',
      kind: 'VARCHAR',
      unit_id: 'INTEGER',
      rm_id: 'INTEGER',
      opened_on: 'DATE',
      closed_on: 'DATE',
      identity_valid: 'BOOLEAN',
      missing: 'VARCHAR',
      missing_count: 'INTEGER',
    },
    query: `select id, customer_no, kind, unit_id, rm_id, opened_on, closed_on, coalesce(identity_valid, false),
      array_to_string(missing, ','), cardinality(missing) from party order by id`,
  },
  party_flag: {
    columns: { party_id: 'BIGINT', kind: 'VARCHAR', from_day: 'DATE', to_day: 'DATE' },
    query: 'select party_id, kind, from_day, to_day from party_flag order by party_id, kind, from_day',
  },
  household: {
    columns: { household_id: 'BIGINT', household_no: 'VARCHAR', unit_id: 'INTEGER' },
    query: 'select id, household_no, unit_id from household order by id',
  },
  household_member: {
    columns: {
      household_id: 'BIGINT',
      party_id: 'BIGINT',
      from_day: 'DATE',
      to_day: 'DATE',
      consent_from: 'DATE',
      consent_to: 'DATE',
    },
    query: `select household_id, party_id, from_day, to_day, consent_from, consent_to from household_member
      order by household_id, party_id, from_day`,
  },
  account: {
    columns: {
      account_id: 'BIGINT',
      product_id: 'INTEGER',
      currency: 'VARCHAR',
      unit_id: 'INTEGER',
      opened_on: 'DATE',
      closed_on: 'DATE',
      matures_on: 'DATE',
    },
    query: 'select id, product_id, currency, unit_id, opened_on, closed_on, matures_on from account order by id',
  },
  account_owner: {
    columns: {
      account_id: 'BIGINT',
      party_id: 'BIGINT',
      share: 'INTEGER',
      ordinal: 'SMALLINT',
      from_day: 'DATE',
      to_day: 'DATE',
    },
    query: `select account_id, party_id, share, ordinal, from_day, to_day from account_owner
      order by account_id, from_day, ordinal, party_id`,
  },
  account_flag: {
    columns: { account_id: 'BIGINT', kind: 'VARCHAR', from_day: 'DATE', to_day: 'DATE' },
    query: 'select account_id, kind, from_day, to_day from account_flag order by account_id, kind, from_day',
  },
  position: {
    columns: {
      position_id: 'BIGINT',
      account_id: 'BIGINT',
      product_id: 'INTEGER',
      kind: 'VARCHAR',
      currency: 'VARCHAR',
    },
    query: 'select id, account_id, product_id, kind, currency from position order by id',
  },
  product: {
    columns: { product_id: 'INTEGER', code: 'VARCHAR', class: 'VARCHAR', weight: 'INTEGER' },
    query: 'select id, code, class, weight from product order by id',
  },
  tier_change: {
    columns: {
      id: 'BIGINT',
      party_id: 'BIGINT',
      scheme: 'VARCHAR',
      to_tier: 'SMALLINT',
      effective_on: 'DATE',
      night_day: 'DATE',
    },
    // a night run again must not see what its own first run changed: it leaves out changes made by nights of its day on
    query: `select c.id, c.party_id, c.scheme, c.to_tier, c.effective_on, n.day from tier_change c
      left join night n on n.id = c.night_id order by c.party_id, c.scheme, c.effective_on, c.id`,
  },
} as const

export type SnapshotTable = keyof typeof snapshotTables

/** Path of one table of a snapshot folder. */
export function snapshotPath(folder: string, table: SnapshotTable): string {
  return join(folder, `${table}.parquet`)
}

/**
 * Turns CSV files (`<table>.csv`, no header, empty = null) in `csvFolder` into `lake/snapshots/<sha>`; returns the
 * digest. The digest is of the CSV text, which is in key order: same record, same digest.
 */
export async function writeSnapshot(engine: Engine, lakeDir: string, csvFolder: string): Promise<string> {
  const hash = createHash('sha256')
  const tables = Object.keys(snapshotTables) as SnapshotTable[]
  for (const table of tables) {
    hash.update(table)
    for await (const part of createReadStream(join(csvFolder, `${table}.csv`), { highWaterMark: 1 << 20 }))
      hash.update(part)
  }
  const sha = hash.digest('hex')
  const folder = join(lakeDir, 'snapshots', sha)
  if (existsSync(folder)) return sha
  const temporary = `${folder}.${randomUUID()}.part`
  mkdirSync(temporary, { recursive: true })
  for (const table of tables) {
    const columns = Object.entries(snapshotTables[table].columns).map(([name, type]) => `'${name}': '${type}'`)
    await engine.exec(`copy (select * from read_csv(${literal(join(csvFolder, `${table}.csv`))}, header = false,
      delim = ',', quote = '"', escape = '"', columns = {${columns.join(', ')}}, auto_detect = false, parallel = true))
      to ${literal(snapshotPath(temporary, table))} (format parquet, parquet_version v2, compression zstd)`)
  }
  await syncFolder(temporary)
  try {
    renameSync(temporary, folder)
  } catch (error) {
    // Somebody else wrote the same snapshot meanwhile.
    rmSync(temporary, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
  return sha
}

async function syncFolder(folder: string): Promise<void> {
  for (const name of ['.', ...readdirSync(folder)]) {
    const file = await open(join(folder, name), 'r')
    await file.sync()
    await file.close()
  }
}
