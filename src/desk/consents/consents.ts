/**
 * The ledger of consents (授权台账): what a customer may be contacted for, by which channel, on what basis. Entries are
 * added and never changed; a withdrawal is an entry of its own. Pure.
 */
import type { Day } from '../../kit/day.ts'

export interface ConsentEntry {
  /** Ascending in the order of recording. */
  id: bigint
  kind: 'given' | 'withdrawn'
  purpose: string
  /** 'any' speaks of every channel. */
  channel: string
  /** 'consent', 'contract', 'law', …; only what rests on consent can be withdrawn. */
  basis: string
  /** Half-open: [fromDay, toDay). */
  fromDay: Day
  toDay: Day
}

export interface ContactAnswer {
  allowed: boolean
  /** The entry that decides; null when none speaks of it. */
  because: bigint | null
}

/** Bases that a withdrawal of consent leaves alone: the bank needs them for its contract, or the law demands them. */
const standing = ['contract', 'law']

/**
 * Whether the customer may be contacted for a purpose by a channel on a day. Of the entries that speak of it, the one
 * whose effect began last decides, among equals the one recorded last; without any the answer is no.
 */
export function mayContact(ledger: readonly ConsentEntry[], purpose: string, channel: string, day: Day): ContactAnswer {
  const speaking = inForce(ledger).filter(
    (entry) =>
      entry.purpose === purpose &&
      (entry.channel === 'any' || entry.channel === channel) &&
      entry.fromDay <= day &&
      day < entry.toDay,
  )
  const stands = speaking.find((entry) => entry.kind === 'given' && standing.includes(entry.basis))
  if (stands) return { allowed: true, because: stands.id }
  const last = speaking.toSorted(byEffect).at(-1)
  return { allowed: last?.kind === 'given', because: last?.id ?? null }
}

/** What may be done on a day: an answer for every purpose and channel that the ledger names. */
export function allowedOn(
  ledger: readonly ConsentEntry[],
  day: Day,
): (ContactAnswer & { purpose: string; channel: string })[] {
  const purposes = [...new Set(ledger.map((entry) => entry.purpose))].sort()
  return purposes.flatMap((purpose) => {
    const channels = new Set(ledger.filter((entry) => entry.purpose === purpose).map((entry) => entry.channel))
    return [...channels].sort().map((channel) => ({ purpose, channel, ...mayContact(ledger, purpose, channel, day) }))
  })
}

// The same consent given again, with another end or proof, takes the place of the entry before.
function inForce(ledger: readonly ConsentEntry[]): ConsentEntry[] {
  const newest = new Map<string, ConsentEntry>()
  for (const entry of ledger.toSorted((a, b) => Number(a.id - b.id))) {
    newest.set([entry.kind, entry.purpose, entry.channel, entry.fromDay].join('\n'), entry)
  }
  return [...newest.values()]
}

function byEffect(a: ConsentEntry, b: ConsentEntry): number {
  if (a.fromDay !== b.fromDay) return a.fromDay < b.fromDay ? -1 : 1
  return Number(a.id - b.id)
}
