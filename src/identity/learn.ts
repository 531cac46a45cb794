/**
 * The model of Fellegi and Sunter, learned without a label: u, how often a level occurs between records of different
 * parties, from random pairs and the frequencies of the values; m, how often between records of one party, by
 * expectation and maximisation over the pairs of each blocking pass, which says nothing of the evidence its own key forces to agree.
 */
import { eachPair, type Groups, homePass, passes } from './blocking.ts'
import type { Columns } from './columns.ts'
import { evidence, level, levels, levelsOf, placeFrom } from './compare.ts'
import { mixed } from './dictionary.ts'

export interface Model {
  /** log2 odds that two random records are one party. */
  prior: number
  /** log2 (m / u) by evidence × levels. For `same` it is log2 m alone: the rarity of the value adds what it tells. */
  weights: Float64Array
  m: Float64Array
  u: Float64Array
  home: HomeBits
}

/**
 * Parts of an address are no independent witnesses: agreeing, they say no more than that both live there, and
 * contradicting, no more than that somebody moved. Both are learned.
 */
export interface HomeBits {
  most: number
  least: number
}

/** How often patterns of levels occurred in the pairs of one pass. */
export interface PassPatterns {
  patterns: Uint8Array[]
  counts: number[]
  /** All pairs of the pass, of which some were looked at. */
  pairs: number
}

export interface LearnOptions {
  seed: number
  randomPairs: number
  pairsPerPass: number
}

const usual = { seed: 1, randomPairs: 300_000, pairsPerPass: 60_000 } satisfies LearnOptions
const size = evidence.length * levels
// What is believed of m before the first pair was seen, and for how many pairs it counts.
const believed = [0, 0.85, 0.03, 0.06, 0.01, 0.02, 0.03, 1e-9]
const believedPairs = 20
const stepsMax = 60

/** Learns from the columns and their groups; the same rows and seed give the same model to the last bit. */
export function learn(columns: Columns, groups: readonly Groups[], options: LearnOptions = usual): Model {
  const u = randomLevels(columns, options)
  const pairs = Math.max(2, (columns.rows * (columns.rows - 1)) / 2)
  const seen = passes.map((_, at) => passPatterns(columns, groups, at, options))
  const opened = passes.map((pass) => evidence.map((name) => !pass.given.includes(name)))
  const learned = seen.map((one, at) => estimate(one, u, opened[at]!))
  const m = new Float64Array(size)
  for (let k = 0; k < evidence.length; k++) {
    const from = learned.filter((_, at) => opened[at]![k])
    for (let l = 1; l < levels; l++) m[k * levels + l] = sum(from, (pass) => pass.matched[k * levels + l]!)
    believe(m, k)
  }
  const matches = Math.max(1, ...learned.map(({ share }, at) => share * seen[at]!.pairs))
  const prior = Math.log2(Math.min(0.5, matches / pairs))
  const away = learned.filter((_, at) => opened[at]!.slice(placeFrom).every(Boolean))
  const home = {
    most: logOdds(believedShare(learned[homePass]!.share, seen[homePass]!)) - prior,
    least: leastOf(
      sum(away, ({ moved }) => moved),
      sum(away, ({ placed }) => placed),
    ),
  }
  return { prior, weights: weightsOf(m, u), m, u, home }
}

/** The share of one party among pairs at one address, held back by one pair that is half of a party. */
function believedShare(share: number, { counts }: PassPatterns): number {
  const total = sum(counts, (count) => count)
  return (share * total + 0.5) / (total + 1)
}

function leastOf(moved: number, placed: number): number {
  return Math.log2((moved + 0.02 * believedPairs) / (placed + believedPairs))
}

function logOdds(share: number): number {
  return Math.log2(share / (1 - share))
}

/** Levels of random pairs; of exact agreement the chance is known from the counts of the values. */
function randomLevels(columns: Columns, options: LearnOptions): Float64Array {
  const u = new Float64Array(size)
  if (columns.rows < 2) return u.fill(1 / (levels - 1))
  const compare = levelsOf(columns)
  const pairs = Math.min(options.randomPairs, columns.rows * (columns.rows - 1))
  for (let i = 0; i < pairs; i++) {
    const a = mixed(options.seed, 2 * i) % columns.rows
    const b = mixed(options.seed, 2 * i + 1) % columns.rows
    if (a === b) continue
    for (let k = 0; k < evidence.length; k++) u[k * levels + compare[k]!(a, b)]!++
  }
  for (const [k, name] of evidence.entries()) {
    const at = k * levels
    let present = 0
    for (let l = 1; l < levels; l++) present += u[at + l]!
    const same = Math.min(0.9, Math.max(columns.agreement[name], 1e-9))
    const rest = present - u[at + level.same]!
    for (let l = 2; l < levels; l++) u[at + l] = ((u[at + l]! + 0.5) / (rest + 0.5 * (levels - 2))) * (1 - same)
    u[at + level.same] = same
    u[at] = 0
  }
  return u
}

