import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  addMonths,
  day,
  dayNumber,
  dayOfNumber,
  daysBetween,
  eachDay,
  isDay,
  isMonthEnd,
  monthEnd,
} from './day.ts'

describe('days', () => {
  it.each(['2024-02-29', '2000-02-29', '1900-01-01', '2299-12-31'])('%s is a day', (text) =>
    expect(isDay(text)).toBe(true),
  )
  it.each([
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-1-1',
    '1899-12-31',
    '2300-01-01',
    '20240101',
    '',
  ])('%s is none', (text) => {
    expect(isDay(text)).toBe(false)
    expect(() => day(text)).toThrow(RangeError)
  })

  it('counts across month and leap year', () => {
    expect(addDays(day('2024-02-28'), 2)).toBe('2024-03-01')
    expect(daysBetween(day('2023-12-31'), day('1994-03-30'))).toBe(-10868)
    expect(monthEnd(day('2024-02-01'))).toBe('2024-02-29')
    expect(isMonthEnd(day('2026-10-31'))).toBe(true)
    expect(isMonthEnd(day('2026-10-30'))).toBe(false)
    expect(addMonths(day('2024-03-31'), -1)).toBe('2024-02-29')
    expect(addMonths(day('2023-11-30'), 3)).toBe('2024-02-29')
    expect([...eachDay(day('2024-02-28'), day('2024-03-01'))]).toEqual(['2024-02-28', '2024-02-29', '2024-03-01'])
    expect([...eachDay(day('2024-03-01'), day('2024-02-28'))]).toEqual([])
  })

  it('numbers and days are inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: dayNumber(day('1900-01-01')), max: dayNumber(day('2299-12-31')) }), (n) => {
        const d = dayOfNumber(n)
        expect(isDay(d)).toBe(true)
        expect(dayNumber(d)).toBe(n)
        expect(addDays(d, 1) > d).toBe(true)
      }),
    )
  })
})
