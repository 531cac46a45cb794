/** The calendar of a bank (days, months, holidays) and what the market does on it: exchange rates and fund prices. */
import { type Day, dayNumber, dayOfNumber } from '../src/kit/day.ts'
import { purpose, Random } from './random.ts'

// First day of the lunar year; outflow of cash before, back after. Source: published almanacs.
const springFestivals = [
  '2019-02-05',
  '2020-01-25',
  '2021-02-12',
  '2022-02-01',
  '2023-01-22',
  '2024-02-10',
  '2025-01-29',
  '2026-02-17',
  '2027-02-06',
  '2028-01-26',
  '2029-02-13',
  '2030-02-03',
].map((text) => dayNumber(text as Day))

/** Days are counted from 0, the first day of which anything is known; `start` is the first simulated day. */
export interface Calendar {
  first: number
  start: number
  /** One past the last day. */
  length: number
  text: readonly string[]
  /** 'YYYY-MM' of each day. */
  monthOf: readonly string[]
  dayOfMonth: Uint8Array
  isMonthEnd: Uint8Array
  isWorkday: Uint8Array
  /** Share of the usual cash that is drawn (negative) or comes back around the Spring Festival; 0 on most days. */
  festival: Float64Array
}

/**
 * The calendar of the `days` days that end on `end`. With a history of more than half a year the accounts that already
 * exist are given once more, 100 days earlier, so that the first windows of 90 days are not half empty.
 */
export function makeCalendar(end: Day, days: number): Calendar {
  const lead = days > 180 ? 100 : 0
  const length = days + lead
  const first = dayNumber(end) - length + 1
  const text: string[] = []
  const dayOfMonth = new Uint8Array(length)
  const isMonthEnd = new Uint8Array(length)
  const isWorkday = new Uint8Array(length)
  const festival = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const day = dayOfNumber(first + i)
    text.push(day)
    dayOfMonth[i] = Number(day.slice(8))
    isMonthEnd[i] = dayOfNumber(first + i + 1).endsWith('-01') ? 1 : 0
    isWorkday[i] = isTradingDay(first + i) ? 1 : 0
    const toFestival = nearestFestival(first + i) - (first + i)
    if (toFestival > 0 && toFestival <= 12) festival[i] = -0.035
    else if (toFestival <= -8 && toFestival > -24) festival[i] = 0.02
  }
  return {
    first,
    start: lead,
    length,
    text,
    monthOf: text.map((day) => day.slice(0, 7)),
    dayOfMonth,
    isMonthEnd,
    isWorkday,
    festival,
  }
}

/** Monday to Friday outside the long holidays (approximate: make-up days are not worked by this market). */
export function isTradingDay(day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7
  if (weekday === 0 || weekday === 6) return false
  const monthDay = dayOfNumber(day).slice(5)
  if (monthDay === '01-01' || monthDay === '04-05' || (monthDay >= '05-01' && monthDay <= '05-03')) return false
  if (monthDay >= '10-01' && monthDay <= '10-07') return false
  const after = day - nearestFestival(day)
  return after < -1 || after > 5
}

function nearestFestival(day: number): number {
  let best = springFestivals[0]!
  for (const festival of springFestivals) if (Math.abs(festival - day) < Math.abs(best - day)) best = festival
  return best
}

/** Base units per foreign unit × 10^8 at the anchor, daily volatility. */
const currencies = {
  USD: [712_000_000, 0.0022],
  EUR: [778_000_000, 0.0042],
  HKD: [91_300_000, 0.0022],
  JPY: [4_780_000, 0.0055],
} as const
export type Foreign = keyof typeof currencies
export const foreignCurrencies = Object.keys(currencies) as Foreign[]

export interface Rate {
  currency: Foreign
  day: string
  /** × 10^8. */
  rate: number
}

/** One rate per currency and trading day, from `before` days ahead of the calendar; mean-reverting walk. */
export function* rates(seed: number, calendar: Calendar, before = 20): Generator<Rate> {
  const random = new Random(seed, purpose.market, 1)
  const levels = new Map<Foreign, number>(foreignCurrencies.map((currency) => [currency, 0]))
  for (let i = -before; i < calendar.length; i++) {
    if (!isTradingDay(calendar.first + i)) continue
    for (const currency of foreignCurrencies) {
      const [anchor, volatility] = currencies[currency]
      const level = levels.get(currency)! * 0.995 + random.normal() * volatility
      levels.set(currency, level)
      yield { currency, day: dayOfNumber(calendar.first + i), rate: Math.round(anchor * Math.exp(level)) }
    }
  }
}

/** Roughly what one unit is worth in yuan, for sizing accounts (the exact rate is the night's business). */
export const roughRate: Record<string, number> = { CNY: 1, USD: 7.12, EUR: 7.78, HKD: 0.913, JPY: 0.0478 }

/** Prices × 10^6 of one product on every day of the calendar: a walk with drift, still on days without trading. */
export function priceSeries(seed: number, key: number, calendar: Calendar, risk: number, base: number): Float64Array {
  const random = new Random(seed, purpose.market, 100 + key)
  const prices = new Float64Array(calendar.length)
  const volatility = [0, 0.0004, 0.0015, 0.005, 0.011, 0.016][risk] ?? 0.01
  let level = Math.log(base)
  for (let i = 0; i < calendar.length; i++) {
    if (calendar.isWorkday[i]) level += 0.00012 + random.normal() * volatility
    prices[i] = Math.round(Math.exp(level) * 1_000_000)
  }
  return prices
}
