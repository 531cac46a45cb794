/**
 * The first great load of a table: its secondary indexes and outgoing foreign keys are dropped, the rows inserted, and
 * both made again, inside the load's transaction. Building an index from sorted rows and checking a key by one join
 * costs a fraction of doing both row by row (a million parties: a third of the time). Only where the new rows
 * outnumber those already there, because it locks the table until the commit.
 */
import type pg from 'pg'

/** Below this many new rows it is not worth it. */
const bulkRowsMin = 20_000n

/** Runs `insert`, in bulk when `rows` new ones are many against what `table` holds. */
export async function inBulk(
  client: pg.PoolClient,
  table: string,
  rows: bigint,
  insert: () => Promise<unknown>,
): Promise<void> {
  if (rows < bulkRowsMin || (await holdsAtLeast(client, table, rows))) {
    await insert()
    return
  }
  const again = [...(await indexesOf(client, table)), ...(await keysOf(client, table))]
  for (const each of again) await client.query(each.drop)
  await insert()
  await client.query(`set local maintenance_work_mem = '128MB'`)
  for (const each of again) await client.query(each.make)
}

async function holdsAtLeast(client: pg.PoolClient, table: string, rows: bigint): Promise<boolean> {
  const found = await client.query<{ n: bigint }>(
    `select count(*) as n from (select from ${table} limit $1::bigint) as sampled`,
    [String(rows)],
  )
  return (found.rows[0]?.n ?? 0n) >= rows
}

interface Again {
  drop: string
  make: string
}

// Indexes behind a primary key or a unique constraint stay: duplicates have to be refused at once.
async function indexesOf(client: pg.PoolClient, table: string): Promise<Again[]> {
  const found = await client.query<{ name: string; make: string }>(
    `select c.relname as name, pg_get_indexdef(i.indexrelid) as make
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = $1::regclass and not i.indisunique order by c.relname`,
    [table],
  )
  return found.rows.map(({ name, make }) => ({ drop: `drop index ${name}`, make }))
}

async function keysOf(client: pg.PoolClient, table: string): Promise<Again[]> {
  const found = await client.query<{ name: string; definition: string }>(
    `select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where conrelid = $1::regclass and contype = 'f' order by conname`,
    [table],
  )
  return found.rows.map(({ name, definition }) => ({
    drop: `alter table ${table} drop constraint ${name}`,
    make: `alter table ${table} add constraint ${name} ${definition}`,
  }))
}
