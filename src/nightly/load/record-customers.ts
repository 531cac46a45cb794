/**
 * Customers into the record: a party per new customer number, its personal facts sealed under its own key, blind
 * indexes to find it by, pinyin to search it by, and what is missing or wrong about it.
 */
import { knowGenerations } from '../../access/keys.ts'
import { literal } from '../../lake/engine.ts'
import { followHomes } from '../../publish/homes.ts'
import { addReadings } from '../readings.ts'
import { inBulk } from './bulk.ts'
import { keepEdits } from './edited.ts'
import { countOf, type Merge, rejectWhere, reserveIds } from './merge.ts'
import { partyFlags } from './party-flags.ts'
import { flagStaff } from './record-organisation.ts'
import type { Wrapped } from './sealed-rows.ts'
import { stageSealed } from './stage.ts'

const partyColumns = `id bigint, is_new boolean, customer_no text, kind text, name text, name_pinyin text, name_initials text,
  readings text[], spelled boolean, sex text, birth_on date, region_code text, occupation text, industry text, annual_income_fen bigint, unit_id int, opened_on date,
  closed_on date, identity_kind text, identity_valid boolean, phone_last4 text, sealed bytea, identity_token bytea,
  phone_token bytea, missing text[], quality smallint, source text, wrapped bytea`

/** What a load may change of a party, in both INSERT and UPDATE. */
const merged = `customer_no, kind, name, name_pinyin, name_initials, sex, birth_on, region_code, occupation, industry,
  annual_income_fen, unit_id, opened_on, closed_on, identity_kind, identity_valid, phone_last4, sealed, identity_token,
  phone_token, missing, quality, source, spelled`

export async function mergeCustomers(merge: Merge): Promise<void> {
  const { engine, client, loadId } = merge
  await rejectWhere(
    engine,
    `select line from ${merge.accepted} where flags is not null and len(list_filter(string_split(flags, '|'),
       lambda x: trim(x) not in ('minor', 'guardian', 'deceased', 'dormant', 'staff', 'staffKin', ''))) > 0`,
    {
      column: 'flags',
      rule: 'choice',
      expectedZh: 'minor、guardian、deceased、dormant、staff、staffKin，以 | 分隔',
      expectedEn: 'minor, guardian, deceased, dormant, staff or staffKin, separated by |',
      adviceZh: '请改为所列标识之一或留空',
      adviceEn: 'Use one of these flags or leave it empty',
    },
  )
  await giveIds(merge)
  const total = Number(await countOf(engine, 'select count(*) from load_customer'))
  await stageSealed(merge, merge.workplace.keys, {
    table: 'stage_party',
    columns: partyColumns,
    query: `select party_id::varchar as party_id, is_new, customer_no, kind, name, unit_id, identity_kind, identity_no, sex,
       birth_on::varchar as birth_on, phone, email, address, region_code, occupation, industry,
       annual_income::varchar as annual_income, opened_on::varchar as opened_on, closed_on::varchar as closed_on, source, reported
     from load_customer order by party_id`,
    noun: 'customer',
    wrapped: (batch) => wrappedKeys(merge, batch),
    progress: (done) => merge.progress('seal', done, total),
  })
  await keepEdits(merge)
  merge.progress('merge')
  await updateKnown(merge)
  const fresh = await countOf(engine, 'select count(*) from load_customer where is_new')
  await inBulk(client, 'party', fresh, () =>
    client.query(
      `insert into party (id, ${merged}, load_id)
       select id, ${merged}, ${loadId} from stage_party where is_new order by id`,
    ),
  )
  await inBulk(client, 'party_reading', fresh, () => addReadings(client, 'stage_party where is_new'))
  await inBulk(client, 'party_key', fresh, () =>
    client.query(
      `insert into party_key (party_id, wrapped) select id, wrapped from stage_party where wrapped is not null
       on conflict (party_id) do update set wrapped = excluded.wrapped`,
    ),
  )
  await inBulk(client, 'customer', fresh, () =>
    client.query(
      `insert into customer (customer_no, party_id, load_id) select customer_no, id, ${loadId} from stage_party
       where is_new order by customer_no`,
    ),
  )
  await partyFlags(merge)
  await flagStaff(merge)
}

// What else a party has follows what changed of it: the nights there are its home, the readings its name.
async function updateKnown({ client, loadId }: Merge): Promise<void> {
  await client.query(`create temp table moved on commit drop as select p.id from party p
    join stage_party s on s.id = p.id where not s.is_new and s.unit_id is distinct from p.unit_id`)
  await client.query(`create temp table respelled on commit drop as select p.id, s.readings from party p
    join stage_party s on s.id = p.id
    where not s.is_new and (not p.spelled or (s.name, s.kind) is distinct from (p.name, p.kind))`)
  const assigned = merged.split(',').map((name) => `${name.trim()} = s.${name.trim()}`)
  await client.query(
    `update party set ${assigned.join(', ')}, load_id = ${loadId}, updated_at = now()
     from stage_party s where party.id = s.id and not s.is_new`,
  )
  await followHomes(client, 'select id from moved')
  await client.query('delete from party_reading where party_id in (select id from respelled)')
  await addReadings(client, 'respelled')
}

// An unknown customer number gets the next party id; the map of numbers to ids goes to the lake with the load.
async function giveIds(merge: Merge): Promise<void> {
  const { engine, loadId } = merge
  await engine.exec(`create or replace temp table load_customer as
    select a.*, k.party_id as known_id from ${merge.accepted} a left join known.customer k on k.customer_no = a.customer_no`)
  const fresh = await countOf(engine, 'select count(*) from load_customer where known_id is null')
  const first = await reserveIds(merge, 'party', fresh)
  await engine.exec(`create or replace temp table load_customer as
    select * exclude (known_id), known_id is null as is_new,
      coalesce(known_id, ${first} - 1 + row_number() over (partition by known_id is null order by line)) as party_id
    from load_customer`)
  if (fresh === 0n) return
  const temporaryPath = `${merge.dir}/idmap-customer.parquet`
  await engine.exec(`copy (select customer_no, party_id::bigint as party_id, ${loadId}::integer as load_id
    from load_customer where is_new order by party_id) to ${literal(temporaryPath)} (format parquet, compression zstd)`)
  merge.files.push({
    kind: 'idmap',
    noun: 'customer',
    temporaryPath,
    path: `idmaps/customer/${loadId}.parquet`,
    rows: fresh,
    firstDay: undefined,
    lastDay: undefined,
  })
}

// A party that is known keeps its key. The engine writes party_id and is_new first, and no text of a row can hold a
// line end, so that a batch need not be parsed to find the parties whose keys have to be fetched.
async function wrappedKeys({ client, workplace: { keys } }: Merge, batch: Buffer): Promise<Wrapped> {
  const wrapped: Wrapped = new Map()
  if (!batch.includes('"is_new":false')) return wrapped
  const old = [...batch.toString('utf8').matchAll(/^\{"party_id":"(\d+)","is_new":false/gm)].map((found) => found[1])
  const found = await client.query<{ party_id: bigint; wrapped: Buffer }>(
    'select party_id, wrapped from party_key where party_id = any($1::bigint[])',
    [old],
  )
  for (const row of found.rows) wrapped.set(String(row.party_id), row.wrapped)
  // A rotation that began meanwhile wraps keys under a generation that this process has not met yet.
  await knowGenerations(
    keys,
    found.rows.map((row) => row.wrapped),
  )
  return wrapped
}
