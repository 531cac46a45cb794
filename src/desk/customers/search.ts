/**
 * Finding customers by what a person types: a customer number, a name or a part of it, pinyin or its initials, a whole
 * phone or identity number, the last four digits of a phone, also behind a name ('唐 6265'). The search itself runs in
 * reviewed functions of the database that take their scope from the transaction, because a text match under row-level
 * security cannot use an index.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Keys } from '../../access/keys.ts'
import { tokenOfNumber } from '../../access/number-token.ts'
import type { FieldRights } from '../../contract/permission.ts'

/** A condition on `n.party_id`. */
export function searchCondition(typed: string, keys: Keys, fields: FieldRights): RawBuilder<unknown> {
  const text = typed.normalize('NFKC').trim()
  const found = sql`select strata.find_parties(${text}, ${tokenOfNumber(keys, text, fields)})`
  const { named, digits } = /^(?<named>\D{0,40}?)\s*(?<digits>\d{4})$/.exec(text)?.groups ?? {}
  if (digits === undefined || fields.contact === 'hidden') return sql`n.party_id = any(array(${found}))`
  const byPhone = sql`select strata.find_by_phone_end(${digits}, ${named ?? ''})`
  return sql`n.party_id = any(array(${found} union ${byPhone}))`
}
