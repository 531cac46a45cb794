/** The limit of bad rows, at its edges. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { areTooMany, shownShare } from './bad-rows.ts'
import { quarantineRowsMax } from './quarantine.ts'

test('one bad row of a small file is kept out, the only row of a file refuses it', () => {
  expect(areTooMany(1n, 2n, 0.01)).toBe(false)
  expect(areTooMany(1n, 99n, 0.01)).toBe(false)
  expect(areTooMany(2n, 99n, 0.01)).toBe(true)
  expect(areTooMany(1n, 1n, 0.01)).toBe(true)
  expect(areTooMany(3n, 3n, 0.01)).toBe(true)
})

test('the limit itself is allowed, one more is not', () => {
  expect(areTooMany(2n, 200n, 0.01)).toBe(false)
  expect(areTooMany(3n, 200n, 0.01)).toBe(true)
  expect(areTooMany(3n, 299n, 0.01)).toBe(true)
  expect(areTooMany(29n, 100n, 0.29)).toBe(false)
  expect(areTooMany(30n, 100n, 0.29)).toBe(true)
})

test('a limit of nothing allows none, a limit of everything allows all that can be described', () => {
  expect(areTooMany(1n, 1000n, 0)).toBe(true)
  expect(areTooMany(0n, 1000n, 0)).toBe(false)
  expect(areTooMany(3n, 3n, 1)).toBe(false)
  expect(areTooMany(BigInt(quarantineRowsMax) + 1n, 10_000_000n, 1)).toBe(true)
})

test('more bad rows never make a refused file acceptable', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 5000n), fc.double({ min: 0, max: 1, noNaN: true }), (read, limit) => {
      let refused = false
      for (let bad = 0n; bad <= read; bad += read / 50n + 1n) {
        const now = areTooMany(bad, read, limit)
        expect(refused && !now).toBe(false)
        refused = now
      }
    }),
    { numRuns: 200 },
  )
})

test('a share is written without the noise of binary fractions', () => {
  expect([0.01, 0.07, 0.29, 1, 0.005].map(shownShare)).toEqual(['1 %', '7 %', '29 %', '100 %', '0.5 %'])
})
