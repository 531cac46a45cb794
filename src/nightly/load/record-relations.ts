/** What ties customers to others: contacts, numbers elsewhere, households, opening tiers, assignments, consents. */
import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { literal } from '../../lake/engine.ts'
import { followHomes } from '../../publish/homes.ts'
import { parsePolicy } from '../../tiers/policy-text.ts'
import { type Merge, reject, rejectWhere } from './merge.ts'
import { stage } from './stage.ts'

export async function mergeContacts(merge: Merge): Promise<void> {
  // Two references to customers stand in this feed: company_no is one, customer_no the other.
  await stage(
    merge,
    'stage_contact',
    'company_id bigint, party_id bigint, name text, role text',
    `select company_id, customer_id, name, role from ${merge.accepted} order by line`,
  )
  await merge.client.query(
    `insert into company_contact (company_id, party_id, name, role, load_id)
     select company_id, party_id, name, role, ${merge.loadId} from stage_contact
     on conflict (company_id, name) do update set party_id = excluded.party_id, role = excluded.role, load_id = excluded.load_id`,
  )
}

export async function mergeExternalIdentities(merge: Merge): Promise<void> {
  await stage(
    merge,
    'stage_external',
    'source text, external_id text, party_id bigint',
    `select source, external_id, customer_id from ${merge.accepted} order by line`,
  )
  await merge.client.query(
    `insert into external_identity (source, external_id, party_id, load_id)
     select source, external_id, party_id, ${merge.loadId} from stage_external
     on conflict (source, external_id) do update set party_id = excluded.party_id, load_id = excluded.load_id`,
  )
}

/** A household comes with its first member. Nobody is in two at once: the later row is kept out. */
export async function mergeHouseholds(merge: Merge): Promise<void> {
  const { client, loadId } = merge
  const forever = `date '2299-12-31'`
  await stage(
    merge,
    'stage_member',
    `line bigint, household_no text, party_id bigint, role text, from_day date, to_day date, consent_from date, consent_to date`,
    `select line, household_no, customer_id, role, from_day, coalesce(to_day, ${forever}), consent_from,
       case when consent_from is not null then coalesce(consent_to, ${forever}) end
     from ${merge.accepted} order by line`,
  )
  await keepEditedMembers(merge)
  await rejectTwoHouseholds(merge)
  await client.query(
    `insert into household (household_no, unit_id, load_id)
     select distinct on (s.household_no) s.household_no, p.unit_id, $1::int
     from stage_member s join party p on p.id = s.party_id
     order by s.household_no, (s.role = 'head') desc, s.line
     on conflict (household_no) do nothing`,
    [loadId],
  )
  await client.query(
    `insert into household_member (household_id, party_id, role, from_day, to_day, consent_from, consent_to, load_id)
     select h.id, s.party_id, s.role, s.from_day, s.to_day, s.consent_from, s.consent_to, $1
     from stage_member s join household h on h.household_no = s.household_no
     on conflict (household_id, party_id, from_day) do update set role = excluded.role, to_day = excluded.to_day,
       consent_from = excluded.consent_from, consent_to = excluded.consent_to, load_id = excluded.load_id`,
    [loadId],
  )
  await client.query(
    `update household h set head_id = m.party_id
     from (select distinct on (household_id) household_id, party_id from household_member
       where role = 'head' and to_day > $1::date order by household_id, from_day desc, party_id) m
     where h.id = m.household_id and h.head_id is distinct from m.party_id
       and not exists (select from household_member e where e.household_id = h.id and e.edited_at is not null)`,
    [merge.today],
  )
}

// A membership that staff changed here is theirs: the feed tells of the time before, each day again.
async function keepEditedMembers({ client }: Merge): Promise<void> {
  await client.query(
    `delete from stage_member s using household_member m, household h
     where m.edited_at is not null and m.party_id = s.party_id and m.from_day = s.from_day and h.id = m.household_id
       and h.household_no = s.household_no`,
  )
}

// Within the file the earlier line stands; against what is known a membership that the file ends does not count.
async function rejectTwoHouseholds({ client, engine }: Merge): Promise<void> {
  await client.query('create index on stage_member (party_id)')
  const twice = await client.query<{ line: bigint }>(
    `select s.line from stage_member s
     where exists (select from stage_member o where o.party_id = s.party_id
         and (o.household_no, o.from_day) <> (s.household_no, s.from_day) and o.line < s.line and o.from_day < s.to_day and s.from_day < o.to_day)
       or exists (select from household_member m join household h on h.id = m.household_id
         where m.party_id = s.party_id and (h.household_no, m.from_day) <> (s.household_no, s.from_day)
           and m.from_day < s.to_day and s.from_day < m.to_day
           and not exists (select from stage_member n where n.party_id = m.party_id and n.household_no = h.household_no
             and n.from_day = m.from_day and not (n.from_day < s.to_day and s.from_day < n.to_day)))
     order by s.line`,
  )
  await reject(
    engine,
    twice.rows.map((row) => ({
      line: row.line,
      column: 'household_no',
      rule: 'twoHouseholds',
      expectedZh: '同一客户同一时间只属于一个家庭',
      expectedEn: 'a customer who is in one household at a time',
      adviceZh: '请先填写原家庭的退出日，再加入新家庭',
      adviceEn: 'End the membership in the other household first (to_day), then load this row again',
    })),
  )
  await client.query('delete from stage_member where line = any($1::bigint[])', [
    twice.rows.map((row) => String(row.line)),
  ])
}

