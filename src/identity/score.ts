/** The evidence of a pair as one number: log2 odds that both records are one party. */
import type { Columns } from './columns.ts'
import { comparer, evidence, level, levels } from './compare.ts'
import { type Model, sumOfBits } from './learn.ts'

/** From these odds on, 2 to 1, two records are one party: the middle of a plateau, see docs/decisions. */
export const threshold = 1
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
  const { weights, prior, home } = model
  const { homeRarity, verified } = columns
  const usualRarity = -Math.log2(Math.max(columns.homeAgreement, 1e-9))
  const rarity = evidence.map((name) => columns.rarity[name])
  let row = 0
  const bitsOf = (k: number): number => {
    const found = into[k]!
    const bits = weights[k * levels + found]!
    return found === level.same ? bits + Math.min(rarityMax, rarity[k]![ids[k]![row]!]!) : bits
  }
  const identity = evidence.indexOf('identity')
  return (a, b) => {
    compare(a, b, into)
    const number = into[identity]!
    if (number === level.same && verified[a] === 1 && supported(into)) return certain
    if (number === level.excluded || into[1] === level.excluded) return -certain
    row = a
    return prior + sumOfBits(bitsOf, home, Math.min(homeRarity[a]!, homeRarity[b]!) - usualRarity)
  }
}

/** A number alone is not enough where everything else contradicts it: it may have been given to the wrong customer. */
function supported(levelsOfPair: Uint8Array): boolean {
  const [given, surname, birth] = levelsOfPair
  return [given, surname, birth].some((one) => one! < level.other)
}
