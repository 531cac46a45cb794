/**
 * Erasure of a person (删除个人信息): the key is destroyed, what no law demands is removed, ids, amounts, tier changes
 * and audit stay (docs: administrator). One transaction of the owner, because it reaches every table and every kept
 * night. The ledger beside the record (acts/erasure-ledger.ts) is written before the commit, so that an erasure
 * outlives a restore.
 */
import type pg from 'pg'
import { auditAsOwner } from '../access/audit.ts'
import { type Keys, withNewestKeys } from '../access/keys.ts'
import { openFacts, partyKey } from '../access/seal.ts'
import { ownerTransaction } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { appendErasure, type Erasure } from './erasure-ledger.ts'
import { blankQuarantine, type Traces } from './quarantine-traces.ts'

export interface ErasingPlace {
  owner: pg.Pool
  keys: Keys
  clock: Clock
  /** Folder of the installation, where the ledger is. */
  home: string
}

export interface ErasureRequest {
  customerNo: string
  /** Who decided: 'login:3'; audited. */
  by: string
  reason: string
  address?: string | null
}

export interface Erased {
  customerNos: string[]
  erasedAt: string
  /** Quarantined rows that spoke of the person. */
  quarantinedRows: number
}

/** Erasures wait for the file that is being loaded, and the next file for them. */
const waitMs = 60_000

/**
 * Erases the person behind a customer number. To be called once two people have agreed, or by whoever alone may. Refuses
 * not_found, already_erased, erasure_needs_person, load_busy.
 */
export async function erase(place: ErasingPlace, asked: ErasureRequest): Promise<Erased> {
  const erasedAt = place.clock.now()
  return withNewestKeys(place.keys, () =>
    exclusively(place.owner, async (client) => {
      const found = await partyOf(client, asked.customerNo)
      if (!found) refuse('not_found', { what: `customer ${asked.customerNo}`, whatZh: `客户 ${asked.customerNo}` })
      if (found.erased_at !== null) refuse('already_erased', { customer: asked.customerNo })
      if (found.kind !== 'person') refuse('erasure_needs_person', { customer: asked.customerNo })
      const customerNos = await numbersOf(client, found.id)
      const { by, reason } = asked
      const erasure = { customerNos, erasedAt, by, reason }
      const quarantinedRows = await eraseParty(client, place.keys, found.id, erasure, false)
      await auditAsOwner(client, place.keys, {
        who: by,
        action: 'erase',
        noun: 'customer',
        nounId: asked.customerNo,
        partyId: found.id,
        after: { numbers: customerNos.length, quarantinedRows },
        reason,
        address: asked.address ?? null,
      })
      // Last of all: if anything failed before, nobody was erased.
      appendErasure(place, erasure)
      return { customerNos, erasedAt, quarantinedRows }
    }),
  )
}

/** Does again what the ledger says and the record, restored from an older backup, does not know. Refuses load_busy. */
export async function eraseAgain(place: ErasingPlace, erasure: Erasure): Promise<void> {
  await withNewestKeys(place.keys, () =>
    exclusively(place.owner, async (client) => {
      const ids = await client.query<{ party_id: bigint }>(
        'select distinct party_id from customer where customer_no = any($1::text[]) order by party_id',
        [erasure.customerNos],
      )
      // Not there (yet): its numbers are refused when they come.
      if (ids.rows.length === 0) await record(client, null, erasure, true)
      for (const { party_id } of ids.rows) await eraseParty(client, place.keys, party_id, erasure, true)
      await auditAsOwner(client, place.keys, {
        who: 'strata',
        action: 'eraseAgain',
        noun: 'customer',
        nounId: erasure.customerNos[0] ?? null,
        partyId: ids.rows[0]?.party_id ?? null,
        after: { found: ids.rows.length },
        reason: erasure.reason,
      })
    }),
  )
}

/** A transaction in which nobody loads or publishes. */
async function exclusively<T>(owner: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  try {
    return await ownerTransaction(owner, async (client) => {
      await client.query(`set local lock_timeout = '${waitMs}ms'`)
      await client.query('lock table erasure in row exclusive mode')
      return work(client)
    })
  } catch (error) {
    if ((error as { code?: string }).code === '55P03') refuse('load_busy')
    throw error
  }
}

async function partyOf(client: pg.PoolClient, customerNo: string) {
  const found = await client.query<{ id: bigint; kind: string; erased_at: Date | null }>(
    `select id, kind, erased_at from party where id = (select party_id from customer where customer_no = $1
       union select id from party where customer_no = $1) for update`,
    [customerNo],
  )
  return found.rows[0]
}

