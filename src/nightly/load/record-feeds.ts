/** Which merge each record feed has. */
import type { Merge } from './merge.ts'
import { mergeAccountFlags, mergeAccounts, mergeCards } from './record-accounts.ts'
import { mergeCustomers } from './record-customers.ts'
import { mergeProducts, mergeStaff, mergeUnits } from './record-organisation.ts'
import {
  mergeAssignments,
  mergeConsents,
  mergeContacts,
  mergeExternalIdentities,
  mergeHouseholds,
  mergeOpeningTiers,
} from './record-relations.ts'

export const recordMerges: Readonly<Record<string, (merge: Merge) => Promise<void>>> = {
  units: mergeUnits,
  staff: mergeStaff,
  customers: mergeCustomers,
  'company-contacts': mergeContacts,
  'external-identities': mergeExternalIdentities,
  'household-members': mergeHouseholds,
  products: mergeProducts,
  accounts: mergeAccounts,
  'account-flags': mergeAccountFlags,
  cards: mergeCards,
  tiers: mergeOpeningTiers,
  assignments: mergeAssignments,
  consents: mergeConsents,
}
