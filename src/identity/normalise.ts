/** A record as it is compared: one script, one case, names in their parts, addresses in theirs, numbers bare. */
import { addressParts } from './address.ts'
import { companyName, personName } from './names.ts'
import { creditCode, dayDigits, identityNumber, phoneNumber } from './numbers.ts'
import type { Normal, PartyRecord } from './record.ts'

/** Pure: the same record always gives the same normal form. */
export function normalise(record: PartyRecord): Normal {
  const address = addressParts(record.address, record.addressParts)
  const company = record.kind === 'company'
  const name = company ? companyName(record.name ?? '', address.region) : personName(record)
  const number = company ? creditCode(record.identityNo ?? '') : identityNumber(record.identityNo ?? '')
  const birth = company ? '' : dayDigits(record.birthOn ?? '')
  return {
    ...name,
    ...address,
    // The number says the birthday where nothing else does.
    birth: birth || (number.verified && !company ? number.text.slice(6, 14) : ''),
    identity: number.text,
    verified: number.verified,
    phone: phoneNumber(record.phone ?? ''),
    email: (record.email ?? '').normalize('NFKC').trim().toLowerCase(),
  }
}
