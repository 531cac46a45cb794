/** What two records say about being one party: for each kind of evidence a level, from missing to contradicting. */
import type { Columns } from './columns.ts'
import type { Field } from './record.ts'
import { contains, editDistance, jaroWinkler } from './similarity.ts'

/** Kinds of evidence, in the order of the levels that `comparer` fills in. */
export const evidence = [
  'given',
  'surname',
  'birth',
  'identity',
  'phone',
  'email',
  'street',
  'number',
  'building',
  'district',
  'postcode',
  'region',
] as const satisfies readonly Field[]
export type Evidence = (typeof evidence)[number]

/** The parts of an address, which tell one fact together: they are the last of the kinds. */
export const placeFrom = evidence.indexOf('street')

export const level = {
  missing: 0,
  same: 1,
  /** Written otherwise, spoken alike. */
  sounds: 2,
  /** A typing error apart, or one within the other. */
  close: 3,
  /** Found in the neighbouring field, or in another order. */
  crossed: 4,
  /** Something in common. */
  partly: 5,
  other: 6,
  /** Never one party: two identity numbers, each vouched for by its check digit; two companies in different lines of business. */
  excluded: 7,
} as const
export const levels = 8

/** The level of one kind of evidence for rows a and b. */
export type LevelOf = (a: number, b: number) => number

const han = 0x2e80

/** For each kind of evidence, in their order, how rows of these columns are compared; no object is made per pair. */
export function levelsOf(columns: Columns): LevelOf[] {
  return [
    nameLevel(columns, 'given', 'surname'),
    columns.kind === 'company' ? lineLevel(columns) : nameLevel(columns, 'surname', 'given'),
    birthLevel(columns),
    identityLevel(columns),
    numberLevel(columns, 'phone', 7, 1, 7),
    emailLevel(columns),
    placeLevel(columns, 'street', ['building', 'district']),
    numberLevel(columns, 'number', 2, 1, 99),
    placeLevel(columns, 'building', ['street', 'district']),
    placeLevel(columns, 'district', ['building', 'street']),
    numberLevel(columns, 'postcode', 3, 1, 99),
    placeLevel(columns, 'region', []),
  ]
}

/** A company's line of business stands in the place of a surname. */
function lineLevel(columns: Columns): LevelOf {
  const plainLevel = nameLevel(columns, 'surname', 'given')
  return (a, b) => {
    const found = plainLevel(a, b)
    return found === level.other ? level.excluded : found
  }
}

function nameLevel(columns: Columns, field: 'given' | 'surname', neighbour: 'given' | 'surname'): LevelOf {
  const ids = columns.ids[field]
  const sounds = columns.ids[`${field}Sound`]
  const otherSounds = columns.ids[`${neighbour}Sound`]
  return (a, b) => {
    const x = ids[a]!
    const y = ids[b]!
    if (x === 0 || y === 0) return crossedName(a, b) ? level.crossed : level.missing
    if (x === y) return level.same
    const soundX = sounds[a]!
    const soundY = sounds[b]!
    if (soundX === soundY) return level.sounds
    const spelling = spelledAlike(columns.texts[field], x, y)
    if (spelling === level.close) return level.close
    const spoken = alike(columns.texts.givenSound, soundX, soundY, 3)
    if (spoken === level.close) return level.close
    if (crossedName(a, b)) return level.crossed
    return spelling === level.partly || spoken === level.partly ? level.partly : level.other
  }

  function crossedName(a: number, b: number): boolean {
    return crossedSound(sounds[a]!, otherSounds[b]!) || crossedSound(sounds[b]!, otherSounds[a]!)
  }

  function crossedSound(x: number, y: number): boolean {
    if (x === 0 || y === 0) return false
    return x === y || alike(columns.texts.givenSound, x, y, 6) === level.close
  }
}

/** Names in Chinese characters: swapped characters or one name within the other are close, a common character is something. */
function spelledAlike(texts: Columns['texts'][Field], x: number, y: number): number {
  const { start, units } = texts
  const xFrom = start[x]!
  const xTo = start[x + 1]!
  const yFrom = start[y]!
  const yTo = start[y + 1]!
  if (units[xFrom]! < han || units[yFrom]! < han) return level.other
  if (contains(units, xFrom, xTo, yFrom, yTo, 2)) return level.close
  let common = 0
  for (let i = xFrom; i < xTo; i++) for (let j = yFrom; j < yTo; j++) if (units[i] === units[j]) common++
  if (common >= 2 && xTo - xFrom === yTo - yFrom && common >= xTo - xFrom - 1) return level.close
  return common > 0 ? level.partly : level.other
}

