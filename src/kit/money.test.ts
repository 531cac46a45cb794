import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ceilDivide, formatAmount, parseAmount, ratePerMinor, roundHalfAway, sumScale, truncate } from './money.ts'

describe('amounts', () => {
  it.each([
    ['0', 2, 0n],
    ['-0.01', 2, -1n],
    ['1234.5', 2, 123450n],
    ['1234.50', 2, 123450n],
    ['1234.500', 2, 123450n],
    ['100', 0, 100n],
    ['+7.001', 3, 7001n],
    [' 12.00 ', 2, 1200n],
  ])('%s with %i places is %s', (text, decimals, minor) => {
    expect(parseAmount(text, decimals)).toBe(minor)
  })

  it.each(['', '-', '1,000.00', '1e5', '12.', '.5', '0.001', '一百', '1234567890123456789', 'NaN'])(
    '%s is no amount of a currency with two places',
    (text) => {
      expect(parseAmount(text, 2)).toBeUndefined()
    },
  )

  it('formats what it parses', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
        fc.integer({ min: 0, max: 3 }),
        (minor, places) => {
          expect(parseAmount(formatAmount(minor, places), places)).toBe(minor)
        },
      ),
    )
  })
})

describe('division', () => {
  it.each([
    [5n, 2n, 2n, 3n, 3n],
    [-5n, 2n, -2n, -3n, -2n],
    [4n, 2n, 2n, 2n, 2n],
    [1n, 3n, 0n, 0n, 1n],
    [-1n, 3n, 0n, 0n, 0n],
    [2n, 3n, 0n, 1n, 1n],
  ])('%s / %s truncates to %s, rounds to %s, goes up to %s', (n, d, truncated, rounded, up) => {
    expect(truncate(n, d)).toBe(truncated)
    expect(roundHalfAway(n, d)).toBe(rounded)
    expect(ceilDivide(n, d)).toBe(up)
  })
})

describe('rates', () => {
  it('a yen of 4.7 fen and a dinar of 23.4 yuan convert without rounding', () => {
    // 0.047 CNY per JPY, no places: 100 minor units of CNY per unit
    expect(ratePerMinor(4_700_000n, 0, 2)).toBe(4_700_000n * 10n ** 5n)
    // 23.40000001 CNY per KWD, three places, base with none
    expect(ratePerMinor(2_340_000_001n, 3, 0)).toBe(2_340_000_001n)
    expect(sumScale).toBe(10n ** 19n)
  })
})
