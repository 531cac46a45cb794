/**
 * Checks an audit file (access/audit-file.ts) by itself: that no entry was changed, left out, put in or moved, and that
 * the chain arrives at heads signed by the key that one trusts. Needs no server, no database and no secret.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { type ChainedEntry, genesis, type Head, headHolds, keyIdOf, linkHash } from './audit-chain.ts'
import { type FileHeader, fileHeader, fileLine } from './audit-file.ts'

export type AuditFault =
  | 'changed'
  | 'missing'
  | 'misplaced'
  | 'unlinked'
  | 'unreadable'
  | 'headDiffers'
  | 'badSignature'
  | 'unknownKey'
  | 'unsigned'
  | 'cut'
  | 'leftOut'

export interface Finding {
  fault: AuditFault
  /** Line of the file; null for what is not there. */
  line: number | null
  /** Place in the chain. */
  seq: number | null
  /** Entry id, key id, or what was expected. */
  detail: string
}

export interface AuditVerdict {
  holds: boolean
  findings: Finding[]
  /** Findings beyond those listed. */
  more: number
  entries: number
  unsealed: number
  firstSeq: number
  lastSeq: number
  /** The last head whose signature holds. */
  head: Head | null
  keyIds: string[]
  /** Whether the key was given by whoever checks, rather than taken from the file. */
  keyGiven: boolean
  /** Whether the file reaches the place of the head that was kept elsewhere; false also when none was given. */
  headCompared: boolean
}

export interface TrustedParts {
  /** A head that was kept elsewhere: the file must contain the chain up to it. */
  head?: Head
  /** The installation's public key, kept elsewhere. */
  publicKey?: KeyObject
}

const findingsMax = 100
const unsealedKeptMax = 10_000
/** What is written is sealed within seconds; an hour covers a sealer that was down for a while. */
const sealWithinMs = 3_600_000

/** Reads the file's lines and says what is wrong; undefined when the first line is no head of an audit file. */
export async function verifyAudit(
  lines: AsyncIterable<string> | Iterable<string>,
  trusted: TrustedParts = {},
): Promise<AuditVerdict | undefined> {
  let check: Check | undefined
  let number = 0
  for await (const text of lines) {
    number += 1
    if (check) check.line(text, number)
    else {
      const header = fileHeader.safeParse(parsed(text))
      if (!header.success) return undefined
      check = new Check(header.data, trusted)
    }
  }
  return check?.verdict()
}

/** The state of one check: what the next line must link to. */
class Check {
  readonly #header: FileHeader
  readonly #trusted: TrustedParts
  readonly #keys: Map<string, KeyObject>
  readonly #findings: Finding[] = []
  #found = 0
  #entries = 0
  #expected: number
  #hash: string
  #head: Head | null = null
  #lastHeadSeq = 0
  #unsealed: { at: string; id: string; line: number }[] = []
  #unsealedCount = 0
  #ended = false

  constructor(header: FileHeader, trusted: TrustedParts) {
    this.#header = header
    this.#trusted = trusted
    this.#expected = header.firstSeq
    this.#hash = header.hashBefore
    this.#keys = keysOf(header, trusted)
    if (header.firstSeq === 1 && header.hashBefore !== genesis.toString('hex')) this.#find('unlinked', 1, 1, 'start')
  }

