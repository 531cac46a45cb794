/** The evidence of a pair as one number: log2 odds that both records are one party. */
import type { Columns } from './columns.ts'
import { evidence, level, levels, levelsOf, placeFrom } from './compare.ts'
import { homeBits, type Model } from './learn.ts'

/** From these odds on, 2 to 1, two records are one party: the middle of a plateau, see docs/decisions. */
export const threshold = 1
/** What no other evidence outweighs: the same verified number, or two different ones. */
export const certain = 100
/** One value alone, however rare, says no more than this. */
const rarityMax = 20

/**
 * The bits of rows a and b. Where `least` is given, a pair that cannot reach it any more is left off early, with some
 * number below it, before its names or its address are looked at.
 */
export type Score = (a: number, b: number, least?: number) => number

const numbers = [
  evidence.indexOf('identity'),
  evidence.indexOf('birth'),
  evidence.indexOf('phone'),
  evidence.indexOf('email'),
]
const [identity, birth] = numbers as [number, number]
const given = evidence.indexOf('given')
const surname = evidence.indexOf('surname')

/** Scoring pairs of these columns under a model. */
export function scorer(columns: Columns, model: Model): Score {
  const levelOf = levelsOf(columns)
  const ids = evidence.map((name) => columns.ids[name])
  const rarity = evidence.map((name) => columns.rarity[name])
  const { weights, prior, home } = model
  const { homeRarity, homeUsual, verified } = columns
  const unlike = evidence.map((_, k) => Math.max(...weights.subarray(k * levels + level.sounds, (k + 1) * levels), 0))

  function bitsOf(k: number, found: number, row: number): number {
    const bits = weights[k * levels + found]!
    return found === level.same ? bits + Math.min(rarityMax, rarity[k]![ids[k]![row]!]!) : bits
  }

  /** The most that a name can add, told by its number alone. */
  function mostOf(k: number, a: number, b: number): number {
    const same = ids[k]![a]! !== 0 && ids[k]![a] === ids[k]![b]
    return same ? bitsOf(k, level.same, a) : unlike[k]!
  }

  return (a, b, least = Number.NEGATIVE_INFINITY) => {
    let bits = prior
    let sameNumber = false
    let sameBirth = false
    for (const k of numbers) {
      const found = levelOf[k]!(a, b)
      if (found === level.excluded) return -certain
      if (k === identity) sameNumber = found === level.same && verified[a] === 1
      if (k === birth) sameBirth = found < level.other
      bits += bitsOf(k, found, a)
    }
    const rarer = Math.min(homeRarity[a]!, homeRarity[b]!) - homeUsual
    const homeMost = homeBits(Number.POSITIVE_INFINITY, home, rarer)
    const most = bits + mostOf(given, a, b) + mostOf(surname, a, b) + homeMost
    if (most < least && !sameNumber) return most
    const first = levelOf[given]!(a, b)
    const second = levelOf[surname]!(a, b)
    // A number alone is not enough where all else contradicts: it may have been given to the wrong customer.
    if (sameNumber && (sameBirth || first < level.other || second < level.other)) return certain
    if (second === level.excluded) return -certain
    bits += bitsOf(given, first, a) + bitsOf(surname, second, a)
    if (bits + homeMost < least) return bits + homeMost
    let place = 0
    for (let k = placeFrom; k < evidence.length; k++) place += bitsOf(k, levelOf[k]!(a, b), a)
    return bits + homeBits(place, home, rarer)
  }
}
