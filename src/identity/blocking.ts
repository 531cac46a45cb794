/**
 * Which pairs are compared at all. Each pass groups the rows that share a key; a group above the limit is divided by a
 * finer key and a finer one, and in the end by force, so that the pairs of a pass grow with the rows and not with their
 * square. Small data thus get coarse keys that forgive much, large data fine ones, under one configuration.
 */
import { type Columns, homeHash } from './columns.ts'
import type { Evidence } from './compare.ts'
import { mixed } from './dictionary.ts'
import type { Field } from './record.ts'

/** Rows of a group at most. */
export const groupMax = 40

type KeyPart = Field | 'birthYear' | 'birthMonthAndDay' | 'nameSet' | 'nameStart' | 'nameEnd' | 'soundStart' | 'home'

interface Pass {
  /** The key, then what divides groups that are too large. */
  keys: readonly (readonly KeyPart[])[]
  /** Evidence that agrees in a group because of the key: nothing is learned about it here. */
  given: readonly Evidence[]
}

const names = ['given', 'surname'] as const
const place = ['street', 'number', 'building', 'district', 'postcode', 'region'] as const

/** The pass whose pairs live at one address: what that alone is worth is learned here. */
export const homePass = 0

export const passes: readonly Pass[] = [
  { keys: [['home'], ['surnameSound'], ['nameSet']], given: place },
  { keys: [['identity'], ['nameSet']], given: ['identity'] },
  { keys: [['phone'], ['nameSet'], ['birth']], given: ['phone'] },
  { keys: [['email'], ['nameSet'], ['birth']], given: ['email'] },
  { keys: [['birth'], ['surnameSound'], ['nameSet'], ['street']], given: ['birth', ...names] },
  { keys: [['birth'], ['soundStart'], ['district'], ['street']], given: ['birth', 'given', ...place] },
  { keys: [['nameSet'], ['birthYear'], ['birthMonthAndDay'], ['street']], given: [...names, 'birth'] },
  { keys: [['nameSet'], ['district'], ['street'], ['number']], given: [...names, ...place] },
  { keys: [['street', 'number'], ['building'], ['surnameSound']], given: [...place, 'surname'] },
  { keys: [['building'], ['street'], ['number'], ['givenSound']], given: [...place, 'given'] },
  { keys: [['surnameSound', 'postcode'], ['district'], ['birthYear']], given: ['surname', ...place, 'birth'] },
  { keys: [['givenSound', 'postcode'], ['district'], ['birthYear']], given: ['given', ...place, 'birth'] },
  { keys: [['surnameSound', 'street'], ['number'], ['birthYear']], given: ['surname', ...place, 'birth'] },
  { keys: [['givenSound', 'street'], ['number'], ['birthYear']], given: ['given', ...place, 'birth'] },
  { keys: [['district', 'number'], ['street'], ['birthYear']], given: [...place, 'birth'] },
  { keys: [['postcode', 'number'], ['district'], ['birthYear']], given: [...place, 'birth'] },
  { keys: [['surnameSound', 'district'], ['birthYear'], ['birthMonthAndDay']], given: ['surname', ...place, 'birth'] },
  { keys: [['givenSound', 'district'], ['birthYear'], ['birthMonthAndDay']], given: ['given', ...place, 'birth'] },
  { keys: [['district', 'postcode'], ['street'], ['number']], given: place },
  { keys: [['street'], ['district'], ['number'], ['birthYear']], given: [...place, 'birth'] },
  { keys: [['nameEnd', 'surname'], ['phone'], ['region']], given: [...names, 'phone', ...place] },
  { keys: [['nameStart', 'region'], ['district'], ['street'], ['number']], given: ['given', ...place] },
]

/** The groups of one pass: group g has the rows of `order` from `starts[g]` to `starts[g + 1]`. */
export interface Groups {
  /** Rows by their first key, and by the finer ones within a group that was divided, so that a key is found by halving. */
  order: Int32Array
  starts: Int32Array
  /** The group of each row; −1 for one that the pass cannot see, or that is alone. */
  groupOf: Int32Array
  /** Rows of groups that were divided by force. */
  forced: number
}

/** The hash of a key of a row; 0 if a part of it is missing. */
export function keyHash(columns: Columns, key: readonly KeyPart[], row: number): number {
  let hash = 7
  for (const part of key) {
    const value = partHash(columns, part, row)
    if (value === 0) return 0
    hash = mixed(hash, value)
  }
  return hash || 1
}

function partHash(columns: Columns, part: KeyPart, row: number): number {
  switch (part) {
    case 'birthYear':
      return unitsHash(columns, 'birth', row, 0, 4)
    case 'birthMonthAndDay':
      return unitsHash(columns, 'birth', row, 4, 8)
    case 'nameStart':
      return hanHash(columns, row, 'start')
    case 'nameEnd':
      return hanHash(columns, row, 'end')
    case 'home':
      return homeHash(columns, row)
    case 'soundStart':
      return unitsHash(columns, 'givenSound', row, 0, 1)
    case 'nameSet': {
      const given = columns.texts.givenSound.hash[columns.ids.givenSound[row]!]!
      const surname = columns.texts.surnameSound.hash[columns.ids.surnameSound[row]!]!
      // The sum, so that given name and surname may have changed places.
      return given + surname === 0 ? 0 : mixed((given + surname) | 0, 11) || 1
    }
    default: {
      const id = columns.ids[part][row]!
      return id === 0 ? 0 : columns.texts[part].hash[id]!
    }
  }
}

