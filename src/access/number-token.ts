/**
 * What a person types when it is a whole phone, identity, account or card number: found by its blind index, never by its
 * text.
 */
import type { FieldRights } from '../contract/permission.ts'
import type { Keys } from './keys.ts'

/** As numbers are written: full-width digits, spaces and hyphens of all kinds make no difference. */
export function plainNumber(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s-]/g, '')
}

/** Blind indexes of a number, null for what it cannot be and for fields that are hidden. */
export interface NumberTokens {
  phone: Buffer | null
  identity: Buffer | null
  account: Buffer | null
  card: Buffer | null
}

/** Letters and digits, most of them digits: a name never becomes a token. */
const numberLike = /^(?=(?:[A-Za-z]*\d){5})[\dA-Za-z]{7,40}$/

/** The blind indexes of a whole number; none of anything else, nor of fields that `rights` hide. */
export function tokensOfNumber(keys: Pick<Keys, 'blindIndex'>, typed: string, rights: FieldRights): NumberTokens {
  const number = plainNumber(typed)
  const none = { phone: null, identity: null, account: null, card: null }
  if (!numberLike.test(number)) return none
  const of = (noun: 'account' | 'card') => (rights.numbers === 'hidden' ? null : keys.blindIndex(noun, number))
  const mobile = /^1\d{10}$/.test(number)
  return {
    phone: mobile && rights.contact !== 'hidden' ? keys.blindIndex('phone', number) : null,
    identity: !mobile && rights.identity !== 'hidden' ? keys.blindIndex('identityNo', number.toUpperCase()) : null,
    account: of('account'),
    card: of('card'),
  }
}

/**
 * The blind index of a phone or an 18-digit identity number, for what finds customers of others: shorter documents could be
 * guessed.
 */
export function tokenOfNumber(keys: Pick<Keys, 'blindIndex'>, typed: string, rights: FieldRights): Buffer | null {
  const { phone, identity } = tokensOfNumber(keys, typed, rights)
  return phone ?? (/^\d{17}[\dXx]$/.test(plainNumber(typed)) ? identity : null)
}
