/**
 * Publishing: a night's rows become a partition, and one row says that readers look there. The partition is filled and
 * indexed apart from everything, then attached; then a single short transaction writes pyramid, flows, tier changes and
 * proposals, and flips `published_night`. A reader sees the old night or the new one, whole.
 */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { auditAsOwner } from '../access/audit.ts'
import { tierChangeDigest } from '../access/audit-tiers.ts'
import type { Keys } from '../access/keys.ts'
import { ownerTransaction } from '../db/database.ts'
import type { Day } from '../kit/day.ts'
import { nightCustomerColumns } from './columns.ts'

export interface PublishRequest {
  nightId: number
  day: Day
  scheme: string
  /** Whom the scheme is for; the pyramid counts nobody else. */
  appliesTo: 'person' | 'company' | 'everyone'
  digest: string
  /** The audit entry is sealed under them. */
  keys: Keys
  /** CSV without header, columns as `nightCustomerColumns`. */
  customers: () => Readable
  /** CSV: night_id, household_id, household_no, unit_id, members, consenting, sum_fen, average_fen, tier. */
  households: () => Readable
  /** CSV: party_id, from_tier, change_to, change_reason, propose_to, propose_reason, effective_on; only parties with a move. */
  moves: () => Readable
  /** What else follows from the night once readers see it, in the same transaction; what it returns joins the audit entry. */
  followedBy?: (client: pg.PoolClient, night: { nightId: number; day: Day }) => Promise<object>
}

/** Publishes; returns the number of customers. Killed anywhere before its last commit, nothing has happened. */
export async function publishNight(owner: pg.Pool, request: PublishRequest): Promise<bigint> {
  await stage(owner, request)
  await attach(owner, request.nightId)
  return ownerTransaction(owner, (client) => switchTo(client, request))
}

/** A table of the night, filled and indexed, not yet attached. One of a killed run is thrown away. */
async function stage(owner: pg.Pool, request: PublishRequest): Promise<void> {
  const { nightId } = request
  const customer = `night_customer_${nightId}`
  const household = `night_household_${nightId}`
  await owner.query(`drop table if exists ${customer}, ${household}`)
  await ownerTransaction(owner, async (client) => {
    await client.query(`create table ${customer} (like night_customer including defaults including constraints)`)
    await client.query(`create table ${household} (like night_household including defaults including constraints)`)
    await client.query(`alter table ${customer} add constraint ${customer}_is check (night_id = ${nightId})`)
    await client.query(`alter table ${household} add constraint ${household}_is check (night_id = ${nightId})`)
    await copy(
      client,
      // Frozen, so that an index alone can answer from the first moment, and nothing is left to vacuum
      `copy ${customer} (${nightCustomerColumns.join(', ')}) from stdin (format csv, freeze)`,
      request.customers(),
    )
    await copy(client, `copy ${household} from stdin (format csv)`, request.households())
    await client.query(`grant select on ${customer}, ${household} to public`)
    for (const statement of indexes(customer, household, request.appliesTo)) await client.query(statement)
    await client.query(`call strata.protect_night(${nightId})`)
  })
  await owner.query(`analyze ${customer}`)
}

/**
 * Committed before the switch begins. The server lets others see a commit a moment before it tells them of a new
 * partition; a reader in that moment would follow the switch and find no rows.
 */
async function attach(owner: pg.Pool, nightId: number): Promise<void> {
  await ownerTransaction(owner, async (client) => {
    // Nobody is erased until the rows are attached, where an erasure finds them; whoever was meanwhile has no name here.
    await client.query('lock table erasure in share mode')
    await client.query(`update night_customer_${nightId} n set name = p.name from party p
      where p.id = n.party_id and p.erased_at is not null and p.name <> n.name`)
    for (const table of ['night_customer', 'night_household']) {
      await client.query(`alter table ${table} attach partition ${table}_${nightId} for values in (${nightId})`)
    }
  })
}

