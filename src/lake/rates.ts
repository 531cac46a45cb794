/**
 * Exchange rates as a night uses them: for every day the last rate on or before it, summed up from the start, so that
 * the value of an interval is `value × (prefix(to) − prefix(from))` with no row per day.
 */

import type { Currency } from '../kit/currency.ts'
import { minorUnits } from '../kit/currency.ts'
import { addDays, type Day, daysBetween } from '../kit/day.ts'
import { ratePerMinor } from '../kit/money.ts'
import { refuse } from '../kit/refusal.ts'
import type { Engine } from './engine.ts'
import { literal } from './engine.ts'
import { emptyFacts, type LakeFile, relationWithOrdinal } from './facts.ts'

/** A rate as loaded: base units per foreign unit × 10^8. */
export interface Rate {
  currency: Currency
  day: Day
  rate: bigint
}

export interface DailyRate {
  currency: Currency
  day: Day
  /** The day the rate is of: `day` or earlier. Null: none yet, only before `strictFrom`. */
  rateDay: Day | null
  /** Per minor unit, scale `minorRateScale`; 0 when there is none. */
  perMinor: bigint
  /** Σ perMinor of the days from `from` up to but not including `day`. */
  prefix: bigint
}

export interface NeededRate {
  currency: Currency
  from: Day | null
  to: Day | null
}

export interface RateRequest {
  from: Day
  /** Included. */
  to: Day
  baseCurrency: Currency
  rateAgeDaysMax: number
  /** Per currency the days on which a rate must exist (null: on none); other days may lack one and count 0. */
  needed: readonly NeededRate[]
}

/**
 * One row per needed currency and day from `from` to the day after `to` (whose prefix ends the last interval).
 * Refuses `rate_missing` with currency and day where a needed rate is absent or older than `rateAgeDaysMax`.
 */
export function dailyRates(rates: readonly Rate[], request: RateRequest): DailyRate[] {
  const result: DailyRate[] = []
  for (const need of request.needed) {
    const own = rates.filter((rate) => rate.currency === need.currency).sort((a, b) => (a.day < b.day ? -1 : 1))
    let next = 0
    let last: Rate | undefined
    let prefix = 0n
    for (let day = request.from; day <= addDays(request.to, 1); day = addDays(day, 1)) {
      for (let rate = own[next]; rate && rate.day <= day; rate = own[++next]) last = rate
      const isNeeded = need.from !== null && need.to !== null && day >= need.from && day <= need.to
      if (isNeeded && (!last || daysBetween(last.day, day) > request.rateAgeDaysMax)) {
        refuse('rate_missing', {
          currency: need.currency,
          day,
          last: last?.day ?? '—',
          limit: request.rateAgeDaysMax,
        })
      }
      const perMinor = last ? ratePerMinor(last.rate, minorUnits[need.currency], minorUnits[request.baseCurrency]) : 0n
      result.push({ currency: need.currency, day, rateDay: last?.day ?? null, perMinor, prefix })
      prefix += perMinor
    }
  }
  return result
}

/** The rates of these currencies up to `to`, the newest load winning per day. At most some 10,000 rows per currency. */
export async function readRates(
  engine: Engine,
  lakeDir: string,
  files: readonly LakeFile[],
  request: { currencies: readonly Currency[]; to: Day },
): Promise<Rate[]> {
  if (files.length === 0 || request.currencies.length === 0) return []
  return engine.rows<Rate>(`
    select currency, day::varchar as day, arg_max(rate, ordinal)::bigint as rate
    from ${relationWithOrdinal(lakeDir, files, emptyFacts.rate)}
    where day <= date '${request.to}' and currency in (${request.currencies.map(literal).join(', ')})
    group by currency, day order by currency, day`)
}

/** The daily rates as a table (currency, day, prefix HUGEINT, per_minor BIGINT). */
export async function createRateTable(engine: Engine, table: string, rates: readonly DailyRate[]): Promise<void> {
  await engine.exec(`create or replace table ${table} (currency varchar, day date, per_minor bigint, prefix hugeint)`)
  for (let i = 0; i < rates.length; i += 5000) {
    const rows = rates
      .slice(i, i + 5000)
      .map((rate) => `('${rate.currency}', date '${rate.day}', ${rate.perMinor}, ${rate.prefix})`)
    await engine.exec(`insert into ${table} values ${rows.join(', ')}`)
  }
}
