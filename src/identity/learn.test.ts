import { expect, test } from 'vitest'
import { evidence, levels } from './compare.ts'
import { mixed } from './dictionary.ts'
import { estimate } from './learn.ts'

// Three kinds of evidence with planted chances of agreeing, and enough pairs to find them again.
const planted = { share: 0.15, m: [0.9, 0.8, 0.95], u: [0.02, 0.1, 0.05] }

function plantedPairs(count: number) {
  let drawn = 0
  const unit = () => mixed(99, drawn++) / 2 ** 32
  const found = new Map<string, { pattern: Uint8Array; count: number }>()
  for (let i = 0; i < count; i++) {
    const match = unit() < planted.share
    const pattern = new Uint8Array(evidence.length)
    for (let k = 0; k < 3; k++) pattern[k] = unit() < (match ? planted.m : planted.u)[k]! ? 1 : 6
    const known = found.get(pattern.join())
    if (known) known.count++
    else found.set(pattern.join(), { pattern, count: 1 })
  }
  return [...found.values()]
}

test('expectation and maximisation find planted m and share again', () => {
  const seen = plantedPairs(200_000)
  const u = new Float64Array(evidence.length * levels).fill(1e-6)
  for (let k = 0; k < 3; k++) {
    u[k * levels + 1] = planted.u[k]!
    u[k * levels + 6] = 1 - planted.u[k]!
  }
  const found = estimate(
    { patterns: seen.map(({ pattern }) => pattern), counts: seen.map(({ count }) => count) },
    u,
    evidence.map(() => true),
  )
  expect(found.share).toBeCloseTo(planted.share, 2)
  for (let k = 0; k < 3; k++) {
    const same = found.matched[k * levels + 1]!
    expect(same / (same + found.matched[k * levels + 6]!)).toBeCloseTo(planted.m[k]!, 1)
    expect(Math.abs(same / (same + found.matched[k * levels + 6]!) - planted.m[k]!)).toBeLessThan(0.01)
  }
})

test('without a pair nothing is learned', () => {
  const u = new Float64Array(evidence.length * levels).fill(0.1)
  expect(
    estimate(
      { patterns: [], counts: [] },
      u,
      evidence.map(() => true),
    ).share,
  ).toBe(0)
})
