/**
 * Readings of names in the record. A load writes those of its customers; those of customers loaded before a migration
 * that changes them are filled here, by the worker when it starts.
 */
import type pg from 'pg'
import { ownerTransaction } from '../db/database.ts'
import { spelled } from './load/name-readings.ts'
import type { Workplace } from './workplace.ts'

const fillBatch = 2000

/** Adds the readings of `source`, a relation of `id` and `readings` (each kind and reading: 'pinyin danxiongxin'). */
export async function addReadings(client: pg.PoolClient, source: string, values: unknown[] = []): Promise<void> {
  await client.query(
    `insert into party_reading (party_id, kind, reading)
     select id, split_part(one, ' ', 1), substr(one, strpos(one, ' ') + 1)
     from (select id, unnest(readings) as one from ${source}) listed order by 1, 2, 3`,
    values,
  )
}

/**
 * Fills the readings of parties that have none yet; returns of how many. Each batch is a transaction and marks its
 * parties, so that it goes on where `stop` ended it; a load or an erasure under way is passed by.
 */
export async function fillReadings(
  { db }: Pick<Workplace, 'db'>,
  batch = fillBatch,
  stop?: AbortSignal,
): Promise<number> {
  let filled = 0
  while (!stop?.aborted) {
    const found = await ownerTransaction(db.owner, (client) => fillSome(client, batch))
    if (found === 0) return filled
    filled += found
  }
  return filled
}

async function fillSome(client: pg.PoolClient, batch: number): Promise<number> {
  const { rows } = await client.query<{ id: bigint; name: string; kind: 'person' | 'company'; erased: boolean }>(
    `select id, name, kind, erased_at is not null as erased from party where not spelled
     order by id limit $1 for update skip locked`,
    [batch],
  )
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => String(id))
  const spellings = rows.map(({ name, kind, erased }) => (erased ? null : spelled(name, kind)))
  await client.query(
    `update party p set spelled = true, name_pinyin = s.full_text, name_initials = s.initials
     from unnest($1::bigint[], $2::text[], $3::text[]) as s (id, full_text, initials) where p.id = s.id`,
    [ids, spellings.map((one) => one?.full), spellings.map((one) => one?.initials)],
  )
  await client.query('delete from party_reading where party_id = any($1::bigint[])', [ids])
  await addReadings(
    client,
    `(select id::bigint, array(select json_array_elements_text(others::json)) as readings
      from unnest($1::text[], $2::text[]) as s (id, others)) given`,
    [ids, spellings.map((one) => JSON.stringify(one?.others ?? []))],
  )
  await client.query(`update setting set value = (value::bigint + 1)::text where name = 'deskVersion'`)
  return rows.length
}
