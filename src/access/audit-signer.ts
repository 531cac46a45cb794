/**
 * The key that signs heads of the audit chain: Ed25519, one per installation, kept like the master key in its own file
 * that only the program may read. Its public half stands in the record and in every export.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { present } from '../kit/assert.ts'
import { refuse } from '../kit/refusal.ts'
import { keyIdOf } from './audit-chain.ts'

export interface AuditSigner {
  privateKey: KeyObject
  publicKey: KeyObject
  keyId: string
}

/** The signer of the installation at `home`; made on first use. Refuses config_invalid for a file that holds no key. */
export function openAuditSigner(home: string): AuditSigner {
  const folder = join(home, 'keys')
  const path = join(folder, 'audit.key')
  const privateKey = read(path) ?? make(folder, path)
  const publicKey = createPublicKey(privateKey)
  return { privateKey, publicKey, keyId: keyIdOf(publicKey) }
}

// Written to a temporary name and linked, which fails when another process was first: then its key is taken.
function make(folder: string, path: string): KeyObject {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const temporary = join(folder, `.audit-${process.pid}-${randomBytes(4).toString('hex')}`)
  const handle = openSync(temporary, 'wx', 0o600)
  writeSync(handle, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
  fsyncSync(handle)
  closeSync(handle)
  try {
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  return present(read(path), `${path} after it was made`)
}

function read(path: string): KeyObject | undefined {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // falls through: not a key
  }
  return refuse('config_invalid', { name: path, value: '…', expected: 'an Ed25519 private key in PEM' })
}
