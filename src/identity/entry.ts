/** Checking a record while it is typed in: which of the parties that are there already may it be? */
import { neighboursOf } from './blocking.ts'
import { placeProbe } from './columns.ts'
import { normalise } from './normalise.ts'
import type { PartyRecord } from './record.ts'
import type { Matched } from './resolve.ts'
import { certain, scorer, threshold } from './score.ts'

export interface Candidate {
  /** The place of the record among those that were resolved. */
  place: number
  /** log2 odds that it is the same party. */
  bits: number
  verdict: 'certain' | 'probable' | 'possible'
}

export const candidatesMax = 20
/** A person may look at pairs that the matcher would not join: down to odds of 1 to 64. */
const possibleFrom = -6

/**
 * Opens a check over what was resolved. A record is compared with at most 40 others per pass, found by halving, so that
 * the time hardly grows with the parties. Nothing of the record is kept.
 */
export function openEntry(matched: readonly Matched[]): (record: PartyRecord) => Candidate[] {
  const kinds = new Map(matched.map((one) => [one.kind, { ...one, score: scorer(one.filled.columns, one.model) }]))
  return (record) => {
    const known = kinds.get(record.kind)
    if (!known) return []
    const { filled, groups, places, score } = known
    const { columns, origin } = filled
    const probe = columns.rows
    const done = placeProbe(filled, normalise(record))
    try {
      const seen = new Set<number>()
      for (const [pass, of] of groups.entries()) for (const row of neighboursOf(columns, of, pass, probe)) seen.add(row)
      const found: Candidate[] = []
      for (const row of seen) {
        const bits = score(row, probe, possibleFrom)
        if (bits < possibleFrom) continue
        const verdict = bits >= certain ? 'certain' : bits >= threshold ? 'probable' : 'possible'
        found.push({ place: places[origin[row]!]!, bits, verdict })
      }
      return found.sort((a, b) => b.bits - a.bits || a.place - b.place).slice(0, candidatesMax)
    } finally {
      done()
    }
  }
}
