/**
 * Keys. One master key per installation (32 bytes); everything else is derived from it by purpose (HKDF-SHA256), so
 * that a key of one purpose says nothing about another. The master is never written anywhere but its own file.
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../kit/assert.ts'
import { refuse } from '../kit/refusal.ts'

/** What a derived key is for. A name once used is never given another meaning. */
export type Purpose =
  | 'accountToken'
  | 'blindIndex'
  | 'numberSeal'
  | 'fileSeal'
  | 'rowSeal'
  | 'partyWrap'
  | 'auditSeal'
  | 'secondFactor'
  | 'recoveryCode'
  | 'singleSignOn'

/** The nouns whose numbers can be looked up through a blind index. */
export type Indexed = 'identityNo' | 'phone' | 'email' | 'account' | 'card'

export interface Keys {
  /** 32 bytes for that purpose. */
  of(purpose: Purpose): Buffer
  /** Secret text put before an account number when the lake makes its token: md5(secret || number). */
  accountSecret: string
  /** HMAC-SHA256 of the text, cut to 16 bytes; equal texts give equal tokens, nobody without the key can make one. */
  blindIndex(noun: Indexed, text: string): Buffer
}

const masterLength = 32

/** The keys of an installation: `masterKey` (base64) when given, else the file under `home`, made on first use. */
export function openKeys(config: { home: string; masterKey?: string | undefined }): Keys {
  return keysOf(config.masterKey ? decodeMaster(config.masterKey) : masterFile(join(config.home, 'keys')))
}

/** The keys that a master gives. */
export function keysOf(master: Buffer): Keys {
  assert(master.length === masterLength, 'the master key has 32 bytes')
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', master, 'strata', purpose, 32))
  const known = new Map<string, Buffer>()
  const of = (purpose: string) => {
    const found = known.get(purpose) ?? derive(purpose)
    known.set(purpose, found)
    return found
  }
  // Key objects: given as bytes, a key is imported anew for every number of a load.
  const indexKeys = new Map<Indexed, KeyObject>()
  const indexKey = (noun: Indexed) => {
    const found = indexKeys.get(noun) ?? createSecretKey(of(`blindIndex:${noun}`))
    indexKeys.set(noun, found)
    return found
  }
  return {
    of,
    // 32 characters: together with a number of up to 23 it stays within one block of MD5, which halves its cost
    accountSecret: of('accountToken').toString('hex').slice(0, 32),
    blindIndex: (noun, text) => createHmac('sha256', indexKey(noun)).update(text, 'utf8').digest().subarray(0, 16),
  }
}

function decodeMaster(text: string): Buffer {
  const master = Buffer.from(text, 'base64')
  if (master.length !== masterLength) {
    refuse('config_invalid', { name: 'STRATA_MASTER_KEY', value: '…', expected: '32 bytes in base64' })
  }
  return master
}

// Written to a temporary name and linked, which fails when another process was first: then its key is taken.
function masterFile(folder: string): Buffer {
  const path = join(folder, 'master.key')
  const found = read(path)
  if (found) return found
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const temporary = join(folder, `.master-${process.pid}-${randomBytes(4).toString('hex')}`)
  const handle = openSync(temporary, 'wx', 0o600)
  writeSync(handle, `${randomBytes(masterLength).toString('base64')}\n`)
  fsyncSync(handle)
  closeSync(handle)
  try {
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  const made = read(path)
  assert(made, `${path} can be read after it was made`)
  return made
}

function read(path: string): Buffer | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const master = Buffer.from(text.trim(), 'base64')
  if (master.length !== masterLength) {
    refuse('config_invalid', { name: path, value: '…', expected: '32 bytes in base64' })
  }
  return master
}
