/** What holds of any paper: where it stands on a day, and what kind of file its bytes are. Pure. */
import type { PaperMedia, PaperState } from '../../contract/paper-words.ts'
import { addDays, type Day } from '../../kit/day.ts'

/** So many days before its last one a paper counts as expiring. */
export const expiringDays = 30

export interface Validity {
  validFrom: Day | null
  /** The last day; null: open. */
  validUntil: Day | null
  isWithdrawn: boolean
}

export function stateOf({ validFrom, validUntil, isWithdrawn }: Validity, today: Day): PaperState {
  if (isWithdrawn) return 'withdrawn'
  if (validUntil !== null && validUntil < today) return 'expired'
  if (validFrom !== null && validFrom > today) return 'upcoming'
  return validUntil !== null && validUntil <= addDays(today, expiringDays) ? 'expiring' : 'valid'
}

/** Whether it may be used instead of asking for another. */
export const isUsable = (state: PaperState): boolean => state === 'valid' || state === 'expiring'

type Sign = [media: PaperMedia, at: number, bytes: string]

// The first bytes, in latin1 (JPEG: SOI and a marker; WebP: RIFF, a length, WEBP).
const signs: readonly Sign[] = [
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/webp', 8, 'WEBP'],
  ['application/pdf', 0, '%PDF-'],
]

/** Found in the bytes alone: a name or a type that a browser gives says nothing. Undefined for anything else. */
export function mediaOf(bytes: Buffer): PaperMedia | undefined {
  const [media] = signs.find(([, at, sign]) => bytes.toString('latin1', at, at + sign.length) === sign) ?? []
  if (media === 'image/webp' && bytes.toString('latin1', 0, 4) !== 'RIFF') return undefined
  return media
}

const endings: Record<PaperMedia, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'application/pdf': 'pdf',
}

/** 'paper-12.jpg': nothing of the customer, as it ends up in folders of downloads. */
export const fileNameOf = (id: number, media: PaperMedia): string => `paper-${id}.${endings[media]}`