/** Words in letters or characters, by Jaro–Winkler and edits. */
function alike(texts: Columns['texts'][Field], x: number, y: number, editLeast: number): number {
  const { start, units } = texts
  const xFrom = start[x]!
  const xTo = start[x + 1]!
  const yFrom = start[y]!
  const yTo = start[y + 1]!
  const shorter = Math.min(xTo - xFrom, yTo - yFrom)
  const likeness = jaroWinkler(units, xFrom, xTo, yFrom, yTo)
  if (likeness >= 0.92) return level.close
  if (likeness < 0.6) return level.other
  if (shorter >= editLeast) {
    const max = shorter >= 8 ? 2 : 1
    if (editDistance(units, xFrom, xTo, yFrom, yTo, max) <= max) return level.close
  }
  return likeness >= 0.8 ? level.partly : level.other
}

function placeLevel(columns: Columns, field: Field, neighbours: readonly Field[]): LevelOf {
  const ids = columns.ids[field]
  const others = neighbours.map((neighbour) => columns.ids[neighbour])
  return (a, b) => {
    const x = ids[a]!
    const y = ids[b]!
    if (x === y && x !== 0) return level.same
    for (const other of others) if ((x !== 0 && x === other[b]) || (y !== 0 && y === other[a])) return level.crossed
    const crossed = () => others.some((other) => crossedPlace(x, other[b]!) || crossedPlace(y, other[a]!))
    if (x === 0 || y === 0) return x !== y && crossed() ? level.crossed : level.missing
    const likeness = alike(columns.texts[field], x, y, 4)
    if (likeness === level.close) return level.close
    if (crossed()) return level.crossed
    return likeness
  }

  function crossedPlace(x: number, y: number): boolean {
    return x !== 0 && y !== 0 && alike(columns.texts[field], x, y, 5) === level.close
  }
}

/** Digits: `close` within one edit if they are `least` long, `partly` within `edits`, or with the same last `tail` digits. */
function numberLevel(columns: Columns, field: Field, least: number, edits: number, tail: number): LevelOf {
  const ids = columns.ids[field]
  return (a, b) => {
    const x = ids[a]!
    const y = ids[b]!
    if (x === 0 || y === 0) return level.missing
    if (x === y) return level.same
    const { start, units } = columns.texts[field]
    const xFrom = start[x]!
    const xTo = start[x + 1]!
    const yFrom = start[y]!
    const yTo = start[y + 1]!
    if (Math.min(xTo - xFrom, yTo - yFrom) < least) return level.other
    const distance = editDistance(units, xFrom, xTo, yFrom, yTo, edits)
    if (distance <= 1) return level.close
    if (distance <= edits) return level.partly
    for (let i = 1; i <= tail; i++) {
      if (xTo - i < xFrom || yTo - i < yFrom || units[xTo - i] !== units[yTo - i]) return level.other
    }
    return level.partly
  }
}

function identityLevel(columns: Columns): LevelOf {
  const plainLevel = numberLevel(columns, 'identity', 8, 2, 99)
  const { verified } = columns
  return (a, b) => {
    const found = plainLevel(a, b)
    return found > level.same && verified[a] === 1 && verified[b] === 1 ? level.excluded : found
  }
}

function birthLevel(columns: Columns): LevelOf {
  const ids = columns.ids.birth
  return (a, b) => {
    const x = ids[a]!
    const y = ids[b]!
    if (x === 0 || y === 0) return level.missing
    if (x === y) return level.same
    const { start, units } = columns.texts.birth
    const xFrom = start[x]!
    const xTo = start[x + 1]!
    const yFrom = start[y]!
    const yTo = start[y + 1]!
    if (editDistance(units, xFrom, xTo, yFrom, yTo, 1) <= 1) return level.close
    if (xTo - xFrom !== 8 || yTo - yFrom !== 8) return level.other
    let sum = 0
    let year = 0
    for (let i = 0; i < 8; i++) {
      sum += 4 ** (units[xFrom + i]! - 48) - 4 ** (units[yFrom + i]! - 48)
      if (i < 4 && units[xFrom + i] === units[yFrom + i]) year++
    }
    // The same digits in another order: month and day swapped, or shuffled.
    if (sum === 0 && year >= 2) return level.crossed
    return year === 4 ? level.partly : level.other
  }
}

function emailLevel(columns: Columns): LevelOf {
  const ids = columns.ids.email
  const at = 64
  return (a, b) => {
    const x = ids[a]!
    const y = ids[b]!
    if (x === 0 || y === 0) return level.missing
    if (x === y) return level.same
    const { start, units } = columns.texts.email
    const xFrom = start[x]!
    const xTo = start[x + 1]!
    const yFrom = start[y]!
    const yTo = start[y + 1]!
    let i = 0
    while (xFrom + i < xTo && yFrom + i < yTo && units[xFrom + i] === units[yFrom + i] && units[xFrom + i] !== at) i++
    if (i > 3 && units[xFrom + i] === at && units[yFrom + i] === at) return level.close
    return editDistance(units, xFrom, xTo, yFrom, yTo, 1) <= 1 ? level.close : level.other
  }
}