// Each order of the list has an index that ends in party_id, so a page begins where the last one ended. Tier first,
// because lists are most often of one tier; unit first for the outlets, whose lists are short. By name it holds what is
// mostly filtered by and what row-level security reads, because there is none by tier and name or by unit and name.
// A list of one tier names the kind that the scheme is for: unless an index holds both, the server takes the one by kind,
// as it does not know that the richest are of the highest tier, and passes all of those by.
function indexes(customer: string, household: string, appliesTo: PublishRequest['appliesTo']): string[] {
  const kind = appliesTo === 'everyone' ? '' : 'kind, '
  const on = (name: string, columns: string) => `create index ${customer}_${name} on ${customer} (${columns})`
  return [
    `alter table ${customer} add primary key (party_id)`,
    `create unique index ${customer}_no on ${customer} (customer_no)`,
    on('average', 'average_fen, party_id'),
    on('tier_average', 'qualified_tier, average_fen, party_id'),
    ...(appliesTo === 'everyone' ? [] : [on('tier_kind', 'qualified_tier, kind, average_fen, party_id')]),
    `${on('name', 'name, party_id')} include (night_id, kind, unit_id, rm_id, qualified_tier, average_fen)`,
    on('next', 'to_next_fen, party_id'),
    on('aum', 'aum_fen, party_id'),
    on('unit_average', 'unit_id, average_fen, party_id'),
    on('rm', 'rm_id, average_fen, party_id'),
    on('kind', 'kind, average_fen, party_id'),
    on('in_force', `coalesce(tier_in_force, 0::smallint), ${kind}average_fen, party_id`),
    // What few customers are: without these a page of them would be looked for among all
    `create index ${customer}_by_household on ${customer} (average_fen, party_id) where path = 'household'`,
    `create index ${customer}_notice on ${customer} (average_fen, party_id) where notice_count > 0`,
    `create index ${customer}_confidence on ${customer} (confidence) where confidence < 100`,
    `create index ${customer}_household on ${customer} (household_id) where household_id is not null`,
    `alter table ${household} add primary key (household_id)`,
  ]
}

async function copy(client: pg.PoolClient, statement: string, rows: Readable): Promise<void> {
  await pipeline(rows, client.query(copyFrom(statement)))
}

async function switchTo(client: pg.PoolClient, request: PublishRequest): Promise<bigint> {
  const { nightId, scheme, day } = request
  const before = await client.query(
    `select n.id, n.day from published_night p join night n on n.id = p.night_id where p.scheme = $1 for update of p`,
    [scheme],
  )
  const current = before.rows[0] as { id: number; day: Day } | undefined
  await summarise(client, request)
  await writeFlow(client, request)
  let followed = {}
  // A night of an earlier day fills the past; what is in force and what readers see stays
  if (!current || day >= current.day) {
    await applyMoves(client, request)
    await client.query(
      `insert into published_night (scheme, night_id) values ($1, $2)
       on conflict (scheme) do update set night_id = excluded.night_id`,
      [scheme, nightId],
    )
    followed = (await request.followedBy?.(client, { nightId, day })) ?? {}
  }
  const counted = await client.query(`select count(*) as n from night_customer_${nightId}`)
  const customers = counted.rows[0].n as bigint
  await client.query(
    `update night set status = 'published', step = null, digest = $2, customers = $3, finished_at = now(),
       published_at = now() where id = $1`,
    [nightId, request.digest, customers],
  )
  const after = {
    day,
    scheme,
    digest: request.digest,
    customers,
    ...(await tierChangeDigest(client, { night: nightId })),
    ...followed,
  }
  await auditAsOwner(client, request.keys, {
    who: 'strata',
    action: 'publish',
    noun: 'night',
    nounId: String(nightId),
    before: current ? { night: current.id, day: current.day } : null,
    after,
  })
  await client.query(`insert into event (topic, payload) values ('night', $1)`, [
    JSON.stringify({ state: 'published', nightId, day, scheme }),
  ])
  return customers
}

