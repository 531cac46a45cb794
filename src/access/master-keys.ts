/**
 * Where the master key of each generation comes from: the environment, a file of the home that only its owner may read,
 * or a key management service, which keeps a master sealed and opens it once per start.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../kit/assert.ts'
import { refuse } from '../kit/refusal.ts'
import { type Kms, transitKms } from './kms.ts'
import { keyLength } from './seal.ts'

export interface MasterKeys {
  /** The 32 bytes of a generation; `wrapped` as `make` gave it. Refuses master_key_missing, kms_failed. */
  secretOf(generation: { id: number; wrapped: string | null }): Promise<Buffer>
  /**
   * The master of a generation that is to be: made where it will be kept. From the environment it must be there already
   * (master_key_missing). `wrapped` is null when it is not the record that keeps it.
   */
  make(id: number): Promise<{ secret: Buffer; wrapped: string | null }>
}

export interface MasterConfig {
  home: string
  /** '…' or '1:…,2:…', each 32 bytes in base64; undefined = files under `home`. */
  masterKey?: string | undefined
  kms?: { url: string; key: string; token: string } | undefined
}

/** The masters of an installation. Nothing is read or made before it is asked for. */
export function masterKeys(config: MasterConfig): MasterKeys {
  const given = config.masterKey ? decodeMasters(config.masterKey) : undefined
  const kms = config.kms && transitKms(config.kms)
  const pathOf = (id: number) => join(config.home, 'keys', id === 1 ? 'master.key' : `master-${id}.key`)
  return {
    secretOf: async ({ id, wrapped }) => {
      if (wrapped !== null) return unwrapped(kms, id, wrapped)
      return given?.get(id) ?? readMaster(pathOf(id)) ?? missing(id, given ? 'STRATA_MASTER_KEY' : pathOf(id))
    },
    make: async (id) => {
      if (kms) {
        const secret = randomBytes(keyLength)
        return { secret, wrapped: await kms.wrap(secret) }
      }
      if (given) return { secret: given.get(id) ?? missing(id, 'STRATA_MASTER_KEY'), wrapped: null }
      return { secret: makeMaster(pathOf(id)), wrapped: null }
    },
  }
}

async function unwrapped(kms: Kms | undefined, id: number, wrapped: string): Promise<Buffer> {
  if (!kms) return missing(id, 'STRATA_KMS_URL')
  const secret = await kms.unwrap(wrapped)
  return secret.length === keyLength ? secret : missing(id, 'STRATA_KMS_URL')
}

function missing(generation: number, where: string): never {
  return refuse('master_key_missing', { generation, where })
}

/** '…' is the first generation; '1:…,2:…' names them. Refuses config_invalid. */
function decodeMasters(text: string): Map<number, Buffer> {
  const masters = new Map<number, Buffer>()
  for (const part of text.split(',')) {
    const [, number = '1', secret = ''] = /^(?:(\d{1,5}):)?(.*)$/.exec(part.trim()) ?? []
    const master = Buffer.from(secret, 'base64')
    if (master.length !== keyLength || masters.has(Number(number))) {
      refuse('config_invalid', { name: 'STRATA_MASTER_KEY', value: '…', expected: '32 bytes in base64' })
    }
    masters.set(Number(number), master)
  }
  return masters
}

// Written to a temporary name and linked, which fails when another process was first: then its key is taken.
function makeMaster(path: string): Buffer {
  const found = readMaster(path)
  if (found) return found
  const folder = join(path, '..')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const temporary = join(folder, `.master-${process.pid}-${randomBytes(4).toString('hex')}`)
  const handle = openSync(temporary, 'wx', 0o600)
  writeSync(handle, `${randomBytes(keyLength).toString('base64')}\n`)
  fsyncSync(handle)
  closeSync(handle)
  try {
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  const made = readMaster(path)
  assert(made, `${path} can be read after it was made`)
  return made
}

function readMaster(path: string): Buffer | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const master = Buffer.from(text.trim(), 'base64')
  if (master.length !== keyLength) refuse('config_invalid', { name: path, value: '…', expected: '32 bytes in base64' })
  return master
}