async function numbersOf(client: pg.PoolClient, partyId: bigint): Promise<string[]> {
  const found = await client.query<{ customer_no: string }>(
    `select customer_no from customer where party_id = $1 union select customer_no from party where id = $1 order by 1`,
    [String(partyId)],
  )
  return found.rows.map((row) => row.customer_no)
}

async function eraseParty(
  client: pg.PoolClient,
  keys: Keys,
  partyId: bigint,
  erasure: Erasure,
  again: boolean,
): Promise<number> {
  await record(client, partyId, erasure, again)
  // While the key is there: afterwards nobody can tell which rows were this person's.
  const blanked = await blankQuarantine(client, keys, await tracesOf(client, keys, partyId, erasure.customerNos))
  for (const statement of removals) await client.query(statement, [String(partyId)])
  await client.query('update party set name = $2, erased_at = $3 where id = $1', [
    String(partyId),
    erasedName(partyId),
    erasure.erasedAt,
  ])
  await client.query('update night_customer set name = $2 where party_id = $1', [String(partyId), erasedName(partyId)])
  await client.query(`update setting set value = (value::bigint + 1)::text where name = 'deskVersion'`)
  return blanked
}

/** What stands in place of a name: no text of a person begins so. */
export const erasedName = (partyId: bigint) => `∅${partyId}`

async function record(client: pg.PoolClient, partyId: bigint | null, erasure: Erasure, again: boolean): Promise<void> {
  await client.query(
    `insert into erasure (customer_no, party_id, erased_at, erased_by, reason, reapplied_at)
     select no, $2, $3, $4, $5, case when $6 then now() end from unnest($1::text[]) as no
     on conflict (customer_no) do nothing`,
    [
      erasure.customerNos,
      partyId === null ? null : String(partyId),
      erasure.erasedAt,
      erasure.by,
      erasure.reason,
      again,
    ],
  )
}

/** How the person's rows are known among quarantined ones. */
async function tracesOf(
  client: pg.PoolClient,
  keys: Keys,
  partyId: bigint,
  customerNos: readonly string[],
): Promise<Traces> {
  const found = await client.query<{ sealed: Buffer | null; wrapped: Buffer | null }>(
    'select p.sealed, k.wrapped from party p left join party_key k on k.party_id = p.id where p.id = $1',
    [String(partyId)],
  )
  const { sealed, wrapped } = found.rows[0] ?? { sealed: null, wrapped: null }
  const facts = sealed && wrapped ? openFacts(partyKey(keys, partyId, wrapped), partyId, sealed) : {}
  const tokens = await client.query<{ token: string }>(
    `select encode(no_token, 'hex') as token from account where id in (${soleAccounts})
     union all select encode(no_token, 'hex') from card where party_id = $1`,
    [String(partyId)],
  )
  return {
    texts: new Set([...customerNos, ...Object.values(facts)].map((text) => text.trim())),
    tokens: new Set(tokens.rows.map((row) => row.token)),
  }
}

/** Accounts that belong to nobody else who is still here. */
const soleAccounts = `select o.account_id from account_owner o where o.party_id = $1 and not exists (
  select from account_owner other join party p on p.id = other.party_id
  where other.account_id = o.account_id and other.party_id <> $1 and p.erased_at is null)`

/** What is removed, each by the party's id. What is not named here stays: the table in docs/…/administrator.md. */
const removals = [
  'delete from party_key where party_id = $1',
  'delete from party_reading where party_id = $1',
  `update party set name_pinyin = null, name_initials = null, sex = null, birth_on = null, region_code = null,
     occupation = null, industry = null, annual_income_fen = null, phone_last4 = null, sealed = null,
     identity_kind = null, identity_token = null, phone_token = null, missing = '{}', source = null, spelled = true, updated_at = now()
   where id = $1`,
  // Sealed under the key that is gone, as is what the audit says of them
  'delete from party_edit where party_id = $1',
  // The line of states stays, without what staff wrote of the person; nobody is to be moved or won back any more
  'update value_state set note = null where party_id = $1 and note is not null',
  'update value_proposal set note = null where party_id = $1 and note is not null',
  `update value_proposal set status = 'withdrawn', decided_at = now() where party_id = $1 and status = 'open'`,
  'delete from win_back where party_id = $1 and outcome is null',
  'update win_back set note = null where party_id = $1 and note is not null',
  'delete from external_identity where party_id = $1',
  'delete from company_contact where party_id = $1',
  'update household set head_id = null where head_id = $1',
  'delete from household_member where party_id = $1',
  // The token of an account stays: by it the amounts that still come in find their account.
  `update account set no_sealed = '', no_last4 = '' where id in (${soleAccounts})`,
  `update card set no_sealed = '', no_last4 = '', no_token = uuid_send(gen_random_uuid()) where party_id = $1`,
] as const
