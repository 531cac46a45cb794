/**
 * Business days. A `Day` is a date of the calendar written 'YYYY-MM-DD', without time or zone; strings compare in
 * date order. Instants live in clock.ts. This file runs in the browser too, so it uses `Date` in UTC, not Temporal.
 */

export type Day = string & { readonly __brand: 'Day' }

const pattern = /^(\d{4})-(\d{2})-(\d{2})$/
/** The day until which what has no end holds. */
export const forever = '2299-12-31' as Day

const millisPerDay = 86_400_000

/** True for an existing calendar day from 1900-01-01 to 2299-12-31 (the range every engine we use can hold). */
export function isDay(text: string): text is Day {
  const found = pattern.exec(text)
  if (!found) return false
  const year = Number(found[1])
  if (year < 1900 || year > 2299) return false
  const time = Date.UTC(year, Number(found[2]) - 1, Number(found[3]))
  return new Date(time).toISOString().slice(0, 10) === text
}

/** The text as a `Day`; throws a RangeError when it is none. Check user input with `isDay` first. */
export function day(text: string): Day {
  if (!isDay(text)) throw new RangeError(`not a day: ${text}`)
  return text
}

/** Days since 1970-01-01; negative before. */
export function dayNumber(d: Day): number {
  return Date.parse(`${d}T00:00:00Z`) / millisPerDay
}

/** The inverse of `dayNumber`. */
export function dayOfNumber(n: number): Day {
  return new Date(n * millisPerDay).toISOString().slice(0, 10) as Day
}

/** `d` moved by a whole number of calendar days. */
export function addDays(d: Day, count: number): Day {
  return dayOfNumber(dayNumber(d) + count)
}

/** The later of two days. */
export function laterOf(a: Day, b: Day): Day {
  if (a > b) return a
  return b
}

/** Calendar days from `from` to `to`: 0 when equal, negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return dayNumber(to) - dayNumber(from)
}

/** `d` moved by calendar months; a day past the end of the target month becomes that month's last day. */
export function addMonths(d: Day, count: number): Day {
  const [year, month, dayOfMonth] = d.split('-').map(Number) as [number, number, number]
  const index = year * 12 + month - 1 + count
  const first = dayOfNumber(Date.UTC(Math.floor(index / 12), index % 12, 1) / millisPerDay)
  return addDays(first, Math.min(dayOfMonth, daysInMonth(first)) - 1)
}

/** 28 to 31. */
export function daysInMonth(d: Day): number {
  return daysBetween(monthStart(d), dayOfNumber(monthEndNumber(d))) + 1
}

export function monthStart(d: Day): Day {
  return `${d.slice(0, 8)}01` as Day
}

/** The last calendar day of the month of `d`. */
export function monthEnd(d: Day): Day {
  return dayOfNumber(monthEndNumber(d))
}

export function isMonthEnd(d: Day): boolean {
  return monthEnd(d) === d
}

/** Every day from `from` to `to`, both included; empty when `to` is earlier. */
export function* eachDay(from: Day, to: Day): Generator<Day> {
  for (let n = dayNumber(from), end = dayNumber(to); n <= end; n++) yield dayOfNumber(n)
}

function monthEndNumber(d: Day): number {
  const [year, month] = d.split('-').map(Number) as [number, number]
  return Date.UTC(year, month, 1) / millisPerDay - 1
}
