/** A customer's own data as a file: gathered within a scope, with the reasons of the tier, audited. */
import { audit } from '../access/audit.ts'
import { discloseParty } from '../acts/disclosure.ts'
import { disclosurePage } from '../acts/disclosure-page.ts'
import { baseCurrencyOf } from '../db/base-currency.ts'
import type { Scope } from '../db/database.ts'
import { partyByNo } from '../desk/customers/page.ts'
import { minorUnits } from '../kit/currency.ts'
import { formatAmount } from '../kit/money.ts'
import { Refused } from '../kit/refusal.ts'
import { explainCustomer } from './explain.ts'
import type { Workplace } from './workplace.ts'

export interface DiscloseRequest {
  customerNo: string
  format: 'html' | 'json'
  language: 'zh' | 'en'
  reason: string
  who: string
  address: string | null
}

/** The file's text, in clear. Refuses not_found outside the scope. */
export async function disclose(
  workplace: Workplace,
  scope: Scope,
  asked: DiscloseRequest,
): Promise<{ text: string; partyId: bigint }> {
  const { db, keys, clock, config } = workplace
  const party = await db.withScope(scope, (trx) => partyByNo(trx, asked.customerNo))
  const why = await reasons(workplace, party.customerNo)
  return db.withScope(scope, async (trx) => {
    const { format, language, reason, who, address } = asked
    const given = await discloseParty(trx, { keys, partyId: party.id, madeAt: clock.now(), why })
    const root = await trx
      .selectFrom('unit')
      .select(['name', 'name_en'])
      .where('parent_id', 'is', null)
      .executeTakeFirst()
    const currency = await baseCurrencyOf(trx, config)
    const bank = (language === 'en' ? root?.name_en : undefined) ?? root?.name ?? ''
    const money = (fen: bigint) => `${formatAmount(fen, minorUnits[currency])} ${currency}`
    const after = { format, accounts: given.accounts.length, looked: given.looked.length }
    const noun = { noun: 'customer', nounId: party.customerNo, partyId: party.id }
    await audit(trx, { who, action: 'discloseCustomer', ...noun, after, reason, address })
    const text = format === 'json' ? JSON.stringify(given, null, 2) : disclosurePage(given, { language, bank, money })
    return { text, partyId: party.id }
  })
}

async function reasons(workplace: Workplace, customerNo: string): Promise<{ zh: string[]; en: string[] }> {
  try {
    return (await explainCustomer(workplace, customerNo)).sentences
  } catch (error) {
    // Before the first night, or for whom no night knows, there is nothing to give reasons for.
    if (error instanceof Refused) return { zh: [], en: [] }
    throw error
  }
}
