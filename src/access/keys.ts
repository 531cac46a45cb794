/**
 * Keys. A master key wraps everything else: the key of each party, and one key per purpose. There may be several
 * generations of the master; a wrapped key says which one it needs, so readers open either while a rotation is under
 * way. Masters come from access/master-keys.ts, wrapped keys from the record (access/key-store.ts).
 *
 * A wrapped key is: version 2 (1 byte) | generation (2, big-endian) | sealed (see `sealBytes`). What was wrapped before
 * there were generations is a bare sealed value of version 1, and needs the first.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { assert, present } from '../kit/assert.ts'
import { keyLength, openBytes, sealBytes } from './seal.ts'

/** What a key is for. A name once used is never given another meaning. */
export const purposes = [
  /** Put before an account number when the lake makes its token. */
  'accountToken',
  'blindIndex:identityNo',
  'blindIndex:phone',
  'blindIndex:email',
  'blindIndex:account',
  'blindIndex:card',
  /** Account and card numbers, which belong to no single party. */
  'numberSeal',
  /** The key of each original file. */
  'fileSeal',
  /** Quarantined rows. */
  'rowSeal',
  /** Audit entries, but for what is sealed under the key of the customer they speak of. */
  'auditSeal',
  /** Secrets of authenticator apps. */
  'secondFactor',
  'recoveryCode',
  /** What the browser keeps on its way to the provider of single sign-on and back. */
  'singleSignOn',
  /** Lines of the ledger of erasures. */
  'erasureLedger',
] as const
export type Purpose = (typeof purposes)[number]

/** The nouns whose numbers can be looked up through a blind index. */
export type Indexed = 'identityNo' | 'phone' | 'email' | 'account' | 'card'

/** All that keys are made of, as plain bytes: what another thread of this process is given. */
export interface KeyMaterial {
  masters: ReadonlyMap<number, Uint8Array>
  purposes: ReadonlyMap<Purpose, Uint8Array>
}

export interface Keys {
  /** 32 bytes for that purpose. */
  of(purpose: Purpose): Buffer
  /** Secret text put before an account number when the lake makes its token: md5(secret || number). */
  accountSecret: string
  /** HMAC-SHA256 of the text, cut to 16 bytes; equal texts give equal tokens, nobody without the key can make one. */
  blindIndex(noun: Indexed, text: string): Buffer
  /** Wraps a key under the newest generation of the master; `context` must be given again. */
  wrap(context: string, key: Buffer): Buffer
  /** The inverse, for any generation that is known. Throws `GenerationUnknown` for one that was made since. */
  unwrap(context: string, wrapped: Buffer): Buffer
  /** The newest generation that is known: what `wrap` uses. */
  readonly generation: number
  /** Learns of generations that were made since. Refuses master_key_missing when this process has no such master. */
  refresh(): Promise<void>
  /** For threads; as it is now, later generations are not in it. */
  material(): KeyMaterial
}

/** A key is wrapped under a generation that another process has made since: refresh the keys and try again. */
export class GenerationUnknown extends Error {
  readonly generation: number

  constructor(generation: number) {
    super(`generation ${generation} of the master key is not known here`)
    this.name = 'GenerationUnknown'
    this.generation = generation
  }
}

/** Runs `work`; when it meets a generation made since, the keys are refreshed and it runs once more. */
export async function withNewestKeys<T>(keys: Keys, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GenerationUnknown)) throw error
    await keys.refresh()
    return work()
  }
}

/** Refreshes the keys when one of these was wrapped under a generation made since: for work that cannot run twice. */
export async function knowGenerations(keys: Keys, wrapped: readonly Buffer[]): Promise<void> {
  if (wrapped.some((one) => generationOf(one) > keys.generation)) await keys.refresh()
}

/** Keys out of masters by generation and the opened purpose keys. The maps are read on, so they may grow. */
export function keysOf(
  masters: ReadonlyMap<number, Buffer>,
  purposeKeys: ReadonlyMap<Purpose, Buffer>,
  refresh: () => Promise<void> = async () => undefined,
): Keys {
  const of = (purpose: Purpose) => present(purposeKeys.get(purpose), `the key of ${purpose}`)
  // Key objects: given as bytes, a key is imported anew for every number of a load.
  const indexKeys = new Map<Indexed, KeyObject>()
  const indexKey = (noun: Indexed) => {
    const found = indexKeys.get(noun) ?? createSecretKey(of(`blindIndex:${noun}`))
    indexKeys.set(noun, found)
    return found
  }
  const wrapper = wrapperOf(masters)
  return {
    of,
    ...wrapper,
    // 32 characters: together with a number of up to 23 it stays within one block of MD5, which halves its cost
    accountSecret: of('accountToken').toString('hex').slice(0, 32),
    blindIndex: (noun, text) => createHmac('sha256', indexKey(noun)).update(text, 'utf8').digest().subarray(0, 16),
    get generation() {
      return wrapper.newest()
    },
    refresh,
    material: () => ({ masters, purposes: purposeKeys }),
  }
}

/** The same keys in a thread that was given their material; it learns of no generation by itself. */
export function keysFrom({ masters, purposes: purposeKeys }: KeyMaterial): Keys {
  const buffers = <K>(bytes: ReadonlyMap<K, Uint8Array>) => new Map([...bytes].map(([k, v]) => [k, Buffer.from(v)]))
  return keysOf(buffers(masters), buffers(purposeKeys))
}

/** Wrapping alone: what is needed to open the purpose keys themselves. */
export function wrapperOf(masters: ReadonlyMap<number, Buffer>) {
  const wrappers = new Map<number, Buffer>()
  const wrapperKey = (generation: number) => {
    const known = wrappers.get(generation)
    if (known) return known
    const master = masters.get(generation)
    if (!master) throw new GenerationUnknown(generation)
    const made = derive(master, 'partyWrap')
    wrappers.set(generation, made)
    return made
  }
  const newest = () => Math.max(...masters.keys())
  return {
    newest,
    wrap: (context: string, key: Buffer) => {
      const generation = newest()
      const head = Buffer.from([2, generation >> 8, generation & 255])
      return Buffer.concat([head, sealBytes(wrapperKey(generation), `${context}@${generation}`, key)])
    },
    unwrap: (context: string, wrapped: Buffer) => {
      const generation = generationOf(wrapped)
      if (wrapped[0] === 1) return openBytes(wrapperKey(1), context, wrapped)
      return openBytes(wrapperKey(generation), `${context}@${generation}`, wrapped.subarray(3))
    },
  }
}

/** The generation of the master that a wrapped key needs. */
export function generationOf(wrapped: Buffer): number {
  if (wrapped[0] === 1) return 1
  assert(wrapped[0] === 2, 'a wrapped key of this version')
  return wrapped.readUInt16BE(1)
}

/** Differs for every other master of that generation, and says nothing about it. */
export function checkValue(master: Buffer, generation: number): Buffer {
  return createHmac('sha256', derive(master, 'check')).update(`generation:${generation}`).digest()
}

/** 32 bytes out of a master (HKDF-SHA256), so that a key of one use says nothing about another. */
export function derive(master: Buffer, use: string): Buffer {
  assert(master.length === keyLength, 'the master key has 32 bytes')
  return Buffer.from(hkdfSync('sha256', master, 'strata', use, keyLength))
}
