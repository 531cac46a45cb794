/**
 * Sealing: AES-256-GCM with a random nonce, bound to what it belongs to. A party's personal facts are sealed under a
 * key of their own that is itself wrapped under the master, so that erasing a party is destroying one key; so is the
 * original of a file.
 *
 * A sealed value is: version (1 byte) | nonce (12) | tag (16) | ciphertext.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomFillSync } from 'node:crypto'
import { assert } from '../kit/assert.ts'
import type { Keys } from './keys.ts'

/** What is sealed of a party. A missing fact is left out. */
export interface PersonalFacts {
  identityNo?: string
  phone?: string
  email?: string
  address?: string
}

/** Version | nonce | tag stand before the ciphertext. */
export const sealOverhead = 1 + 12 + 16
const version = 1
/** Of every key, in bytes. */
export const keyLength = 32

/** Seals bytes under `key`; `context` must be given again to open (it is authenticated, not stored). */
export function sealBytes(key: Buffer, context: string, plain: Buffer | string): Buffer {
  const nonce = random(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context))
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  const rest = cipher.final()
  return Buffer.concat([versionByte, nonce, cipher.getAuthTag(), body, rest])
}

/** The inverse of `sealBytes`; throws when the key, the context or a single bit differs. */
export function openBytes(key: Buffer, context: string, sealed: Buffer): Buffer {
  assert(sealed.length >= sealOverhead && sealed[0] === version, 'a sealed value of this version')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13))
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(13, sealOverhead))
  return Buffer.concat([decipher.update(sealed.subarray(sealOverhead)), decipher.final()])
}

/** A new key of a party, wrapped under the master: what `party_key.wrapped` holds. */
export function newPartyKey(keys: Keys, partyId: bigint): { key: Buffer; wrapped: Buffer } {
  const key = random(keyLength)
  return { key, wrapped: keys.wrap(`party:${partyId}`, key) }
}

/** The key of a party out of `party_key.wrapped`. Throws `GenerationUnknown` (access/keys.ts). */
export function partyKey(keys: Keys, partyId: bigint, wrapped: Buffer): Buffer {
  return keys.unwrap(`party:${partyId}`, wrapped)
}

/** `party.sealed` from the facts. */
export function sealFacts(key: Buffer, partyId: bigint, facts: PersonalFacts): Buffer {
  return sealBytes(key, `facts:${partyId}`, JSON.stringify(facts))
}

/** The facts out of `party.sealed`. Only access/show.ts and re-sealing call it. */
export function openFacts(key: Buffer, partyId: bigint, sealed: Buffer): PersonalFacts {
  return JSON.parse(openBytes(key, `facts:${partyId}`, sealed).toString('utf8')) as PersonalFacts
}

/** Knows the same paper of a party again; without the party's key nobody can tell whether a file is the one. */
export function paperDigest(key: Buffer, bytes: Buffer): Buffer {
  return createHmac('sha256', key).update('paper').update(createHash('sha256').update(bytes).digest()).digest()
}

/** The file of a paper, or the number on it, sealed under the party's key and bound to that file. */
export function sealPaper(key: Buffer, digest: Buffer, part: 'file' | 'number', plain: Buffer | string): Buffer {
  return sealBytes(key, `paper:${part}:${digest.toString('hex')}`, plain)
}

/** The inverse of `sealPaper`. */
export function openPaperPart(key: Buffer, digest: Buffer, part: 'file' | 'number', sealed: Buffer): Buffer {
  return openBytes(key, `paper:${part}:${digest.toString('hex')}`, sealed)
}

/** Account and card numbers: one key for all, because they belong to no single party. */
export function sealNumber(keys: Keys, noun: 'account' | 'card', number: string): Buffer {
  return sealBytes(keys.of('numberSeal'), noun, number)
}

/** A whole row of a file that was put in quarantine, or other text of a load. */
export function sealRow(keys: Keys, text: string): Buffer {
  return sealBytes(keys.of('rowSeal'), 'row', text)
}

/** The inverse of `sealRow`; for the export of quarantined rows to whoever mends them. */
export function openRow(keys: Keys, sealed: Buffer): string {
  return openBytes(keys.of('rowSeal'), 'row', sealed).toString('utf8')
}

/** A new key of an original file, sealed: what `load_key.sealed` holds. */
export function newFileKey(keys: Keys): { key: Buffer; sealed: Buffer } {
  const key = random(keyLength)
  return { key, sealed: sealBytes(keys.of('fileSeal'), 'original', key) }
}

/** The key of an original file out of `load_key.sealed`. */
export function fileKey(keys: Keys, sealed: Buffer): Buffer {
  return openBytes(keys.of('fileSeal'), 'original', sealed)
}

const versionByte = Buffer.from([version])

// Drawn in blocks: one system call per nonce would cost more than the encryption.
const pool = Buffer.allocUnsafe(32_768)
let used = pool.length

function random(length: number): Buffer {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const drawn = Buffer.from(pool.subarray(used, used + length))
  pool.fill(0, used, used + length)
  used += length
  return drawn
}
