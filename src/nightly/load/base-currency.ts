/** Which currency a load settles the installation on: the first one does, by its mapping or the environment. */
import { mustAgree, storedBaseCurrency } from '../../db/base-currency.ts'
import type { Currency } from '../../kit/currency.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Session } from './session.ts'

/**
 * A mapping says what currency its bank counts in. Where nothing has been loaded and nobody set another one, it becomes
 * the installation's with the first file that is taken. Refuses `currency_differs` and `currency_set`.
 */
export async function agreeOnCurrency(session: Session, currency: Currency, mapping: string): Promise<void> {
  const { client } = session
  const { config } = session.workplace
  const stored = await storedBaseCurrency(client)
  if (stored !== undefined) return mustAgree(stored, currency, `mapping ${mapping}`)
  const loads = await client.query(`select from load where status = 'loaded' limit 1`)
  if (loads.rowCount !== 0) return mustAgree(config.baseCurrency, currency, `mapping ${mapping}`)
  if (config.baseCurrencyGiven && config.baseCurrency !== currency)
    refuse('currency_set', { what: `mapping ${mapping}`, currency, base: config.baseCurrency })
  session.baseCurrency = currency
}

/** Writes it down in the transaction of a load; nothing where it stands already. */
export async function settleCurrency(session: Session): Promise<void> {
  await session.client.query(
    `insert into setting (name, value) values ('baseCurrency', $1) on conflict (name) do nothing`,
    [session.baseCurrency],
  )
}
