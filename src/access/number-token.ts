/** What a person types when it is a whole phone or identity number: found by its blind index, never by its text. */
import type { FieldRights } from '../contract/permission.ts'
import type { Keys } from './keys.ts'

/** As numbers are written: full-width digits, spaces and hyphens of all kinds make no difference. */
export function plainNumber(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s-]/g, '')
}

/**
 * The blind index of a whole number; null for anything else, so that a name never becomes a token, and for a number of
 * fields that `rights` hide.
 */
export function tokenOfNumber(keys: Pick<Keys, 'blindIndex'>, typed: string, rights: FieldRights): Buffer | null {
  const number = plainNumber(typed)
  if (/^1\d{10}$/.test(number)) return rights.contact === 'hidden' ? null : keys.blindIndex('phone', number)
  if (!/^\d{17}[\dXx]$/.test(number) || rights.identity === 'hidden') return null
  return keys.blindIndex('identityNo', number.toUpperCase())
}
