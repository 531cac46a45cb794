/** A customer's contact facts as the columns of their party, sealed, found by and counted: for edits and for loads. */
import type { Facts } from '../../access/edits.ts'
import type { Keys } from '../../access/keys.ts'
import { type PersonalFacts, sealFacts } from '../../access/seal.ts'
import { type EditableField, editableFields } from '../../contract/permission.ts'
import { emptyFacts, qualityOf } from './wanted.ts'

export interface Written {
  sealed: Buffer
  occupation: string | null
  phoneLast4: string | null
  phoneToken: Buffer | null
  missing: string[]
  quality: number
}

/** What can be edited, out of what is sealed. */
export function factsOf(personal: PersonalFacts, occupation: string | null): Facts {
  const { phone = null, email = null, address = null } = personal
  return { phone, email, address, occupation }
}

/** The columns after a change to `after`; what changed is no longer wrong, what is wanted and empty is missing. */
export function writtenFacts(
  keys: Keys,
  party: { id: bigint; kind: 'person' | 'company'; key: Buffer; personal: PersonalFacts; missing: readonly string[] },
  after: Facts,
): Written {
  const { phone, email, address, occupation } = after
  const before = factsOf(party.personal, occupation)
  const changed = editableFields.filter((field: EditableField) => before[field] !== after[field])
  const personal: PersonalFacts = {
    ...(party.personal.identityNo !== undefined && { identityNo: party.personal.identityNo }),
    ...(phone !== null && { phone }),
    ...(email !== null && { email }),
    ...(address !== null && { address }),
  }
  const others = party.missing.filter((fact) => !changed.some((field) => field === fact))
  const empty = emptyFacts(party.kind, (fact) => (fact === 'phone' || fact === 'address') && after[fact] === null)
  const missing = [...new Set([...others, ...empty])]
  return {
    sealed: sealFacts(party.key, party.id, personal),
    occupation,
    phoneLast4: phone !== null && phone.length >= 8 ? phone.slice(-4) : null,
    phoneToken: phone === null ? null : keys.blindIndex('phone', phone),
    missing,
    quality: qualityOf(party.kind, missing),
  }
}
