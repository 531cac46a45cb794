/**
 * Audit entries (留痕): who did what to what, from where, when, why, before and after. Written in the transaction of
 * what they speak of and never changed. Before, after and reason are sealed; codes and ids stay in clear, so that
 * entries are found by them. access/audit-sealer.ts chains what stands here.
 */
import { hostname, userInfo } from 'node:os'
import { sql } from 'kysely'
import type pg from 'pg'
import { type Database, databaseOf, type Trx } from '../db/database.ts'
import { present } from '../kit/assert.ts'
import type { Keys } from './keys.ts'
import { openBytes, sealBytes } from './seal.ts'

export interface AuditEntry {
  /** 'login:17', 'key:3', 'strata' for the program itself, or 'nobody' before a sign-in. */
  who: string
  /** A verb in camelCase: 'signIn', 'exportCustomers', 'decideProposals'. */
  action: string
  noun: string
  /** Ours or the bank's own number; never personal data, as it stands in clear. */
  nounId?: string | null
  /** The customer it speaks of. */
  partyId?: bigint | null
  /** The key of that customer, when before and after hold personal data: erasing the customer closes them for good. */
  partyKey?: Buffer | undefined
  before?: unknown
  after?: unknown
  /** What a person gave as reason, or the code of a refusal. */
  reason?: string | null
  /** Network address of whoever asked; of the program itself the machine and its user. */
  address?: string | null
}

/** The sealed parts of an entry as they are stored. */
export interface SealedEntry {
  action: string
  noun: string
  nounId: string | null
  partyId: bigint | null
  byPartyKey: boolean
  before: Buffer | null
  after: Buffer | null
  reason: Buffer | null
}

export interface OpenedEntry {
  before: unknown
  after: unknown
  reason: string | null
  /** The customer's key is gone: before and after can be opened by nobody any more. */
  erased: boolean
}

const keysOfDatabase = new WeakMap<Database, Keys>()

/** From now on entries of that database are sealed under these keys. Called once, where a workplace is opened. */
export function sealAuditWith(db: Database, keys: Keys): void {
  keysOfDatabase.set(db, keys)
}

/** Adds the entry in the application's transaction. */
export async function audit(trx: Trx, entry: AuditEntry): Promise<void> {
  const keys = present(keysOfDatabase.get(databaseOf(trx)), 'the keys under which entries are sealed')
  await sql`insert into audit_entry (${sql.raw(columns)}) values (${sql.join(valuesOf(keys, entry))})`.execute(trx)
}

/** The same in a transaction of the owner: loads and nights. */
export async function auditAsOwner(client: pg.PoolClient | pg.Pool, keys: Keys, entry: AuditEntry): Promise<void> {
  const values = valuesOf(keys, entry)
  const places = values.map((_, at) => `$${at + 1}`).join(', ')
  await client.query(`insert into audit_entry (${columns}) values (${places})`, values)
}

/** Opens what is sealed; `partyKey` where the customer's own key was used, null when it was destroyed. */
export function openEntry(keys: Keys, entry: SealedEntry, partyKey: Buffer | null): OpenedEntry {
  const erased = entry.byPartyKey && partyKey === null
  const key = entry.byPartyKey ? partyKey : keys.of('auditSeal')
  const open = (part: Part, sealed: Buffer | null) =>
    sealed === null || key === null ? undefined : openPart(key, contextOf(entry, part), sealed)
  const reason = entry.reason && openPart(keys.of('auditSeal'), contextOf(entry, 'reason'), entry.reason)
  return {
    before: asJson(open('before', entry.before)),
    after: asJson(open('after', entry.after)),
    reason: reason ?? null,
    erased,
  }
}

const columns = 'who, action, noun, noun_id, party_id, by_party_key, before, after, reason, address'

function valuesOf(keys: Keys, entry: AuditEntry): unknown[] {
  const { who, action, noun, nounId = null, partyId = null, partyKey, reason, address } = entry
  const common = keys.of('auditSeal')
  const seal = (key: Buffer, part: Part, text: string | undefined) =>
    text === undefined ? null : sealBytes(key, contextOf({ action, noun, nounId }, part), text)
  return [
    who,
    action,
    noun,
    nounId,
    partyId === null ? null : String(partyId),
    partyKey !== undefined,
    seal(partyKey ?? common, 'before', asText(entry.before)),
    seal(partyKey ?? common, 'after', asText(entry.after)),
    seal(common, 'reason', reason ?? undefined),
    address ?? (who === 'strata' ? thisMachine() : null),
  ]
}

type Part = 'before' | 'after' | 'reason'

// A sealed part opens only in the place that it was sealed for.
function contextOf({ action, noun, nounId }: Pick<SealedEntry, 'action' | 'noun' | 'nounId'>, part: Part): string {
  return JSON.stringify(['audit', action, noun, nounId, part])
}

/** Entries from before sealing hold open text, which never begins with the version byte of a sealed value. */
function openPart(key: Buffer, context: string, stored: Buffer): string {
  return (stored[0] === 1 ? openBytes(key, context, stored) : stored).toString('utf8')
}

function asText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
}

function asJson(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text)
}

let machine: string | undefined

/** 'root@core-1': from where the program itself acts. */
function thisMachine(): string {
  machine ??= `${userName()}@${hostname()}`
  return machine
}

// A user without an entry in /etc/passwd has no name.
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'user')
  }
}
