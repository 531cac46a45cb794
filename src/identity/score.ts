/** The evidence of a pair as one number: log2 odds that both records are one party. */
import type { Columns } from './columns.ts'
import { comparer, evidence, level, levels } from './compare.ts'
import type { Model } from './learn.ts'

/** From these odds on two records are one party: 8 to 1. Fixed before any figure was taken; see docs/decisions. */
export const threshold = 3
/** What no other evidence outweighs: the same verified number, or two different ones. */
export const certain = 100
/** One value alone, however rare, says no more than this. */
const rarityMax = 20

export type Score = (a: number, b: number) => number

/** Scoring pairs of these columns under a model. */
export function scorer(columns: Columns, model: Model): Score {
  const compare = comparer(columns)
  const into = new Uint8Array(evidence.length)
  const ids = evidence.map((name) => columns.ids[name])
  const { weights, prior } = model
  const identity = evidence.indexOf('identity')
  return (a, b) => {
    compare(a, b, into)
    const number = into[identity]!
    if (number !== level.missing && columns.verified[a] === 1 && columns.verified[b] === 1) {
      if (number !== level.same) return -certain
      if (supported(into)) return certain
    }
    let bits = prior
    for (let k = 0; k < into.length; k++) {
      const found = into[k]!
      if (found === level.missing) continue
      bits += weights[k * levels + found]!
      if (found === level.same) bits += Math.min(rarityMax, columns.rarity[evidence[k]!][ids[k]![a]!]!)
    }
    return bits
  }
}

/** A number alone is not enough where everything else contradicts it: it may have been given to the wrong customer. */
function supported(levelsOfPair: Uint8Array): boolean {
  const [given, surname, birth] = levelsOfPair
  return [given, surname, birth].some((one) => one !== level.other)
}
