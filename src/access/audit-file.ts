/**
 * The audit file: entries, their place in the chain, signed heads and public keys, one JSON value per line, so that a
 * file of any size is written and checked line by line. What is sealed stays sealed in it.
 *
 *     {"strata":"audit","version":1,…}            once, first
 *     {"seq":1,"hash":"…","entry":{…}}            in the order of the chain; seq and hash null for what is not yet sealed
 *     {"head":{"seq":1,…}}                        after the entry that it speaks of
 *     {"end":{"entries":1,"unsealed":0}}          once, last
 */
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Trx } from '../db/database.ts'
import type { Day } from '../kit/day.ts'
import { type ChainedEntry, genesis, type Head } from './audit-chain.ts'
import { entryColumns } from './audit-sealer.ts'

const hex32 = z.string().regex(/^[0-9a-f]{64}$/)
const seq = z.int().min(1)
const text = z.string().nullable()

export const fileHeader = z.object({
  strata: z.literal('audit'),
  version: z.literal(1),
  exportedAt: z.string(),
  /** Of the chain in this file; lastSeq is firstSeq − 1 when it holds nothing sealed. */
  firstSeq: seq,
  lastSeq: z.int().min(0),
  /** The hash that the first entry is linked to. */
  hashBefore: hex32,
  keys: z.array(z.object({ keyId: z.string(), publicKey: z.string() })),
})
export type FileHeader = z.output<typeof fileHeader>

const chainedEntry = z.object({
  id: z.string(),
  at: z.string(),
  who: z.string(),
  action: z.string(),
  noun: z.string(),
  nounId: text,
  partyId: text,
  byPartyKey: z.boolean(),
  before: text,
  after: text,
  reason: text,
  address: text,
}) satisfies z.ZodType<ChainedEntry>

export const signedHead = z.object({
  seq,
  hash: hex32,
  sealedAt: z.string(),
  keyId: z.string(),
  signature: z.string(),
}) satisfies z.ZodType<Head>

export const fileLine = z.union([
  z.object({ seq: seq.nullable(), hash: hex32.nullable(), entry: chainedEntry }),
  z.object({ head: signedHead }),
  z.object({ end: z.object({ entries: z.int(), unsealed: z.int() }) }),
])

/** Entries written at or after `from` and before `to`: instants in ISO 8601. */
export interface AuditSpan {
  from?: string | undefined
  to?: string | undefined
}

const linesPerRead = 2000

/** From the beginning of one day to the end of another, in a time zone (IANA name). */
export function spanOfDays(zone: string, days: { from?: Day | undefined; to?: Day | undefined }): AuditSpan {
  const begin = (day: Day, later: number) =>
    Temporal.PlainDate.from(day).add({ days: later }).toZonedDateTime(zone).toInstant().toString()
  return { from: days.from && begin(days.from, 0), to: days.to && begin(days.to, 1) }
}

/**
 * The lines of the file, in batches with their line ends. A span takes whole stretches of the chain: everything between
 * its first and last entry, up to the next signed head.
 */
export async function* auditFile(trx: Trx, exportedAt: string, span: AuditSpan = {}): AsyncGenerator<string> {
  const { firstSeq, lastSeq } = await stretch(trx, span)
  const header: FileHeader = {
    strata: 'audit',
    version: 1,
    exportedAt,
    firstSeq,
    lastSeq,
    hashBefore: (await hashAt(trx, firstSeq - 1)).toString('hex'),
    keys: await signers(trx),
  }
  yield line(header)
  for (let next = firstSeq; next <= lastSeq; next += linesPerRead) {
    yield await sealedLines(trx, next, Math.min(lastSeq, next + linesPerRead - 1))
  }
  let unsealed = 0
  for (let after = '0'; ; ) {
    const rows = await unsealedEntries(trx, span, after)
    if (rows.length === 0) break
    unsealed += rows.length
    after = rows.at(-1)?.id ?? after
    yield rows.map((entry) => line({ seq: null, hash: null, entry })).join('')
  }
  yield line({ end: { entries: lastSeq - firstSeq + 1, unsealed } })
}

/** The newest signed head; undefined before the first. */
export async function newestHead(trx: Trx): Promise<Head | undefined> {
  const { rows } = await sql<Head>`select ${headColumns} from audit_head h order by h.seq desc limit 1`.execute(trx)
  return rows[0]
}

/** Public keys that heads were signed with, oldest first. */
export async function signers(trx: Trx): Promise<FileHeader['keys']> {
  const { rows } = await sql<FileHeader['keys'][number]>`
    select key_id as "keyId", public_key as "publicKey" from audit_signer order by first_used_at, key_id limit 1000`.execute(
    trx,
  )
  return rows
}

const headColumns = sql.raw(`h.seq::int as seq, encode(h.hash, 'hex') as hash, h.key_id as "keyId",
  to_char(h.sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "sealedAt",
  translate(encode(h.signature, 'base64'), E'\\n', '') as signature`)

async function stretch(trx: Trx, span: AuditSpan): Promise<{ firstSeq: number; lastSeq: number }> {
  const { rows } = await sql<{ first: number | null; last: number | null }>`
    with wanted as (select min(s.seq) as first, max(s.seq) as last from audit_seal s
      join audit_entry e on e.id = s.entry_id where ${within(span)})
    select first::int, (select min(h.seq)::int from audit_head h where h.seq >= last) as last from wanted`.execute(trx)
  return { firstSeq: rows[0]?.first ?? 1, lastSeq: rows[0]?.last ?? 0 }
}

function within({ from, to }: AuditSpan): RawBuilder<unknown> {
  return sql`(${from ?? null}::timestamptz is null or e.at >= ${from ?? null}::timestamptz)
    and (${to ?? null}::timestamptz is null or e.at < ${to ?? null}::timestamptz)`
}

async function hashAt(trx: Trx, at: number): Promise<Buffer> {
  const { rows } = await sql<{ hash: Buffer }>`select hash from audit_seal where seq = ${at}`.execute(trx)
  return rows[0]?.hash ?? genesis
}

async function sealedLines(trx: Trx, first: number, last: number): Promise<string> {
  const { rows } = await sql<ChainedEntry & { seq: bigint; hash: Buffer }>`
    select s.seq, s.hash, ${sql.raw(entryColumns)} from audit_seal s join audit_entry e on e.id = s.entry_id
    where s.seq between ${first} and ${last} order by s.seq limit ${linesPerRead}`.execute(trx)
  const heads = await sql<Head>`select ${headColumns} from audit_head h
    where h.seq between ${first} and ${last} order by h.seq limit ${linesPerRead}`.execute(trx)
  const headOf = new Map(heads.rows.map((head) => [head.seq, head]))
  return rows
    .map(({ seq: place, hash, ...entry }) => {
      const head = headOf.get(Number(place))
      return line({ seq: Number(place), hash: hash.toString('hex'), entry }) + (head ? line({ head }) : '')
    })
    .join('')
}

async function unsealedEntries(trx: Trx, span: AuditSpan, after: string): Promise<ChainedEntry[]> {
  const { rows } = await sql<ChainedEntry>`select ${sql.raw(entryColumns)} from audit_entry e
    where ${within(span)} and e.id > ${after}::bigint
      and not exists (select from audit_seal s where s.entry_id = e.id)
    order by e.id limit ${linesPerRead}`.execute(trx)
  return rows
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}