/** The patterns of a pass; where it has more pairs than are wanted, of groups chosen by their number. */
function passPatterns(columns: Columns, groups: readonly Groups[], pass: number, options: LearnOptions): PassPatterns {
  const { starts } = groups[pass]!
  let pairs = 0
  for (let g = 0; g + 1 < starts.length; g++) pairs += pairsOf(starts, g)
  const share = Math.min(1, options.pairsPerPass / Math.max(1, pairs))
  const compare = levelsOf(columns)
  const into = new Uint8Array(evidence.length)
  const found = new Map<number, number>()
  const seen: PassPatterns = { patterns: [], counts: [], pairs }
  for (let g = 0; g + 1 < starts.length; g++) {
    if (share < 1 && mixed(options.seed + 17, g) / 2 ** 32 >= share) continue
    // The pairs of all passes are counted in each: only so is its share of matches what it is.
    eachPair([groups[pass]!], 0, g, g + 1, (a, b) => {
      let code = 0
      for (let k = 0; k < into.length; k++) {
        into[k] = compare[k]!(a, b)
        code = code * levels + into[k]!
      }
      const known = found.get(code)
      if (known !== undefined) seen.counts[known]!++
      else {
        found.set(code, seen.patterns.length)
        seen.patterns.push(into.slice())
        seen.counts.push(1)
      }
    })
  }
  return seen
}

function pairsOf(starts: Int32Array, group: number): number {
  const rows = starts[group + 1]! - starts[group]!
  return (rows * (rows - 1)) / 2
}

export interface Estimate {
  /** Of these pairs, the share that are one party. */
  share: number
  /** Expected matches at each level. */
  matched: Float64Array
  /** Expected matches whose addresses can be compared, and of these the ones that agree in nothing. */
  placed: number
  moved: number
}

/**
 * Expectation and maximisation with u held fixed: the share of matches among these pairs, and for each evidence that is
 * open the expected number of matches at each level.
 */
export function estimate(
  seen: Pick<PassPatterns, 'patterns' | 'counts'>,
  u: Float64Array,
  open: readonly boolean[],
): Estimate {
  const total = sum(seen.counts, (count) => count)
  const found: Estimate = { share: 0.2, matched: new Float64Array(size), placed: 0, moved: 0 }
  if (total === 0) return { ...found, share: 0 }
  const m = new Float64Array(size)
  for (let step = 0; step < stepsMax; step++) {
    for (let k = 0; k < evidence.length; k++) believe(m, k)
    const odds = logOdds(found.share)
    const weights = m.map((value, i) => (i % levels === level.missing ? 0 : Math.log2(value / u[i]!)))
    const home = { most: Number.POSITIVE_INFINITY, least: leastOf(found.moved, found.placed) }
    Object.assign(found, { placed: 0, moved: 0 })
    m.fill(0)
    let matches = 0
    for (const [i, pattern] of seen.patterns.entries()) {
      if (pattern.includes(level.excluded)) continue
      const bits = odds + sumOfBits((k) => (open[k] ? weights[k * levels + pattern[k]!]! : 0), home)
      const chance = seen.counts[i]! / (1 + 2 ** -bits)
      matches += chance
      for (let k = 0; k < pattern.length; k++) m[k * levels + pattern[k]!]! += chance
      countMove(found, pattern, chance)
    }
    const share = Math.min(0.999, Math.max(1e-9, matches / total))
    const moved = Math.abs(Math.log2(share / found.share))
    found.share = share
    if (moved < 1e-4) break
  }
  found.matched.set(m)
  return found
}

function countMove(found: Estimate, pattern: Uint8Array, chance: number): void {
  let known = 0
  let contradicting = 0
  for (let k = placeFrom; k < pattern.length; k++) {
    if (pattern[k] !== level.missing) known++
    if (pattern[k] === level.other) contradicting++
  }
  if (known < 2) return
  found.placed += chance
  if (contradicting === known) found.moved += chance
}

function sumOfBits(bitsOf: (k: number) => number, home: HomeBits): number {
  let bits = 0
  for (let k = 0; k < placeFrom; k++) bits += bitsOf(k)
  let place = 0
  for (let k = placeFrom; k < evidence.length; k++) place += bitsOf(k)
  return bits + homeBits(place, home, 0)
}

/** What the parts of an address say together; `rarer` is by how much it is rarer than the usual shared one. */
export function homeBits(place: number, home: HomeBits, rarer: number): number {
  return Math.max(home.least, Math.min(home.most + rarer, place))
}

/** Turns counts of levels into shares, with what was believed before as a few pairs more. */
function believe(m: Float64Array, k: number): void {
  const at = k * levels
  let present = believedPairs
  m[at] = 0
  for (let l = 1; l < levels; l++) present += m[at + l]!
  for (let l = 1; l < levels; l++) m[at + l] = (m[at + l]! + believedPairs * believed[l]!) / present
}

function weightsOf(m: Float64Array, u: Float64Array): Float64Array {
  return m.map((value, i) => {
    if (i % levels === level.missing) return 0
    return i % levels === level.same ? Math.log2(value) : Math.log2(value / u[i]!)
  })
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}
