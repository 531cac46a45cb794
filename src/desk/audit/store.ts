/** Audit entries as auditors find and open them. */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { openEntry, type SealedEntry } from '../../access/audit.ts'
import { newestHead, signers, spanOfDays } from '../../access/audit-file.ts'
import type { Keys } from '../../access/keys.ts'
import { type Names, namedIn, nameIn, namesOf, type Spoken } from '../../access/naming.ts'
import { partyKey } from '../../access/seal.ts'
import { maskFields } from '../../access/show-fields.ts'
import type { AuditFilter, auditEntry, listAudit, readAuditEntry, readAuditState } from '../../contract/audit.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import { codesIn } from '../../contract/naming.ts'
import type { Trx } from '../../db/database.ts'
import { present } from '../../kit/assert.ts'
import { refuse } from '../../kit/refusal.ts'
import { encodeCursor, idOfCursor } from '../cursor.ts'

/** Nouns of entries whose `noun_id` is a code with a name. */
const nounsWithNames = ['login', 'key', 'role', 'unit'] as const

export type Shown = z.output<typeof auditEntry>

interface Row {
  id: bigint
  at: Date
  who: string
  action: string
  noun: string
  noun_id: string | null
  customer_no: string | null
  address: string | null
  seq: bigint | null
  hash: Buffer | null
}

const columns = sql`e.id, e.at, e.who, e.action, e.noun, e.noun_id, e.address, s.seq, s.hash,
  coalesce(p.customer_no, case when e.noun = 'customer' then e.noun_id end) as customer_no`
const tables = sql`audit_entry e left join audit_seal s on s.entry_id = e.id left join party p on p.id = e.party_id`

/** Newest first. Refuses cursor_invalid. */
export async function listAuditEntries(
  trx: Trx,
  zone: string,
  asked: Checked<typeof listAudit>['query'],
): Promise<Output<typeof listAudit>> {
  const before = idOfCursor(asked.cursor)
  const where = await conditions(trx, zone, asked)
  const { rows } = await sql<Row>`select ${columns} from ${tables}
    where ${where} and (${before}::bigint is null or e.id < ${before}::bigint)
    order by e.id desc limit ${asked.limit + 1}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const names = await namesOf(trx, shown.flatMap(codesOf))
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => asShown(row, names)),
    next: rows.length > asked.limit && last ? encodeCursor([String(last.id)]) : null,
  }
}

/** How many the filters find, counted no further than one above `most`, and the cursor at which the newest comes next. */
export async function countAuditEntries(
  trx: Trx,
  zone: string,
  asked: AuditFilter,
  most: number,
): Promise<{ count: number; cursor: string }> {
  const where = await conditions(trx, zone, asked)
  const { rows } = await sql<{ count: bigint; newest: bigint }>`select count(*) as count, coalesce(max(id), 0) as newest
    from (select e.id from ${tables} where ${where} order by e.id desc limit ${most + 1}) found`.execute(trx)
  const { count, newest } = present(rows[0], 'a count')
  return { count: Number(count), cursor: encodeCursor([String(newest + 1n)]) }
}

/** One entry, opened. Refuses not_found. */
export async function openAuditEntry(trx: Trx, keys: Keys, id: string): Promise<Output<typeof readAuditEntry>> {
  const { rows } = await sql<Row & SealedEntry & { wrapped: Buffer | null }>`select ${columns}, e.party_id as "partyId",
      e.noun_id as "nounId", e.by_party_key as "byPartyKey", e.before, e.after, e.reason, k.wrapped
    from ${tables} left join party_key k on k.party_id = e.party_id where e.id = ${id}::bigint`.execute(trx)
  const row = rows[0] ?? refuse('not_found', { what: `audit entry ${id}`, whatZh: `审计记录 ${id}` })
  const key = row.wrapped && row.partyId !== null ? partyKey(keys, row.partyId, row.wrapped) : null
  const opened = openEntry(keys, row, key)
  const [before, after] = [maskFields(opened.before), maskFields(opened.after)]
  const inside = codesIn({ before, after })
  const names = await namesOf(trx, [...codesOf(row), ...inside])
  return {
    ...asShown(row, names),
    reason: opened.reason,
    before,
    after,
    differences: differences(before, after),
    names: namedIn(names, inside),
    erased: opened.erased,
  }
}

/** How much is sealed, and under which head. */
export async function auditState(trx: Trx): Promise<Output<typeof readAuditState>> {
  const { rows } = await sql<{ sealed: bigint | null; pending: bigint; oldest: Date | null }>`
    select (select max(seq) from audit_seal) as sealed, count(*) as pending, min(e.at) as oldest
    from audit_pending w join audit_entry e on e.id = w.entry_id`.execute(trx)
  const head = await newestHead(trx)
  return {
    sealed: Number(rows[0]?.sealed ?? 0n),
    pending: Number(rows[0]?.pending ?? 0n),
    oldestPendingAt: rows[0]?.oldest?.toISOString() ?? null,
    head: head ?? null,
    keys: await signers(trx),
    actions: await distinct(trx, 'action'),
    nouns: await distinct(trx, 'noun'),
  }
}

async function conditions(trx: Trx, zone: string, asked: AuditFilter): Promise<RawBuilder<unknown>> {
  const all = [sql`true`]
  if (asked.who) all.push(await doneBy(trx, asked.who))
  if (asked.action) all.push(sql`e.action = ${asked.action}`)
  if (asked.noun) all.push(sql`e.noun = ${asked.noun}`)
  if (asked.nounId) all.push(sql`e.noun_id = ${asked.nounId}`)
  if (asked.customer) all.push(await aboutCustomer(trx, asked.customer))
  const { from, to } = spanOfDays(zone, asked)
  if (from) all.push(sql`e.at >= ${from}::timestamptz`)
  if (to) all.push(sql`e.at < ${to}::timestamptz`)
  if (asked.state === 'sealed') all.push(sql`s.seq is not null`)
  if (asked.state === 'pending') all.push(sql`e.id in (select entry_id from audit_pending)`)
  return sql.join(all, sql` and `)
}

/** By that sign-in and its keys, or somebody not yet signed in under its name. */
async function doneBy(trx: Trx, asked: string): Promise<RawBuilder<unknown>> {
  const names = await whoIs(trx, asked)
  const logins = names.flatMap((name) => (name.startsWith('login:') ? [name.slice('login:'.length)] : []))
  return sql`(e.who = any(${names}::text[])
    or (e.who = 'nobody' and e.noun = 'login' and e.noun_id = any(${logins}::text[])))`
}

/** As entries name them: the sign-in of that name and its keys, or what is such a name already. */
async function whoIs(trx: Trx, asked: string): Promise<string[]> {
  const { rows } = await sql<{ who: string }>`
    select 'login:' || id as who from login where name = ${asked.toLowerCase()}
    union all select 'key:' || k.id from api_key k join login l on l.id = k.login_id where l.name = ${asked.toLowerCase()}
    limit 1000`.execute(trx)
  return [asked, ...rows.map((row) => row.who)]
}

async function aboutCustomer(trx: Trx, no: string): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ party_id: bigint; numbers: string[] }>`
    select party_id, array_agg(customer_no) as numbers from customer
    where party_id = (select party_id from customer where customer_no = ${no}) group by party_id`.execute(trx)
  const numbers = rows[0]?.numbers ?? [no]
  const named = sql`(e.noun = 'customer' and e.noun_id = any(${numbers}::text[]))`
  if (!rows[0]) return named
  const party = String(rows[0].party_id)
  const shown = sql`(e.noun = 'bulkReveal' and e.noun_id = any(${await bulkRevealsOf(trx, party)}::text[]))`
  return sql`(e.party_id = ${party}::bigint or ${named} or ${shown})`
}

/** The files that showed a field of the customer in clear, as their entries name them. */
async function bulkRevealsOf(trx: Trx, party: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select approval_id::text as id from bulk_reveal
    where party_id = ${party}::bigint order by approval_id desc limit 1000`.execute(trx)
  return rows.map((row) => row.id)
}

