/**
 * How alike two texts are. They are read as UTF-16 code units where they lie in a large array, because comparing tens of
 * millions of pairs must not make an object per text; the functions on strings are for tests and single calls.
 */

/** Longer texts are compared by their beginning. */
export const unitsMax = 64

type Units = Uint16Array<ArrayBufferLike>

const taken = new Uint8Array(unitsMax)
const paired = new Uint16Array(unitsMax)

/** Jaro–Winkler with Winkler's scale of 0.1 for up to four common units at the beginning; 0 for an empty text. */
export function jaroWinkler(units: Units, aFrom: number, aTo: number, bFrom: number, bTo: number): number {
  const aLength = Math.min(aTo - aFrom, unitsMax)
  const bLength = Math.min(bTo - bFrom, unitsMax)
  if (aLength === 0 || bLength === 0) return 0
  const reach = Math.max(0, (Math.max(aLength, bLength) >> 1) - 1)
  taken.fill(0, 0, bLength)
  let common = 0
  for (let i = 0; i < aLength; i++) {
    const unit = units[aFrom + i]!
    const to = Math.min(bLength - 1, i + reach)
    for (let j = Math.max(0, i - reach); j <= to; j++) {
      if (taken[j] === 1 || units[bFrom + j] !== unit) continue
      taken[j] = 1
      paired[common++] = unit
      break
    }
  }
  if (common === 0) return 0
  let moved = 0
  for (let j = 0, k = 0; j < bLength; j++) if (taken[j] === 1 && units[bFrom + j] !== paired[k++]) moved++
  const jaro = (common / aLength + common / bLength + (common - moved / 2) / common) / 3
  let prefix = 0
  const prefixMax = Math.min(4, aLength, bLength)
  while (prefix < prefixMax && units[aFrom + prefix] === units[bFrom + prefix]) prefix++
  return jaro + prefix * 0.1 * (1 - jaro)
}

let before = new Uint8Array(unitsMax + 1)
let last = new Uint8Array(unitsMax + 1)
let current = new Uint8Array(unitsMax + 1)

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment), counted up to `max` + 1. */
export function editDistance(
  units: Units,
  aFrom: number,
  aTo: number,
  bFrom: number,
  bTo: number,
  max: number,
): number {
  const aLength = Math.min(aTo - aFrom, unitsMax)
  const bLength = Math.min(bTo - bFrom, unitsMax)
  if (Math.abs(aLength - bLength) > max) return max + 1
  for (let j = 0; j <= bLength; j++) last[j] = j
  for (let i = 1; i <= aLength; i++) {
    current[0] = i
    let least = i
    const unit = units[aFrom + i - 1]!
    for (let j = 1; j <= bLength; j++) {
      const other = units[bFrom + j - 1]!
      let cost = last[j - 1]! + (unit === other ? 0 : 1)
      if (last[j]! + 1 < cost) cost = last[j]! + 1
      if (current[j - 1]! + 1 < cost) cost = current[j - 1]! + 1
      const swapped = i > 1 && j > 1 && unit === units[bFrom + j - 2] && units[aFrom + i - 2] === other
      if (swapped && before[j - 2]! + 1 < cost) cost = before[j - 2]! + 1
      current[j] = cost
      if (cost < least) least = cost
    }
    if (least > max) return max + 1
    const free = before
    before = last
    last = current
    current = free
  }
  return Math.min(last[bLength]!, max + 1)
}

/** Whether the shorter text, of at least `least` units, stands in the longer one. */
export function contains(units: Units, aFrom: number, aTo: number, bFrom: number, bTo: number, least: number): boolean {
  if (aTo - aFrom > bTo - bFrom) return contains(units, bFrom, bTo, aFrom, aTo, least)
  const length = aTo - aFrom
  if (length < least) return false
  for (let at = bFrom; at + length <= bTo; at++) {
    let same = 0
    while (same < length && units[aFrom + same] === units[at + same]) same++
    if (same === length) return true
  }
  return false
}

/** Jaro–Winkler of two strings: MARTHA and MARHTA are 0.9611 alike. */
export function jaroWinklerOf(a: string, b: string): number {
  return jaroWinkler(unitsOf(a + b), 0, a.length, a.length, a.length + b.length)
}

/** Edit distance of two strings, at most `max` + 1. */
export function editDistanceOf(a: string, b: string, max: number): number {
  return editDistance(unitsOf(a + b), 0, a.length, a.length, a.length + b.length, max)
}

function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length)
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i)
  return units
}
