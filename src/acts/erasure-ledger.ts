/**
 * The ledger of erasures: one line per erased person in a file beside the record, outside its backup, so that a restore
 * does not bring anybody back. It holds customer numbers, day, who and why, and a code by which a line of ours is known.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { appendFileSync, closeSync, fstatSync, fsyncSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Keys } from '../access/keys.ts'
import { refuse } from '../kit/refusal.ts'

export interface Erasure {
  customerNos: string[]
  /** Instant. */
  erasedAt: string
  by: string
  reason: string
}

interface LedgerPlace {
  home: string
  keys: Keys
}

/** Absolute path of the file. */
export function ledgerPath(home: string): string {
  return join(home, 'erasures.jsonl')
}

/** Ends a line that was cut off before its own end: what stands before it was not committed. */
const cutOff = '✂'

/** Adds a line and waits until it is on the disk. */
export function appendErasure({ home, keys }: LedgerPlace, erasure: Erasure): void {
  const handle = openSync(ledgerPath(home), 'a+', 0o600)
  try {
    const line = `${JSON.stringify({ ...erasure, code: codeOf(keys, erasure) })}\n`
    // Marked rather than cut away: another process may be adding its line at this moment.
    appendFileSync(handle, endsWhole(handle) ? line : `${cutOff}\n${line}`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function endsWhole(handle: number): boolean {
  const { size } = fstatSync(handle)
  const last = Buffer.alloc(1)
  return size === 0 || (readSync(handle, last, 0, 1, size - 1) === 1 && last.toString() === '\n')
}

/** Every line, oldest first. Refuses erasures_invalid for a line that is not ours; a line that was cut off is none. */
export function readErasures({ home, keys }: LedgerPlace): Erasure[] {
  let text = ''
  try {
    text = readFileSync(ledgerPath(home), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  // What follows the last line break was being written when the power went: its erasure was not committed.
  const lines = text.split('\n').slice(0, -1)
  return lines.flatMap((line, index) =>
    line.endsWith(cutOff)
      ? []
      : (checked(keys, line) ?? refuse('erasures_invalid', { line: index + 1, file: ledgerPath(home) })),
  )
}

function checked(keys: Keys, line: string): Erasure | undefined {
  try {
    const { code, customerNos, erasedAt, by, reason } = JSON.parse(line) as Erasure & { code: string }
    const erasure = { customerNos, erasedAt, by, reason }
    const given = Buffer.from(code, 'hex')
    const ours = Buffer.from(codeOf(keys, erasure), 'hex')
    return given.length === ours.length && timingSafeEqual(given, ours) ? erasure : undefined
  } catch {
    return undefined
  }
}

function codeOf(keys: Keys, { customerNos, erasedAt, by, reason }: Erasure): string {
  const text = JSON.stringify([customerNos, erasedAt, by, reason])
  return createHmac('sha256', keys.of('erasureLedger')).update(text).digest('hex')
}
