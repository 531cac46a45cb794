/** Columns and form of the feeds that hold a customer's record; between them they use every form that a file may have. */
import type { FileForm } from './files.ts'

interface RecordFeed {
  columns: readonly string[]
  form: FileForm
}

export const recordFeeds = {
  customers: {
    columns:
      'customer_no,kind,name,unit_code,identity_kind,identity_no,sex,birth_on,phone,email,address,region_code,occupation,industry,annual_income,opened_on,closed_on,source,flags'.split(
        ',',
      ),
    form: { control: [] },
  },
  'company-contacts': {
    columns: ['company_no', 'name', 'role', 'customer_no'],
    form: { encoding: 'gb18030', separator: '|' },
  },
  'external-identities': { columns: ['customer_no', 'source', 'external_id'], form: { separator: '\t' } },
  'household-members': {
    columns: ['household_no', 'customer_no', 'role', 'from_day', 'to_day', 'consent_from', 'consent_to'],
    form: { bom: true },
  },
  accounts: {
    columns: [
      'account_no',
      'customer_no',
      'share',
      'product_code',
      'currency',
      'unit_code',
      'opened_on',
      'closed_on',
      'matures_on',
    ],
    form: { control: [] },
  },
  'account-flags': { columns: ['account_no', 'kind', 'from_day', 'to_day'], form: {} },
  cards: { columns: ['card_no', 'customer_no', 'account_no', 'face', 'issued_on', 'closed_on'], form: {} },
  'standing-orders': {
    columns: ['order_no', 'account_no', 'day', 'amount', 'currency', 'purpose', 'counterparty_bank'],
    form: {},
  },
  tiers: { columns: ['customer_no', 'scheme', 'tier', 'since'], form: { crlf: true } },
  assignments: { columns: ['customer_no', 'staff_code', 'from_day', 'to_day', 'reason'], form: {} },
  consents: {
    columns: ['customer_no', 'purpose', 'channel', 'basis', 'from_day', 'to_day', 'proof'],
    form: { quoted: true },
  },
} satisfies Record<string, RecordFeed>
export type RecordFeedName = keyof typeof recordFeeds