/** Opening tiers, once per party and scheme: a file loaded again says nothing new. */
export async function mergeOpeningTiers(merge: Merge): Promise<void> {
  const { client, engine, loadId } = merge
  await engine.exec(`create or replace temp table load_tier as
    select line, customer_id as party_id, coalesce(scheme, 'personal') as scheme, tier, since from ${merge.accepted}`)
  const schemes = await engine.rows<{ scheme: string }>('select distinct scheme from load_tier order by scheme')
  await engine.exec('create or replace temp table load_ordinal (scheme varchar, tier varchar, ordinal smallint)')
  for (const { scheme } of schemes) {
    for (const [tier, ordinal] of await tierOrdinals(client, scheme)) {
      await engine.exec(`insert into load_ordinal values (${literal(scheme)}, ${literal(tier)}, ${ordinal})`)
    }
  }
  await rejectWhere(engine, 'select line from load_tier anti join load_ordinal using (scheme, tier)', {
    column: 'tier',
    rule: 'reference',
    expectedZh: '该分级体系现行政策中的等级代码',
    expectedEn: 'the code of a tier of that scheme’s policy in force',
    adviceZh: '请对照政策文件更正等级代码或分级体系',
    adviceEn: 'Compare with the policy and correct the tier or the scheme',
  })
  await stage(
    merge,
    'stage_tier',
    'party_id bigint, scheme text, to_tier smallint, effective_on date',
    `select party_id, scheme, ordinal, since from load_tier join load_ordinal using (scheme, tier) order by line`,
  )
  await client.query(
    `insert into tier_change (party_id, scheme, to_tier, effective_on, made_by, reason, load_id)
     select party_id, scheme, to_tier, effective_on, 'opening', 'opening', $1 from stage_tier
     on conflict (party_id, scheme) where made_by = 'opening' do nothing`,
    [loadId],
  )
}

// 'none' is always known: a customer may have come without a tier.
async function tierOrdinals(client: pg.PoolClient, scheme: string): Promise<Map<string, number>> {
  const ordinals = new Map([['none', 0]])
  const source = await policySource(client, scheme)
  if (source === undefined) return new Map()
  for (const tier of parsePolicy(source).tiers) ordinals.set(tier.code, tier.ordinal)
  return ordinals
}

async function policySource(client: pg.PoolClient, scheme: string): Promise<string | undefined> {
  const found = await client.query<{ source: string }>(
    `select source from policy where scheme = $1 and status = 'inForce' order by version desc limit 1`,
    [scheme],
  )
  if (found.rows[0]) return found.rows[0].source
  // Opening tiers usually come before the first night puts the shipped policies in force.
  if (!/^[a-zA-Z0-9-]+$/.test(scheme)) return undefined
  try {
    return readFileSync(new URL(`../../tiers/policies/${scheme}.yaml`, import.meta.url), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** One relationship manager at a time: a new assignment ends the one before. */
export async function mergeAssignments(merge: Merge): Promise<void> {
  const { client, loadId, today } = merge
  await stage(
    merge,
    'stage_assignment',
    'party_id bigint, staff_id int, from_day date, to_day date, reason text',
    `select customer_id, staff_id, from_day, coalesce(to_day, date '2299-12-31'), reason from ${merge.accepted} order by line`,
  )
  await client.query(
    `insert into assignment (party_id, staff_id, from_day, to_day, reason, load_id)
     select party_id, staff_id, from_day, to_day, reason, $1 from stage_assignment
     on conflict (party_id, from_day) do update set staff_id = excluded.staff_id, to_day = excluded.to_day,
       reason = excluded.reason, load_id = excluded.load_id`,
    [loadId],
  )
  await client.query(
    `update assignment a set to_day = n.next_from
     from (select party_id, from_day, lead(from_day) over (partition by party_id order by from_day) as next_from
       from assignment where party_id in (select party_id from stage_assignment)) n
     where a.party_id = n.party_id and a.from_day = n.from_day and n.next_from < a.to_day`,
  )
  await client.query(
    `update party p set rm_id = c.staff_id
     from (select s.party_id, a.staff_id from (select distinct party_id from stage_assignment) s
       left join assignment a on a.party_id = s.party_id and a.from_day <= $1::date and a.to_day > $1::date) c
     where p.id = c.party_id and p.rm_id is distinct from c.staff_id`,
    [today],
  )
  await followHomes(client, 'select party_id from stage_assignment')
}

/** Entries that the ledger of consents does not have; what a feed repeats is no news, and nothing is changed. */
export async function mergeConsents(merge: Merge): Promise<void> {
  await stage(
    merge,
    'stage_consent',
    'party_id bigint, purpose text, channel text, basis text, from_day date, to_day date, proof text',
    `select customer_id, purpose, coalesce(channel, 'any'), basis, from_day, coalesce(to_day, date '2299-12-31'), proof
     from ${merge.accepted} order by line`,
  )
  await merge.client.query(
    `insert into consent (party_id, purpose, channel, basis, from_day, to_day, proof, load_id)
     select n.* from (
       select distinct on (party_id, purpose, channel, from_day)
         party_id, purpose, channel, basis, from_day, to_day, proof, ${merge.loadId}::int as load_id
       from stage_consent order by party_id, purpose, channel, from_day) n
     left join lateral (select basis, to_day, proof from consent c
       where (c.party_id, c.purpose, c.channel, c.from_day) = (n.party_id, n.purpose, n.channel, n.from_day)
         and c.load_id is not null order by c.id desc limit 1) last on true
     where (last.basis, last.to_day, last.proof) is distinct from (n.basis, n.to_day, n.proof)
     order by n.party_id, n.from_day`,
  )
}
