/**
 * Erasure of a person (删除个人信息): the key is destroyed, what no law demands is removed, ids, amounts, tier changes
 * and audit stay (docs: compliance officer). Two people agree on it (acts/kinds/erase.ts); it is carried out after their
 * approval was committed, in one transaction of the owner, because it reaches every table and every kept night. The
 * ledger beside the record (acts/erasure-ledger.ts) is written before the commit, so that an erasure outlives a restore.
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

/** A start waits so long for the file that is being loaded. */
const startWaitMs = 60_000
/** Somebody who has just approved waits; the worker goes on with what did not get its turn. */
const approvedWaitMs = 5000

/** Who asked and why, as it was approved. */
interface Approved {
  customerNo: string
  by: string
  reason: string
}

/**
 * Carries out an approved erasure and marks the approval used, both or neither. Nothing when that was done already, also
 * by a start that followed the ledger. Refuses load_busy, not_found, erasure_needs_person.
 */
export async function eraseApproved(place: ErasingPlace, approvalId: bigint): Promise<void> {
  await withNewestKeys(place.keys, () =>
    exclusively(place.owner, approvedWaitMs, async (client) => {
      const approved = await takeApproved(client, place.clock, approvalId)
      if (approved) await eraseAsked(client, place, approved, approvalId)
    }),
  )
}

/**
 * Goes on with every approved erasure that was not carried out: the server died after the approval, or a load stood in
 * the way. What fails goes to `failed` and is tried again by the next call.
 */
export async function resumeErasures(place: ErasingPlace, failed: (error: unknown) => void): Promise<void> {
  const waiting = await place.owner.query<{ id: bigint }>(
    `select id from approval where kind = 'erase' and status = 'approved' and used_at is null order by id limit 1000`,
  )
  for (const { id } of waiting.rows) await eraseApproved(place, id).catch(failed)
}

/** What the approval says, held until the transaction ends; undefined when it was carried out. */
async function takeApproved(client: pg.PoolClient, clock: Clock, id: bigint): Promise<Approved | undefined> {
  const taken = await client.query<Approved>(
    `update approval set used_at = $2 where id = $1 and kind = 'erase' and status = 'approved' and used_at is null
     returning asked->>'customerNo' as "customerNo", 'login:' || proposed_by as by, reason`,
    [String(id), clock.now()],
  )
  return taken.rows[0]
}

async function eraseAsked(
  client: pg.PoolClient,
  place: ErasingPlace,
  { customerNo, by, reason }: Approved,
  approvalId: bigint,
): Promise<void> {
  const found = await partyOf(client, customerNo)
  if (!found) refuse('not_found', { what: `customer ${customerNo}`, whatZh: `客户 ${customerNo}` })
  await client.query(`insert into event (topic, payload) values ('approvals', '{"state": "erased"}')`)
  if (found.erased_at !== null) return
  if (found.kind !== 'person') refuse('erasure_needs_person', { customer: customerNo })
  const customerNos = await numbersOf(client, found.id)
  const erasure = { customerNos, erasedAt: place.clock.now(), by, reason }
  const quarantinedRows = await eraseParty(client, place.keys, found.id, erasure, { approvalId })
  await auditAsOwner(client, place.keys, {
    who: by,
    action: 'erase',
    noun: 'customer',
    nounId: customerNo,
    partyId: found.id,
    after: { numbers: customerNos.length, quarantinedRows, approval: approvalId },
    reason,
  })
  // Last of all: if anything failed before, nobody was erased.
  appendErasure(place, erasure)
}

/** Does again what the ledger says and the record, restored from an older backup, does not know. Refuses load_busy. */
export async function eraseAgain(place: ErasingPlace, erasure: Erasure): Promise<void> {
  await withNewestKeys(place.keys, () =>
    exclusively(place.owner, startWaitMs, async (client) => {
      const ids = await client.query<{ party_id: bigint }>(
        'select distinct party_id from customer where customer_no = any($1::text[]) order by party_id',
        [erasure.customerNos],
      )
      // Not there (yet): its numbers are refused when they come.
      if (ids.rows.length === 0) await record(client, null, erasure, 'again')
      for (const { party_id } of ids.rows) await eraseParty(client, place.keys, party_id, erasure, 'again')
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
async function exclusively<T>(owner: pg.Pool, waitMs: number, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
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

/** Why it is done: two people agreed, or the ledger says so after a restore. */
type Cause = { approvalId: bigint } | 'again'

async function eraseParty(
  client: pg.PoolClient,
  keys: Keys,
  partyId: bigint,
  erasure: Erasure,
  cause: Cause,
): Promise<number> {
  await record(client, partyId, erasure, cause)
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

async function record(client: pg.PoolClient, partyId: bigint | null, erasure: Erasure, cause: Cause): Promise<void> {
  await client.query(
    `insert into erasure (customer_no, party_id, erased_at, erased_by, reason, approval_id, reapplied_at)
     select no, $2, $3, $4, $5, $6, case when $6::bigint is null then now() end from unnest($1::text[]) as no
     on conflict (customer_no) do nothing`,
    [
      erasure.customerNos,
      partyId === null ? null : String(partyId),
      erasure.erasedAt,
      erasure.by,
      erasure.reason,
      cause === 'again' ? null : String(cause.approvalId),
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
    `select encode(no_token, 'hex') as token from account where id in (${soleAccounts('$1')})
     union all select encode(no_token, 'hex') from card where party_id = $1`,
    [String(partyId)],
  )
  return {
    texts: new Set([...customerNos, ...Object.values(facts)].map((text) => text.trim())),
    tokens: new Set(tokens.rows.map((row) => row.token)),
  }
}

/** The party's accounts that belong to nobody else who is still here; `party` is an expression of SQL for its id. */
export const soleAccounts = (party: string) => `select o.account_id from account_owner o
  where o.party_id = ${party} and not exists (
    select from account_owner other join party still on still.id = other.party_id
    where other.account_id = o.account_id and other.party_id <> ${party} and still.erased_at is null)`

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
  // Sealed under the key that is gone; whom they mention finds nothing either
  'delete from note_mention where party_id = $1',
  'delete from note_edition where party_id = $1',
  'delete from note where party_id = $1',
  'delete from party_tag where party_id = $1',
  // That a paper was held, until when and where stays, as the law asks; what it says and why it was asked for goes
  'delete from paper_content where party_id = $1',
  'update paper set gone_at = coalesce(gone_at, now()), withdrawn_reason = null where party_id = $1',
  `delete from paper_request where decision is null and paper_id in (select id from paper where party_id = $1)`,
  `update paper_request set reason = null, note = null, until = least(until, now())
     where paper_id in (select id from paper where party_id = $1)`,
  'delete from external_identity where party_id = $1',
  'delete from company_contact where party_id = $1',
  'update household set head_id = null where head_id = $1',
  'delete from household_member where party_id = $1',
  'delete from household_invitation where party_id = $1',
  // That it was done stays with the household; why, and of whom, goes
  'update household_act set party_id = null, role = null, note = null where party_id = $1',
  // The token of an account stays: by it the amounts that still come in find their account.
  `update account set no_sealed = '', no_last4 = '' where id in (${soleAccounts('$1')})`,
  `update card set no_sealed = '', no_last4 = '', no_token = uuid_send(gen_random_uuid()) where party_id = $1`,
] as const
