/** The account of one file's rows: what a load answers, to people and to programs. */
import type { RefusalCode, RefusalParams } from '../../kit/refusal.ts'
import type { ControlResult } from '../../lake/control.ts'

export interface QuarantineSample {
  line: bigint
  column: string
  rule: string
  /** Masked where personal. */
  value: string
  expected: string
  expectedZh: string
  advice: string
  adviceZh: string
}

export interface FileAccount {
  feed: string
  /** Name of the file, without folders. */
  file: string
  sha256: string
  bytes: number
  status: 'loaded' | 'already' | 'refused' | 'planned'
  /** Of the load; for 'already' the earlier one, for 'planned' (a dry run) none. */
  loadId?: number
  /** read = accepted + quarantined. */
  read: bigint
  accepted: bigint
  quarantined: bigint
  firstDay?: string
  lastDay?: string
  refusal?: { code: RefusalCode; params: RefusalParams; zh: string; en: string }
  control?: ControlResult
  /** The first rows that were kept out. */
  quarantine: QuarantineSample[]
  /** Columns of the file that the feed does not know. */
  unknownColumns: string[]
  /** The earlier load of the same file that this one corrects. */
  supersedesId?: number
  /** Quarantined rows of earlier loads that came in mended. */
  mended: number
  /** Accounts that a complete snapshot left out though they are open. */
  gaps: bigint
  /** Published nights whose window it changed. */
  staleNights: string[]
  seconds: number
}

/** Sample size of `FileAccount.quarantine`. */
export const quarantineSampleMax = 20

/**
 * What became of the rows of one of the bank's own files in one feed:
 * read = used + merged + left out + quarantined, asserted.
 */
export interface SourceRows {
  file: string
  feed: string
  status: FileAccount['status']
  read: bigint
  used: bigint
  /** Into another row: equal ones, or further transactions of one account day. */
  merged: bigint
  leftOut: { why: string; rows: bigint }[]
  quarantined: bigint
  /** That was refused: these rows are not loaded. */
  refused: bigint
}

export interface FolderAccount {
  files: FileAccount[]
  /** With a mapping: the same rows seen from the bank's own files. */
  sources: SourceRows[]
  /** Files of the folder that no feed and no mapping names: reported, not guessed. */
  unnamed: string[]
  read: bigint
  accepted: bigint
  quarantined: bigint
  refused: number
  /** What a mapping has to report, e.g. breaks against a balance column. */
  notes: string[]
}

/** The name by which a corrected file is recognised. */
export function logicalNameOf(name: string): string {
  return name.replace(/\.(gz|zst)$/i, '')
}
