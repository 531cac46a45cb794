/** For which days a night can run. */
import { addDays, type Day, daysBetween } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { coveredDays } from '../lake/facts.ts'
import { liveFacts } from './freeze.ts'
import type { Workplace } from './workplace.ts'

/** A fact older than this says nothing about today any more. */
const factAgeDaysMax = 12
const noFacts = { reason: 'there are no balance facts', reasonZh: '没有余额数据' }

/** The newest day for which a night can run: the last day with balance facts, not after today. */
export async function newestDay(workplace: Workplace): Promise<Day> {
  const facts = (await liveFacts(workplace.db.owner)).filter((file) => file.noun === 'balance')
  const covered = coveredDays(facts)
  const today = workplace.clock.today()
  if (!covered) return refuse('night_day_invalid', { day: today, ...noFacts })
  return [covered.last, today].sort()[0] ?? today
}

/** Refuses `night_day_invalid` for a day ahead, before the first fact, or long after the last one. */
export async function checkDay(workplace: Workplace, day: Day): Promise<void> {
  const today = workplace.clock.today()
  if (day > today)
    refuse('night_day_invalid', {
      day,
      reason: `it lies ahead (today is ${today})`,
      reasonZh: `尚未到来（今天 ${today}）`,
    })
  const facts = (await liveFacts(workplace.db.owner)).filter((file) => file.noun === 'balance')
  const covered = coveredDays(facts)
  if (!covered) refuse('night_day_invalid', { day, ...noFacts })
  if (day < covered.first) {
    refuse('night_day_invalid', {
      day,
      reason: `before the first fact, ${covered.first}`,
      reasonZh: `早于首个数据日 ${covered.first}`,
    })
  }
  if (daysBetween(covered.last, day) > factAgeDaysMax) {
    refuse('night_day_invalid', {
      day,
      reason: `the last fact is of ${covered.last}`,
      reasonZh: `最后数据日为 ${covered.last}`,
    })
  }
}

/** Month-ends from `from` to `to`, for a first start that fills the past. */
export function monthEndsBetween(from: Day, to: Day): Day[] {
  const days: Day[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) if (addDays(day, 1).endsWith('-01')) days.push(day)
  return days
}
