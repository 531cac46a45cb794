/**
 * The sealer: links entries that are not yet in the chain, in batches, and signs the head of each batch. One at a time,
 * whoever runs it; entries are never touched, what it says of them stands in audit_seal and audit_head.
 */
import type pg from 'pg'
import { ownerTransaction } from '../db/database.ts'
import type { Clock } from '../kit/clock.ts'
import { type ChainedEntry, genesis, linkHash, publicPem, signHead } from './audit-chain.ts'
import type { AuditSigner } from './audit-signer.ts'

/** Entries of one transaction of the sealer. */
const batchMax = 5000
/** Any number that nothing else here locks by. */
const lockId = 7_303_001
const everyMs = 5000

/** As text exactly as the chain hashes it; microseconds, because a JavaScript date would cut them off. */
export const entryColumns = `e.id::text as id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
  e.who, e.action, e.noun, e.noun_id as "nounId", e.party_id::text as "partyId", e.by_party_key as "byPartyKey",
  translate(encode(e.before, 'base64'), E'\\n', '') as before, translate(encode(e.after, 'base64'), E'\\n', '') as after,
  translate(encode(e.reason, 'base64'), E'\\n', '') as reason, e.address`

/** Seals everything that is committed now; returns how many entries. 0 while another sealer is at it. */
export async function sealAudit(owner: pg.Pool, signer: AuditSigner, clock: Clock): Promise<number> {
  for (let sealed = 0; ; ) {
    const batch = await ownerTransaction(owner, (client) => sealBatch(client, signer, clock))
    sealed += batch
    if (batch < batchMax) return sealed
  }
}

/** Seals again and again until closed, and once more then. Faults go to `failed`; the next round tries again. */
export function keepSealing(
  owner: pg.Pool,
  signer: AuditSigner,
  clock: Clock,
  failed: (error: unknown) => void,
): { close(): Promise<void> } {
  let running = Promise.resolve()
  const round = () => {
    running = running.then(() => sealAudit(owner, signer, clock)).then(() => undefined, failed)
  }
  round()
  const timer = setInterval(round, everyMs)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      round()
      await running
    },
  }
}

async function sealBatch(client: pg.PoolClient, signer: AuditSigner, clock: Clock): Promise<number> {
  const lock = await client.query<{ got: boolean }>('select pg_try_advisory_xact_lock($1) as got', [lockId])
  if (!lock.rows[0]?.got) return 0
  const pending = await client.query<ChainedEntry>(
    `select ${entryColumns} from audit_pending w join audit_entry e on e.id = w.entry_id order by w.entry_id limit ${batchMax}`,
  )
  if (pending.rows.length === 0) return 0
  const last = await client.query<{ seq: bigint; hash: Buffer }>(
    'select seq, hash from audit_seal order by seq desc limit 1',
  )
  let hash = last.rows[0]?.hash ?? genesis
  let seq = Number(last.rows[0]?.seq ?? 0n)
  const seals = pending.rows.map((entry) => {
    seq += 1
    hash = linkHash(hash, seq, entry)
    return { seq, id: entry.id, hash }
  })
  await client.query(
    'insert into audit_seal (seq, entry_id, hash) select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])',
    [seals.map((one) => one.seq), seals.map((one) => one.id), seals.map((one) => one.hash)],
  )
  await insertHead(client, signer, { seq, hash, sealedAt: clock.now() })
  await client.query('delete from audit_pending where entry_id = any($1::bigint[])', [seals.map((one) => one.id)])
  return seals.length
}

async function insertHead(
  client: pg.PoolClient,
  signer: AuditSigner,
  at: { seq: number; hash: Buffer; sealedAt: string },
): Promise<void> {
  const head = signHead(signer.privateKey, at)
  await client.query('insert into audit_signer (key_id, public_key) values ($1, $2) on conflict do nothing', [
    head.keyId,
    publicPem(signer.publicKey),
  ])
  await client.query('insert into audit_head (seq, hash, sealed_at, key_id, signature) values ($1, $2, $3, $4, $5)', [
    head.seq,
    at.hash,
    head.sealedAt,
    head.keyId,
    Buffer.from(head.signature, 'base64'),
  ])
}