/** Who acted, and what the entry is about where that is known by a code. */
function spokenOf({ who, noun, noun_id }: Row): { by: Spoken | undefined; about: Spoken | undefined } {
  const [, kind, code] = /^(login|key):(\d+)$/.exec(who) ?? []
  const by = kind && code ? { noun: kind as 'login' | 'key', code } : undefined
  const coded = nounsWithNames.find((one) => one === noun)
  return { by, about: coded && noun_id !== null ? { noun: coded, code: noun_id } : undefined }
}

function codesOf(row: Row): Spoken[] {
  const { by, about } = spokenOf(row)
  return [by, about].filter((one) => one !== undefined)
}

function asShown(row: Row, names: Names): Shown {
  const { by, about } = spokenOf(row)
  return {
    id: String(row.id),
    at: row.at.toISOString(),
    who: row.who,
    whoName: nameIn(names, by)?.zh ?? null,
    action: row.action,
    noun: row.noun,
    nounId: row.noun_id,
    nounName: nameIn(names, about),
    customerNo: row.customer_no,
    address: row.address,
    sealed: row.seq === null || row.hash === null ? null : { seq: Number(row.seq), hash: row.hash.toString('hex') },
  }
}

/** Top-level fields whose values differ, in the order in which they come. */
function differences(before: unknown, after: unknown): Output<typeof readAuditEntry>['differences'] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  const text = (value: unknown) => (value === undefined || value === null ? null : JSON.stringify(value))
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .map((field) => ({ field, before: text(was[field]), after: text(is[field]) }))
    .filter((one) => one.before !== one.after)
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {}
  return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : { value }
}

/** Walks the index from value to value, so that a million entries cost as many steps as there are actions. */
async function distinct(trx: Trx, column: 'action' | 'noun'): Promise<string[]> {
  const name = sql.ref(column)
  const { rows } = await sql<{ value: string }>`with recursive found as (
      (select ${name} as value from audit_entry order by ${name} limit 1)
      union all select (select ${name} from audit_entry where ${name} > found.value order by ${name} limit 1) from found
      where found.value is not null)
    select value from found where value is not null order by value limit 500`.execute(trx)
  return rows.map((row) => row.value)
}
