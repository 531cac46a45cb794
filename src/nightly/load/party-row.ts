/** A customer of a feed as a row of the staging table: sealed, findable by blind index and by pinyin, judged. */
import type { Keys } from '../../access/keys.ts'
import { newPartyKey, type PersonalFacts, partyKey, sealFacts } from '../../access/seal.ts'
import { emptyFacts, qualityOf } from '../../desk/customers/wanted.ts'
import type { Staged } from './copy-text.ts'
import { spelled } from './name-readings.ts'

/** A checked row as it leaves the engine. */
export interface CustomerRow {
  party_id: string
  is_new: boolean
  customer_no: string
  kind: 'person' | 'company'
  name: string
  unit_id: number
  identity_kind: string | null
  identity_no: string | null
  sex: string | null
  birth_on: string | null
  phone: string | null
  email: string | null
  address: string | null
  region_code: string | null
  occupation: string | null
  industry: string | null
  annual_income: string | null
  opened_on: string | null
  closed_on: string | null
  source: string | null
  reported: string | null
}

/** A row of the staging table, sealed. A party whose key is known keeps it; one without gets a new one. */
export function partyRow(keys: Keys, row: CustomerRow, wrapped: Buffer | undefined): Staged[] {
  const id = BigInt(row.party_id)
  const made = wrapped ? { key: partyKey(keys, id, wrapped), wrapped: null } : newPartyKey(keys, id)
  const facts: PersonalFacts = {}
  if (row.identity_no) facts.identityNo = row.identity_no
  if (row.phone) facts.phone = row.phone
  if (row.email) facts.email = row.email
  if (row.address) facts.address = row.address
  const wrong = row.reported ? row.reported.split(',') : []
  const missing = missingOf(row, wrong)
  const name = spelled(row.name, row.kind)
  return [
    row.party_id,
    row.is_new,
    row.customer_no,
    row.kind,
    row.name,
    name.full,
    name.initials,
    name.others,
    true,
    row.sex,
    row.birth_on,
    row.region_code,
    row.occupation,
    row.industry,
    row.annual_income,
    row.unit_id,
    row.opened_on,
    row.closed_on,
    row.identity_kind,
    row.identity_no ? !wrong.includes('identity_no') : false,
    row.phone && row.phone.length >= 8 ? row.phone.slice(-4) : null,
    sealFacts(made.key, id, facts),
    row.identity_no ? keys.blindIndex('identityNo', row.identity_no.toUpperCase()) : null,
    row.phone ? keys.blindIndex('phone', row.phone) : null,
    missing,
    qualityOf(row.kind, missing),
    row.source,
    made.wrapped,
  ]
}

// Wanted and empty, or there and wrong.
function missingOf(row: CustomerRow, wrong: readonly string[]): string[] {
  const empty = emptyFacts(row.kind, (column) => row[column] === null)
  return [...new Set([...empty, ...wrong])]
}