function unitsHash(columns: Columns, field: Field, row: number, from: number, to: number): number {
  const id = columns.ids[field][row]!
  const { start, units } = columns.texts[field]
  if (start[id + 1]! - start[id]! < to || id === 0) return 0
  let hash = 5
  for (let i = start[id]! + from; i < start[id]! + to; i++) hash = mixed(hash, units[i]!)
  return hash || 1
}

/**
 * Two characters of a name in Chinese script: of one in letters two say nothing. The end is asked of long names alone,
 * whose beginning may be a place that others leave out.
 */
function hanHash(columns: Columns, row: number, side: 'start' | 'end'): number {
  const id = columns.ids.given[row]!
  const { start, units } = columns.texts.given
  const length = start[id + 1]! - start[id]!
  if (id === 0 || units[start[id]!]! < 0x2e80) return 0
  if (side === 'start') return unitsHash(columns, 'given', row, 0, 2)
  // A short own name ends as the long one does, so companies are asked whatever their length.
  return length > 2 || columns.kind === 'company' ? unitsHash(columns, 'given', row, length - 2, length) : 0
}

/** The groups of each pass, in shared memory. */
export function blockingGroups(columns: Columns): Groups[] {
  return passes.map((pass) => groupsOf(columns, pass))
}

function groupsOf(columns: Columns, pass: Pass): Groups {
  const { rows } = columns
  const packed = new Float64Array(rows)
  let seen = 0
  for (let row = 0; row < rows; row++) {
    const hash = keyHash(columns, pass.keys[0]!, row)
    if (hash !== 0) packed[seen++] = hash * 2 ** 21 + row
  }
  const found = new Grouping(rows)
  divide(packed.subarray(0, seen), 0)
  return found.finish()

  // Rows with equal keys lie together once sorted; a group that is too large is packed anew under the next key.
  function divide(sorted: Float64Array, depth: number): void {
    sorted.sort()
    for (let from = 0, to = 1; from < sorted.length; from = to++) {
      const hash = Math.floor(sorted[from]! / 2 ** 21)
      while (to < sorted.length && Math.floor(sorted[to]! / 2 ** 21) === hash) to++
      if (to - from <= groupMax) found.add(sorted, from, to)
      else {
        const finer = pass.keys[depth + 1]
        if (!finer) found.addByForce(sorted, from, to)
        else {
          const part = sorted.slice(from, to)
          for (let i = 0; i < part.length; i++) {
            const row = part[i]! % 2 ** 21
            part[i] = keyHash(columns, finer, row) * 2 ** 21 + row
          }
          divide(part, depth + 1)
        }
      }
    }
  }
}

class Grouping {
  private readonly order: Int32Array
  private readonly groupOf: Int32Array
  private readonly starts: number[] = [0]
  private length = 0
  private forced = 0

  constructor(rows: number) {
    this.order = new Int32Array(new SharedArrayBuffer(4 * rows))
    this.groupOf = new Int32Array(new SharedArrayBuffer(4 * (rows + 1))).fill(-1)
  }

  add(sorted: Float64Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const row = sorted[i]! % 2 ** 21
      this.order[this.length++] = row
      if (to - from > 1) this.groupOf[row] = this.starts.length - 1
    }
    this.starts.push(this.length)
  }

  addByForce(sorted: Float64Array, from: number, to: number): void {
    this.forced += to - from
    for (let at = from; at < to; at += groupMax) this.add(sorted, at, Math.min(to, at + groupMax))
  }

  finish(): Groups {
    const starts = new Int32Array(new SharedArrayBuffer(4 * this.starts.length))
    starts.set(this.starts)
    return { order: this.order.subarray(0, this.length), starts, groupOf: this.groupOf, forced: this.forced }
  }
}

/** The rows that a pass would compare with this one, which need not be in its groups: at most `groupMax`. */
export function neighboursOf(columns: Columns, groups: Groups, pass: number, row: number): Int32Array {
  let from = 0
  let to = groups.order.length
  for (const [depth, key] of passes[pass]!.keys.entries()) {
    const hash = keyHash(columns, key, row)
    if (depth === 0 && hash === 0) return groups.order.subarray(0, 0)
    const within = { from, to }
    from = firstFrom(columns, groups.order, key, hash, within)
    to = firstFrom(columns, groups.order, key, hash + 1, within)
    if (to - from <= groupMax) break
  }
  return groups.order.subarray(from, Math.min(to, from + groupMax))
}

/** The first place within a span whose row has at least this hash. */
function firstFrom(
  columns: Columns,
  order: Int32Array,
  key: readonly KeyPart[],
  hash: number,
  within: { from: number; to: number },
): number {
  let low = within.from
  let high = within.to
  while (low < high) {
    const middle = (low + high) >> 1
    if (keyHash(columns, key, order[middle]!) < hash) low = middle + 1
    else high = middle
  }
  return low
}

/** Calls `visit` for each pair of groups `from` up to `to` of a pass that no earlier pass had. */
export function eachPair(
  all: readonly Groups[],
  pass: number,
  from: number,
  to: number,
  visit: (a: number, b: number) => void,
): void {
  const { order, starts } = all[pass]!
  const earlier = all.slice(0, pass).map((groups) => groups.groupOf)
  for (let group = from; group < to; group++) {
    const end = starts[group + 1]!
    for (let i = starts[group]!; i < end; i++) {
      const a = order[i]!
      for (let j = i + 1; j < end; j++) {
        const b = order[j]!
        if (!together(earlier, a, b)) visit(Math.min(a, b), Math.max(a, b))
      }
    }
  }
}

function together(earlier: readonly Int32Array[], a: number, b: number): boolean {
  for (const groupOf of earlier) {
    const group = groupOf[a]!
    if (group >= 0 && group === groupOf[b]) return true
  }
  return false
}