  line(text: string, number: number): void {
    const read = fileLine.safeParse(parsed(text))
    if (!read.success || this.#ended) this.#find('unreadable', number, null, text.slice(0, 40))
    else if ('head' in read.data) this.#readHead(read.data.head, number)
    else if ('end' in read.data) this.#readEnd(read.data.end, number)
    else {
      const { seq, hash, entry } = read.data
      if (seq === null || hash === null) this.#readUnsealed(entry, number)
      else this.#readSealed({ seq, hash, entry }, number)
    }
  }

  #readUnsealed({ at, id }: ChainedEntry, number: number): void {
    this.#unsealedCount += 1
    if (this.#unsealed.length < unsealedKeptMax) this.#unsealed.push({ at, id, line: number })
  }

  #readSealed({ seq, hash, entry }: { seq: number; hash: string; entry: ChainedEntry }, number: number): void {
    this.#entries += 1
    if (seq < this.#expected) {
      this.#find('misplaced', number, seq, entry.id)
      return
    }
    if (seq > this.#expected) this.#find('missing', number, this.#expected, `${this.#expected}–${seq - 1}`)
    else if (linkHash(Buffer.from(this.#hash, 'hex'), seq, entry).toString('hex') !== hash) {
      this.#find('changed', number, seq, entry.id)
    }
    // Goes on from what the file says, so that one change is found once and where it is.
    this.#hash = hash
    this.#expected = seq + 1
    const kept = this.#trusted.head
    if (kept?.seq === seq && kept.hash !== hash) this.#find('headDiffers', number, seq, kept.hash.slice(0, 16))
  }

  verdict(): AuditVerdict {
    const { firstSeq, lastSeq } = this.#header
    const last = this.#expected - 1
    if (last < lastSeq) this.#find('cut', null, last + 1, `${last + 1}–${lastSeq}`)
    else if (!this.#ended) this.#find('cut', null, null, 'end')
    if (last >= firstSeq && this.#lastHeadSeq < last)
      this.#find('unsigned', null, last, `${this.#lastHeadSeq + 1}–${last}`)
    this.#findLeftOut()
    const kept = this.#trusted.head
    if (kept && kept.seq > last) this.#find('cut', null, kept.seq, `${last + 1}–${kept.seq}`)
    if (kept && !this.#signatureHolds(kept)) this.#find('badSignature', null, kept.seq, kept.keyId)
    return {
      holds: this.#found === 0,
      findings: this.#findings,
      more: this.#found - this.#findings.length,
      entries: this.#entries,
      unsealed: this.#unsealedCount,
      firstSeq,
      lastSeq: last,
      head: this.#head,
      keyIds: [...this.#keys.keys()],
      keyGiven: this.#trusted.publicKey !== undefined,
      headCompared: kept !== undefined && kept.seq >= firstSeq,
    }
  }

  #readHead(head: Head, number: number): void {
    if (!this.#keys.has(head.keyId)) this.#find('unknownKey', number, head.seq, head.keyId)
    else if (!this.#signatureHolds(head)) this.#find('badSignature', number, head.seq, head.keyId)
    else if (head.seq !== this.#expected - 1 || head.hash !== this.#hash) {
      this.#find('headDiffers', number, head.seq, head.hash.slice(0, 16))
    } else {
      this.#head = head
      this.#lastHeadSeq = head.seq
    }
  }

  #readEnd(end: { entries: number; unsealed: number }, number: number): void {
    this.#ended = true
    const counted = `${this.#entries}/${end.entries}, ${this.#unsealedCount}/${end.unsealed}`
    if (end.entries !== this.#entries || end.unsealed !== this.#unsealedCount) this.#find('cut', number, null, counted)
  }

  #findLeftOut(): void {
    const sealedAt = Temporal.Instant.from(this.#head?.sealedAt ?? '1970-01-01T00:00:00Z').epochMilliseconds
    for (const { at, id, line } of this.#unsealed) {
      const written = Date.parse(at)
      if (!(written > sealedAt - sealWithinMs)) this.#find('leftOut', line, null, id)
    }
  }

  #signatureHolds(head: Head): boolean {
    const key = this.#keys.get(head.keyId)
    return key !== undefined && headHolds(key, head)
  }

  #find(fault: AuditFault, line: number | null, seq: number | null, detail: string): void {
    this.#found += 1
    if (this.#findings.length < findingsMax) this.#findings.push({ fault, line, seq, detail })
  }
}

/** A key that is given is the only one that counts; else those of the file, each under its own name only. */
function keysOf(header: FileHeader, { publicKey }: TrustedParts): Map<string, KeyObject> {
  if (publicKey) return new Map([[keyIdOf(publicKey), publicKey]])
  const keys = header.keys.flatMap((one): [string, KeyObject][] => {
    try {
      const key = createPublicKey(one.publicKey)
      return key.asymmetricKeyType === 'ed25519' && keyIdOf(key) === one.keyId ? [[one.keyId, key]] : []
    } catch {
      return []
    }
  })
  return new Map(keys)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
