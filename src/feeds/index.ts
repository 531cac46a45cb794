/** Every feed, in the order in which they are loaded: a feed stands after those it refers to. */

import { accountFlags } from './account-flags.ts'
import { accounts } from './accounts.ts'
import { assignments } from './assignments.ts'
import { balanceChanges } from './balance-changes.ts'
import { balances } from './balances.ts'
import { cards } from './cards.ts'
import { companyContacts } from './company-contacts.ts'
import { consents } from './consents.ts'
import { customers } from './customers.ts'
import { exchangeRates } from './exchange-rates.ts'
import { externalIdentities } from './external-identities.ts'
import type { Feed } from './feed.ts'
import { fees } from './fees.ts'
import { holdings } from './holdings.ts'
import { householdMembers } from './household-members.ts'
import { inTransit } from './in-transit.ts'
import { loans } from './loans.ts'
import { products } from './products.ts'
import { profits } from './profits.ts'
import { staff } from './staff.ts'
import { standingOrders } from './standing-orders.ts'
import { tiers } from './tiers.ts'
import { transactions } from './transactions.ts'
import { units } from './units.ts'

export const feeds: readonly Feed[] = [
  units,
  staff,
  customers,
  companyContacts,
  externalIdentities,
  householdMembers,
  products,
  accounts,
  accountFlags,
  exchangeRates,
  balances,
  balanceChanges,
  holdings,
  inTransit,
  transactions,
  standingOrders,
  loans,
  fees,
  profits,
  cards,
  tiers,
  assignments,
  consents,
]

/** The feed of that name, or undefined. */
export function feedNamed(name: string): Feed | undefined {
  return feeds.find((feed) => feed.name === name)
}
