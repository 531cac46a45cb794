/**
 * The currency that this installation keeps its totals in. Its first load decides it for good (the setting
 * `baseCurrency`): amounts, rates and bars in the record and the lake mean that currency. Until then it is the
 * configured one. Everybody who needs it asks here, because a server can be older than the first load.
 */
import type pg from 'pg'
import type { Currency } from '../kit/currency.ts'
import { refuse } from '../kit/refusal.ts'
import type { Trx } from './database.ts'

/** What the environment says; see src/config.ts. */
interface Configured {
  baseCurrency: Currency
  baseCurrencyGiven: boolean
}

/** As the record has it; undefined before the first load. */
export async function storedBaseCurrency(client: pg.Pool | pg.PoolClient): Promise<Currency | undefined> {
  const found = await client.query<{ value: Currency }>(`select value from setting where name = 'baseCurrency'`)
  return found.rows[0]?.value
}

/** The installation's, for a request of the API. */
export async function baseCurrencyOf(trx: Trx, config: Configured): Promise<Currency> {
  const row = await trx.selectFrom('setting').select('value').where('name', '=', 'baseCurrency').executeTakeFirst()
  return (row?.value as Currency | undefined) ?? config.baseCurrency
}

/** The same for a command; refuses `currency_differs` when the environment asks for another one. */
export async function settledBaseCurrency(client: pg.Pool, config: Configured): Promise<Currency> {
  const stored = await storedBaseCurrency(client)
  if (stored === undefined) return config.baseCurrency
  if (config.baseCurrencyGiven) mustAgree(stored, config.baseCurrency, 'STRATA_BASE_CURRENCY')
  return stored
}

/** Refuses `currency_differs` unless `what` (a mapping, a policy, a setting) counts in the installation's currency. */
export function mustAgree(base: Currency, currency: string, what: string): void {
  if (currency !== base) refuse('currency_differs', { what, currency, base })
}
