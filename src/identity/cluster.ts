/**
 * Parties from pairs. Records joined by pairs are not one party for that alone: within each such component clusters are
 * merged by the mean of all their pairs, found or not, so that one chance likeness does not chain two people together,
 * and two records that cannot be one party never end up in one.
 */
import { certain, type Score, threshold } from './score.ts'

export interface Edges {
  a: Int32Array
  b: Int32Array
  bits: Float32Array
}

/** Components above this size are first taken apart at higher odds. */
const componentMax = 60
/** Beyond this a pair counts no more in a mean, so that one certain pair does not carry many that contradict. */
const boundOfPair = 30

/** For each row the smallest row of its cluster. */
export function cluster(rows: number, edges: Edges, score: Score): Int32Array {
  const clusterOf = new Int32Array(rows)
  for (let row = 0; row < rows; row++) clusterOf[row] = row
  const order = new Int32Array(edges.a.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  resolve(order, threshold)
  return clusterOf

  function resolve(chosen: Int32Array, least: number): void {
    for (const component of components(edges, chosen)) {
      const members = membersOf(edges, component)
      if (members.length <= componentMax) settle(members, score, clusterOf)
      else {
        const stronger = component.filter((i) => edges.bits[i]! >= least + 4)
        if (stronger.length > 0 && least < certain) resolve(stronger, least + 4)
        else
          for (let i = 0; i < members.length; i += componentMax)
            settle(members.slice(i, i + componentMax), score, clusterOf)
      }
    }
  }
}

/** The edges of each connected component, components in the order of their smallest edge. */
function components(edges: Edges, chosen: Int32Array): Int32Array[] {
  const parent = new Map<number, number>()
  const root = (row: number): number => {
    let at = row
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) {
      parent.set(at, parent.get(up) ?? up)
      at = up
    }
    return at
  }
  for (const i of chosen) {
    const x = root(edges.a[i]!)
    const y = root(edges.b[i]!)
    if (x !== y) parent.set(Math.max(x, y), Math.min(x, y))
  }
  const found = new Map<number, number[]>()
  for (const i of chosen) {
    const top = root(edges.a[i]!)
    const list = found.get(top)
    if (list) list.push(i)
    else found.set(top, [i])
  }
  return [...found.values()].map((list) => Int32Array.from(list))
}

function membersOf(edges: Edges, component: Int32Array): number[] {
  const members = new Set<number>()
  for (const i of component) members.add(edges.a[i]!).add(edges.b[i]!)
  return [...members].sort((x, y) => x - y)
}

/** Merges the two clusters with the highest mean until none is above the threshold. */
function settle(members: readonly number[], score: Score, clusterOf: Int32Array): void {
  const count = members.length
  const sums = new Float64Array(count * count)
  const apart = new Uint8Array(count * count)
  for (let i = 0; i < count; i++)
    for (let j = i + 1; j < count; j++) {
      const bits = score(members[i]!, members[j]!)
      const bounded = Math.max(-boundOfPair, Math.min(boundOfPair, bits))
      sums[i * count + j] = sums[j * count + i] = bounded
      if (bits <= -certain) apart[i * count + j] = apart[j * count + i] = 1
    }
  const weight = new Int32Array(count).fill(1)
  const alive = members.map((_, i) => i)
  for (;;) {
    let best = threshold
    let left = -1
    let right = -1
    for (const i of alive)
      for (const j of alive) {
        if (j <= i || apart[i * count + j] === 1) continue
        const mean = sums[i * count + j]! / (weight[i]! * weight[j]!)
        if (mean > best || (mean === best && left < 0)) {
          best = mean
          left = i
          right = j
        }
      }
    if (left < 0) return
    join(left, right)
  }

  function join(left: number, right: number): void {
    for (const k of alive) {
      sums[left * count + k]! += sums[right * count + k]!
      sums[k * count + left] = sums[left * count + k]!
      apart[left * count + k]! |= apart[right * count + k]!
      apart[k * count + left] = apart[left * count + k]!
    }
    weight[left]! += weight[right]!
    alive.splice(alive.indexOf(right), 1)
    const from = clusterOf[members[right]!]!
    const to = clusterOf[members[left]!]!
    for (const member of members) if (clusterOf[member] === from) clusterOf[member] = to
  }
}
