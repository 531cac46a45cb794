/**
 * Customers into the record: a party per new customer number, its personal facts sealed under its own key, blind
 * indexes to find it by, pinyin to search it by, and what is missing or wrong about it.
 */
import { pinyin } from 'pinyin-pro'
import type { Keys } from '../../access/keys.ts'
import { newPartyKey, type PersonalFacts, partyKey, sealFacts } from '../../access/seal.ts'
import { emptyFacts, qualityOf } from '../../desk/customers/wanted.ts'
import { literal } from '../../lake/engine.ts'
import { inBulk } from './bulk.ts'
import { keepEdits } from './edited.ts'
import { countOf, type Merge, rejectWhere, reserveIds } from './merge.ts'
import { partyFlags } from './party-flags.ts'
import { flagStaff } from './record-organisation.ts'
import { type Staged, stageChanged } from './stage.ts'

/** A checked row as it leaves the engine. */
export interface CustomerRow {
  party_id: string
  is_new: boolean
  customer_no: string
  kind: 'person' | 'company'
  name: string
  unit_id: number
  identity_kind: string | null
  identity_no: string | null
  sex: string | null
  birth_on: string | null
  phone: string | null
  email: string | null
  address: string | null
  region_code: string | null
  occupation: string | null
  industry: string | null
  annual_income: string | null
  opened_on: string | null
  closed_on: string | null
  source: string | null
  reported: string | null
}

const partyColumns = `id bigint, is_new boolean, customer_no text, kind text, name text, name_pinyin text, name_initials text,
  sex text, birth_on date, region_code text, occupation text, industry text, annual_income_fen bigint, unit_id int, opened_on date,
  closed_on date, identity_kind text, identity_valid boolean, phone_last4 text, sealed bytea, identity_token bytea,
  phone_token bytea, missing text[], quality smallint, source text, wrapped bytea`

/** What a load may change of a party, in both INSERT and UPDATE. */
const merged = `customer_no, kind, name, name_pinyin, name_initials, sex, birth_on, region_code, occupation, industry,
  annual_income_fen, unit_id, opened_on, closed_on, identity_kind, identity_valid, phone_last4, sealed, identity_token,
  phone_token, missing, quality, source`

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
  await stageChanged<CustomerRow>(
    merge,
    'stage_party',
    partyColumns,
    `select party_id::varchar as party_id, is_new, customer_no, kind, name, unit_id, identity_kind, identity_no, sex,
       birth_on::varchar as birth_on, phone, email, address, region_code, occupation, industry,
       annual_income::varchar as annual_income, opened_on::varchar as opened_on, closed_on::varchar as closed_on, source, reported
     from load_customer order by party_id`,
    (rows) => sealRows(merge, rows),
    (done) => merge.progress('seal', done, total),
  )
  merge.progress('merge')
  const assigned = merged.split(',').map((name) => `${name.trim()} = s.${name.trim()}`)
  await client.query(
    `update party set ${assigned.join(', ')}, load_id = ${loadId}, updated_at = now()
     from stage_party s where party.id = s.id and not s.is_new`,
  )
  const fresh = await countOf(engine, 'select count(*) from load_customer where is_new')
  await inBulk(client, 'party', fresh, () =>
    client.query(
      `insert into party (id, ${merged}, load_id)
       select id, ${merged}, ${loadId} from stage_party where is_new order by id`,
    ),
  )
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

// An unknown customer number gets the next party id; the map of numbers to ids goes to the lake with the load.
async function giveIds(merge: Merge): Promise<void> {
  const { engine, client, loadId } = merge
  await engine.exec(`create or replace temp table load_customer as
    select a.*, k.party_id as known_id from ${merge.accepted} a left join known.customer k on k.customer_no = a.customer_no`)
  const fresh = await countOf(engine, 'select count(*) from load_customer where known_id is null')
  const first = await reserveIds(client, 'party', fresh)
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

async function sealRows(merge: Merge, rows: CustomerRow[]): Promise<Staged[][]> {
  const { keys } = merge.workplace
  const old = rows.filter((row) => !row.is_new).map((row) => row.party_id)
  const wrapped = new Map<string, Buffer>()
  if (old.length > 0) {
    const found = await merge.client.query<{ party_id: bigint; wrapped: Buffer }>(
      'select party_id, wrapped from party_key where party_id = any($1::bigint[])',
      [old],
    )
    for (const row of found.rows) wrapped.set(String(row.party_id), row.wrapped)
    await keepEdits(merge, rows, wrapped)
  }
  return rows.map((row) => partyRow(keys, row, wrapped.get(row.party_id)))
}

/** A row of the staging table, sealed. A party whose key is known keeps it; one without gets a new one. */
export function partyRow(keys: Keys, row: CustomerRow, wrapped: Buffer | undefined): Staged[] {
  const id = BigInt(row.party_id)
  const made = wrapped ? { key: partyKey(keys, id, wrapped), wrapped: null } : newPartyKey(keys, id)
  const facts: PersonalFacts = {}
  if (row.identity_no) facts.identityNo = row.identity_no
  if (row.phone) facts.phone = row.phone
  if (row.email) facts.email = row.email
  if (row.address) facts.address = row.address
  const wrong = row.reported ? row.reported.split(',') : []
  const missing = missingOf(row, wrong)
  const name = spelled(row.name, row.kind)
  return [
    row.party_id,
    row.is_new,
    row.customer_no,
    row.kind,
    row.name,
    name.full,
    name.initials,
    row.sex,
    row.birth_on,
    row.region_code,
    row.occupation,
    row.industry,
    row.annual_income,
    row.unit_id,
    row.opened_on,
    row.closed_on,
    row.identity_kind,
    row.identity_no ? !wrong.includes('identity_no') : false,
    row.phone && row.phone.length >= 8 ? row.phone.slice(-4) : null,
    sealFacts(made.key, id, facts),
    row.identity_no ? keys.blindIndex('identityNo', row.identity_no.toUpperCase()) : null,
    row.phone ? keys.blindIndex('phone', row.phone) : null,
    missing,
    qualityOf(row.kind, missing),
    row.source,
    made.wrapped,
  ]
}

// Wanted and empty, or there and wrong.
function missingOf(row: CustomerRow, wrong: readonly string[]): string[] {
  const empty = emptyFacts(row.kind, (column) => row[column] === null)
  return [...new Set([...empty, ...wrong])]
}

const spelledNames = new Map<string, { full: string; initials: string }>()
const spelledNamesMax = 50_000

/** Pinyin of a name, 'ouyang zhiyuan' without blanks, and its initials; the family name read as a family name. */
export function spelled(name: string, kind: CustomerRow['kind']): { full: string; initials: string } {
  const known = spelledNames.get(name)
  if (known) return known
  const mode = kind === 'person' ? 'surname' : 'normal'
  const syllables = pinyin(name, { mode, toneType: 'none', type: 'array', v: true }).map((s) => s.trim().toLowerCase())
  const made = {
    full: syllables.join(''),
    initials: syllables.map((syllable) => [...syllable][0] ?? '').join(''),
  }
  // Names repeat; beyond this many the memory is worth more than the time.
  if (spelledNames.size >= spelledNamesMax) spelledNames.clear()
  spelledNames.set(name, made)
  return made
}
