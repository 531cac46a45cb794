/**
 * The chain over audit entries, as pure rules: what is hashed, how hashes are linked, what a head says and how it is
 * signed. A verifier needs nothing but this file's rules, an exported file and the public key.
 *
 *     entry hash = SHA-256 of the JSON array [id, at, who, action, noun, nounId, partyId, byPartyKey, before, after,
 *                  reason, address], UTF-8, without spaces; sealed parts in base64
 *     hash(n)    = SHA-256 of hash(n-1) | n as 8 bytes, big-endian | entry hash; hash(0) = 32 bytes 0
 *     head       = Ed25519 over "strata audit head\n" seq "\n" hash in hex "\n" sealedAt "\n"
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'

/** An entry as it is chained: sealed parts as base64 of the ciphertext. */
export interface ChainedEntry {
  id: string
  /** UTC with microseconds, '2026-11-25T09:00:00.000000Z'. */
  at: string
  who: string
  action: string
  noun: string
  nounId: string | null
  partyId: string | null
  byPartyKey: boolean
  before: string | null
  after: string | null
  reason: string | null
  address: string | null
}

/** That the chain stood at `hash` with entry `seq`. */
export interface Head {
  seq: number
  /** Hex. */
  hash: string
  sealedAt: string
  keyId: string
  /** Base64. */
  signature: string
}

/** What the first entry is linked to. */
export const genesis = Buffer.alloc(32)

/** The hash of entry number `seq`, linked to the one before. */
export function linkHash(before: Buffer, seq: number, entry: ChainedEntry): Buffer {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(seq))
  return createHash('sha256').update(before).update(number).update(entryHash(entry)).digest()
}

function entryHash(entry: ChainedEntry): Buffer {
  const { id, at, who, action, noun, nounId, partyId, byPartyKey, before, after, reason, address } = entry
  const parts = [id, at, who, action, noun, nounId, partyId, byPartyKey, before, after, reason, address]
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}

/** Signs what the chain says after entry `seq`. */
export function signHead(privateKey: KeyObject, head: Pick<Head, 'seq' | 'sealedAt'> & { hash: Buffer }): Head {
  const said = { seq: head.seq, hash: head.hash.toString('hex'), sealedAt: head.sealedAt }
  const signature = sign(null, Buffer.from(headText(said)), privateKey).toString('base64')
  return { ...said, keyId: keyIdOf(createPublicKey(privateKey)), signature }
}

/** Whether that key signed the head. */
export function headHolds(publicKey: KeyObject, head: Head): boolean {
  return verify(null, Buffer.from(headText(head)), publicKey, Buffer.from(head.signature, 'base64'))
}

function headText({ seq, hash, sealedAt }: Pick<Head, 'seq' | 'hash' | 'sealedAt'>): string {
  return `strata audit head\n${seq}\n${hash}\n${sealedAt}\n`
}

/** The first 16 hex digits of the SHA-256 of the public key (DER): a name that people can compare. */
export function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 16)
}

/** PEM, as it is exported and kept. */
export function publicPem(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}
