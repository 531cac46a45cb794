/**
 * Finding customers by what a person types: a number in whole, the beginning of a customer number, a name or a part of it,
 * a company's short name, pinyin or initials in any reading, a Latin name with one error, the last four digits of a
 * phone, also behind a name ('唐 6265'). The search itself runs in reviewed functions of the database that take their
 * scope from the transaction, because a text match under row-level security cannot use an index.
 */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import type { Keys } from '../../access/keys.ts'
import { tokensOfNumber } from '../../access/number-token.ts'
import { toFenText } from '../../contract/common.ts'
import type { FieldRights } from '../../contract/permission.ts'
import { type search, type WayFound, waysFound } from '../../contract/search.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import type { NightPointer, TierNames } from '../nights/current.ts'
import { shownName } from './figures.ts'
import { oneErrorAway } from './one-error.ts'

interface Asking {
  keys: Keys
  fields: FieldRights
  /** Whose owners an account number finds. */
  day: Day
}

/** Hits of each kind that a list looks at: a longer one is no answer to a search. */
const listedMax = 5000
/** Of each kind that are put in order for the panel, which shows a handful. */
const rankedMax = 500
/** Shorter words are typed right, or have too many neighbours. */
const forgivenLengthMin = 5

/** A condition on `n.party_id`. */
export function searchCondition(typed: string, asking: Asking): RawBuilder<unknown> {
  return sql`n.party_id = any(array(select party_id from ${found(typed, asking, listedMax)}))`
}

/** The best hits, customers and households. */
export async function searchEverywhere(
  trx: Trx,
  context: Omit<Asking, 'day'> & { night: NightPointer; names: TierNames },
  asked: { q: string; limit: number },
): Promise<z.output<typeof search.output>> {
  const { night, names, fields } = context
  const hidden = fields.money === 'hidden'
  const ways = sql.lit(`{${waysFound}}`)
  const richer = hidden ? sql`` : sql`n.average_fen desc,`
  const { rows } = await sql<Hit>`select n.customer_no, n.kind, n.name, n.tier_in_force, n.average_fen::text, f.way
    from (select party_id, min(array_position(${ways}::text[], found_by)) as way
      from ${found(asked.q, { ...context, day: night.day }, rankedMax)} group by party_id) f
    join night_customer n on n.night_id = ${sql.lit(night.id)} and n.party_id = f.party_id
    order by f.way, ${richer} n.customer_no limit ${asked.limit}`.execute(trx)
  const households = await sql<{ householdNo: string; customerNo: string }>`
    select household_no as "householdNo", customer_no as "customerNo"
    from strata.find_households(${plainText(asked.q)}, ${night.day}, ${asked.limit})`.execute(trx)
  return {
    customers: rows.map((row) => ({
      customerNo: row.customer_no,
      kind: row.kind,
      name: shownName(row.kind, row.name, fields.name),
      tierInForce: names(row.tier_in_force ?? 0, row.kind),
      averageFen: hidden ? null : toFenText(row.average_fen),
      foundBy: waysFound[row.way - 1] as WayFound,
    })),
    households: households.rows,
  }
}

interface Hit {
  customer_no: string
  kind: 'person' | 'company'
  name: string
  tier_in_force: number | null
  average_fen: string
  way: number
}

const plainText = (typed: string) => typed.normalize('NFKC').trim()

/** Rows of `party_id` and `found_by`, at most `most` of each kind; what `fields` hide finds nobody. */
function found(typed: string, { keys, fields, day }: Asking, most: number): RawBuilder<unknown> {
  const text = plainText(typed)
  const tokens = tokensOfNumber(keys, text, fields)
  const { named, digits } = /^(?<named>\D{0,40}?)\s*(?<digits>\d{4})$/.exec(text)?.groups ?? {}
  const { variants, beside } = forgiving(text)
  return sql`strata.find_parties(typed => ${text}, by_name => ${fields.name !== 'hidden'}, latin => ${lettersOf(text)},
    variants => ${variants}::text[], beside => ${beside}::text[],
    digits => ${fields.contact === 'hidden' ? null : (digits ?? null)}, named => ${named ?? ''}, phone => ${tokens.phone},
    identity => ${tokens.identity}, account => ${tokens.account}, card => ${tokens.card}, on_day => ${day},
    most => ${most})`
}

/** Pinyin as it is stored, 'lvmingzhu' of "Lü Ming'zhu"; null for what is none. */
function lettersOf(text: string): string | null {
  const plain = text.toLowerCase().replaceAll('ü', 'v')
  return /^[a-z][a-z' ]{0,59}$/.test(plain) ? plain.replace(/[' ]/g, '') : null
}

/** The longest word with every error it may have, and the words that must stand beside it as they are. */
function forgiving(text: string): { variants: string[] | null; beside: string[] } {
  if (!/^[A-Za-z][A-Za-z'. -]*$/.test(text)) return { variants: null, beside: [] }
  const words = text.toLowerCase().match(/[a-z]+/g) ?? []
  const longest = words.toSorted((a, b) => b.length - a.length)[0] ?? ''
  if (longest.length < forgivenLengthMin) return { variants: null, beside: [] }
  return { variants: oneErrorAway(longest), beside: words.filter((word) => word !== longest) }
}
