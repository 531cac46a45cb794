import { expect, test } from 'vitest'
import { cluster } from './cluster.ts'
import { certain } from './score.ts'

/** Clusters rows under a table of bits; pairs that are not named have −10. */
function clusters(rows: number, bits: Record<string, number>): number[] {
  const score = (a: number, b: number) => bits[`${Math.min(a, b)}-${Math.max(a, b)}`] ?? -10
  const edges = Object.entries(bits).filter(([, value]) => value >= 1)
  const ends = edges.map(([pair]) => pair.split('-').map(Number))
  return [
    ...cluster(
      rows,
      {
        a: Int32Array.from(ends, ([a]) => a!),
        b: Int32Array.from(ends, ([, b]) => b!),
        bits: Float32Array.from(edges, ([, value]) => value),
      },
      score,
    ),
  ]
}

test.each<[string, number, Record<string, number>, number[]]>([
  ['a pair', 3, { '0-2': 5 }, [0, 1, 0]],
  ['below the threshold by the mean', 2, { '0-1': 0.9 }, [0, 1]],
  ['three who all agree', 3, { '0-1': 5, '1-2': 5, '0-2': 5 }, [0, 0, 0]],
  ['a weak pair within a strong cluster', 3, { '0-1': 20, '1-2': 20, '0-2': -5 }, [0, 0, 0]],
  ['a weak bridge does not chain two strong pairs', 4, { '0-1': 20, '2-3': 20, '1-2': 2 }, [0, 0, 2, 2]],
  [
    'a record between two that cannot be one goes to the nearer',
    3,
    { '0-1': 9, '1-2': 12, '0-2': -certain },
    [0, 1, 1],
  ],
  [
    'two that cannot be one stay apart however many speak for it',
    4,
    {
      '0-1': 30,
      '1-2': 30,
      '0-2': 30,
      '2-3': 30,
      '1-3': 30,
      '0-3': -certain,
    },
    [0, 0, 0, 3],
  ],
])('%s', (_, rows, bits, expected) => {
  expect(clusters(rows, bits)).toEqual(expected)
})

test('a component above the bound is taken apart at higher odds, not given up', () => {
  const bits: Record<string, number> = {}
  // Thirty triples that agree strongly, in a chain of weak bridges.
  for (let i = 0; i < 90; i += 3) {
    Object.assign(bits, { [`${i}-${i + 1}`]: 20, [`${i + 1}-${i + 2}`]: 20, [`${i}-${i + 2}`]: 20 })
    if (i > 0) bits[`${i - 1}-${i}`] = 2
  }
  expect(clusters(90, bits)).toEqual(Array.from({ length: 90 }, (_, i) => i - (i % 3)))
})
