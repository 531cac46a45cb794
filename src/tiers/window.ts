/** Which days a tier looks at, and on which days tiers move. Pure calendar: the policy and a day decide everything. */
import { assert } from '../kit/assert.ts'
import { addDays, addMonths, type Day, daysBetween, isMonthEnd, monthEnd, monthStart } from '../kit/day.ts'
import type { Policy } from './policy.ts'

/** Both days included; `days` is the divisor N of the average. */
export interface Window {
  from: Day
  to: Day
  days: number
}

/**
 * The window of a night on `day`. Trailing: the last N days. Calendar: the month or quarter from its first day to
 * `day`, so that on the cut-off it is the whole period and N is its length.
 */
export function windowOf(policy: Policy, day: Day): Window {
  if (policy.window.kind === 'trailing') {
    const { days } = policy.window
    return { from: addDays(day, 1 - days), to: day, days }
  }
  const from = policy.window.kind === 'calendarMonth' ? monthStart(day) : quarterStart(day)
  return { from, to: day, days: daysBetween(from, day) + 1 }
}

/** Whether tiers in force may move after this day. */
export function isCutOff(policy: Policy, day: Day): boolean {
  return isMonthEnd(day) && (policy.cutOff === 'monthEnd' || quarterEnd(day) === day)
}

/** The first cut-off after `day`; never `day` itself, so a distance always has at least one day left. */
function nextCutOff(policy: Policy, day: Day): Day {
  const tomorrow = addDays(day, 1)
  return policy.cutOff === 'monthEnd' ? monthEnd(tomorrow) : quarterEnd(tomorrow)
}

/** What a distance on `today` looks at: the window of the target cut-off, split into what is known and what is left. */
export interface DistanceWindow {
  /** Target cut-off C. */
  cutOff: Day
  /** N. */
  days: number
  /** The known part [C−N+1, T]; null when all of it lies ahead. */
  stay: { from: Day; to: Day } | null
  /** First day on which holding more still helps: max(T+1, C−N+1). */
  heldFrom: Day
  /** m: the days from `heldFrom` to C. */
  daysLeft: number
}

/** `today` is the last day whose balances are known (T). */
export function distanceWindow(policy: Policy, today: Day, cutOff: Day = nextCutOff(policy, today)): DistanceWindow {
  assert(cutOff > today, 'the target cut-off lies ahead')
  const { from, days } = windowOf(policy, cutOff)
  const stay = from <= today ? { from, to: today } : null
  const heldFrom = stay ? addDays(today, 1) : from
  return { cutOff, days, stay, heldFrom, daysLeft: daysBetween(heldFrom, cutOff) + 1 }
}

function quarterStart(day: Day): Day {
  return addMonths(monthStart(day), -((Number(day.slice(5, 7)) - 1) % 3))
}

function quarterEnd(day: Day): Day {
  return monthEnd(addMonths(quarterStart(day), 2))
}