async function summarise(client: pg.PoolClient, request: PublishRequest): Promise<void> {
  const { nightId, appliesTo } = request
  await client.query(`delete from night_count where night_id = $1`, [nightId])
  await client.query(
    `insert into night_count (night_id, unit_id, kind, tier, customers, assets_fen, average_fen)
     select night_id, unit_id, kind, qualified_tier, count(*), sum(aum_fen), sum(average_fen)
     from night_customer_${nightId} group by night_id, unit_id, kind, qualified_tier`,
  )
  await client.query(`delete from night_pyramid where night_id = $1`, [nightId])
  await client.query(
    `insert into night_pyramid (night_id, unit_id, tier, customers, assets_fen, average_fen)
     select night_id, unit_id, tier, sum(customers), sum(assets_fen), sum(average_fen) from night_count
     where night_id = $1 and ($2 = 'everyone' or kind = $2) group by night_id, unit_id, tier`,
    [nightId, appliesTo],
  )
}

async function writeFlow(client: pg.PoolClient, request: PublishRequest): Promise<void> {
  const before = await client.query(
    `select id from night where scheme = $1 and status = 'published' and day < $2
       and to_regclass('night_customer_' || id) is not null order by day desc, id desc limit 1`,
    [request.scheme, request.day],
  )
  if (!before.rows[0]) return
  await client.query(flowSql, [request.nightId, before.rows[0].id, request.appliesTo])
}

/**
 * Movements between any two nights that are still kept: $1 the later, $2 the earlier, $3 whom the scheme is for. Tier 0
 * also stands for a customer who came or left in between.
 */
export const flowSql = `insert into night_flow (night_id, from_night_id, unit_id, from_tier, to_tier, customers)
  select $1, $2, unit_id, from_tier, to_tier, count(*)
  from (select coalesce(a.unit_id, b.unit_id) as unit_id, coalesce(b.qualified_tier, 0) as from_tier,
      coalesce(a.qualified_tier, 0) as to_tier
    from (select * from night_customer where night_id = $1 and ($3 = 'everyone' or kind = $3)) a
    full join (select * from night_customer where night_id = $2 and ($3 = 'everyone' or kind = $3)) b
      on b.party_id = a.party_id) moved
  group by unit_id, from_tier, to_tier
  on conflict do nothing`

/** What the policy changes by itself becomes tier_change; what needs a person becomes an open proposal. */
async function applyMoves(client: pg.PoolClient, request: PublishRequest): Promise<void> {
  const { nightId, scheme } = request
  await client.query(`create temporary table move (party_id bigint primary key, from_tier smallint, change_to smallint,
    change_reason text, propose_to smallint, propose_reason text, effective_on date) on commit drop`)
  await copy(client, 'copy move from stdin (format csv)', request.moves())
  await client.query('analyze move')
  const changed = await client.query(
    `insert into tier_change (party_id, scheme, from_tier, to_tier, effective_on, made_by, reason, night_id)
     select m.party_id, $2, f.to_tier, m.change_to, m.effective_on, 'policy', m.change_reason, $1
     from move m
     left join lateral (select to_tier from tier_change c where c.party_id = m.party_id and c.scheme = $2
       order by effective_on desc, id desc limit 1) f on true
     where m.change_to is not null and f.to_tier is distinct from m.change_to
     order by m.party_id`,
    [nightId, scheme],
  )
  await client.query(
    `update tier_proposal p set status = 'withdrawn', decided_at = now() from night n
     where n.id = $1 and n.is_cut_off and p.scheme = $2 and p.status = 'open'
       and not exists (select 1 from move m where m.party_id = p.party_id and m.propose_to = p.to_tier)`,
    [nightId, scheme],
  )
  await client.query(
    `insert into tier_proposal (night_id, party_id, scheme, from_tier, to_tier, reason)
     select $1, m.party_id, $2, coalesce(m.change_to, m.from_tier), m.propose_to, m.propose_reason
     from move m where m.propose_to is not null order by m.party_id
     on conflict (party_id, scheme) where status = 'open' do update
       set night_id = excluded.night_id, from_tier = excluded.from_tier, to_tier = excluded.to_tier, reason = excluded.reason`,
    [nightId, scheme],
  )
  if ((changed.rowCount ?? 0) > 0) {
    await client.query(`update setting set value = (value::bigint + 1)::text where name = 'deskVersion'`)
  }
}
