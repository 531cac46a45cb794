/** The day in a file's name, and what it promises of the rows. */
import { type Day, isDay } from '../kit/day.ts'
import type { CheckRequest } from './check.ts'
import { refuseFile } from './file-refusal.ts'

/** The day that a file's name ends with: 'balances-2026-01-31.csv.gz' or 'balances_20260131.csv'. */
export function dayOfName(file: string): Day | undefined {
  const found = /(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)[^/]*$/.exec(file)
  const text = found ? `${found[1]}-${found[2]}-${found[3]}` : ''
  return isDay(text) ? text : undefined
}

/** Refuses a file whose name is of a day that has not come. */
export function refuseFutureName(request: CheckRequest): void {
  const named = dayOfName(request.logicalName)
  if (named && named > request.today) {
    refuseFile(request.logicalName, 'day_future', { named, today: request.today })
  }
}

/** A snapshot is of the day in its name; files of other feeds may end earlier, never later. */
export function refuseWrongDay(request: CheckRequest, lastDay: Day | undefined): void {
  const named = dayOfName(request.logicalName)
  if (!named || !lastDay) return
  const fits = request.feed.name === 'balances' ? lastDay === named : lastDay <= named
  if (!fits) refuseFile(request.logicalName, 'day_unknown', { found: lastDay, named })
}
