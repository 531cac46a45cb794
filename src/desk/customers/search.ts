/**
 * Finding customers by what a person types: a customer number, a name or a part of it, pinyin or its initials, a whole
 * phone or identity number. The search itself runs in a reviewed function of the database that takes its scope from the
 * transaction, because a text match under row-level security cannot use an index.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Indexed } from '../../access/keys.ts'
import type { FieldRights } from '../../contract/permission.ts'

export interface FindKeys {
  blindIndex(noun: Indexed, text: string): Buffer
}

/** A condition on `n.party_id`. */
export function searchCondition(typed: string, keys: FindKeys, fields: FieldRights): RawBuilder<unknown> {
  const text = typed.normalize('NFKC').trim()
  const whole = text.replace(/[\s-]/g, '')
  // Only what can be one is looked up as one, so that a name never becomes a token; and never what is hidden.
  const token =
    /^1\d{10}$/.test(whole) && fields.contact !== 'hidden'
      ? keys.blindIndex('phone', whole)
      : /^\d{17}[\dXx]$/.test(whole) && fields.identity !== 'hidden'
        ? keys.blindIndex('identityNo', whole.toUpperCase())
        : null
  return sql`n.party_id = any(array(select strata.find_parties(${text}, ${token})))`
}
