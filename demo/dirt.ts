/**
 * Spoiled rows, on purpose and counted: every file stays well below the limit of bad rows of a load (1 %), because a
 * file's next bad row is due only after hundreds of good ones. What was spoiled, where and why goes to `truth.json`.
 */
import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { FeedFile } from './files.ts'
import { purpose, Random } from './random.ts'

export interface Spoiled {
  file: string
  /** Line in the unpacked file; the header is line 1. */
  line: number
  column: string
  reason: string
  /** 'quarantine': the row must be kept out. 'report': it is let in and counts against quality. */
  effect: 'quarantine' | 'report'
}

/** The truth about the bank that a test may ask for; lists of people are customer numbers. */
export interface Truth {
  duplicates: [string, string][]
  gamers: string[]
  /** Accounts left out of a snapshot though open: [account, day]. */
  absent: [string, string][]
  overdrafts: string[]
}

export class Dirt {
  readonly truth: Truth = { duplicates: [], gamers: [], absent: [], overdrafts: [] }
  readonly random: Random
  spoiled = 0
  private readonly out: WriteStream | undefined
  private readonly enabled: boolean

  /** `path` is where the truth is written, if anywhere. */
  constructor(seed: number, path: string | undefined, enabled = true) {
    this.random = new Random(seed, purpose.dirt)
    this.enabled = enabled
    this.out = path === undefined ? undefined : createWriteStream(path)
    this.out?.write('{"spoiled":[')
  }

  /** Says of a new file when its first bad row is due. */
  watch(file: FeedFile): FeedFile {
    if (this.enabled) file.dirtyAt = 300 + this.random.int(300)
    return file
  }

  /** True when a row of `file` should now be spoiled; the next is due one to three thousand rows later. */
  due(file: FeedFile): boolean {
    if (file.rows < file.dirtyAt) return false
    file.dirtyAt = file.rows + 1000 + this.random.int(2000)
    return true
  }

  /** Notes that the row just written to `file` is bad (of `quarantine`, at most one in three hundred). */
  note(file: FeedFile, column: string, reason: string, effect: Spoiled['effect'] = 'quarantine'): void {
    if (effect === 'quarantine') file.dirty++
    const entry: Spoiled = { file: file.name, line: file.rows + 1, column, reason, effect }
    this.out?.write(`${this.spoiled === 0 ? '' : ','}\n${JSON.stringify(entry)}`)
    this.spoiled++
  }

  async close(): Promise<void> {
    if (!this.out) return
    this.out.end(`\n],\n${JSON.stringify(this.truth).slice(1)}\n`)
    await finished(this.out)
  }
}
