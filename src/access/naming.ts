/** The names behind codes and numbers that records speak of, looked up once for a page of them. */
import { sql } from 'kysely'
import type { CodedNoun, Name, Named } from '../contract/naming.ts'
import type { Trx } from '../db/database.ts'

/** A role or unit by code, a login or key by number. */
export interface Spoken {
  noun: CodedNoun | 'login' | 'key'
  code: string
}

export type Names = ReadonlyMap<string, Name>

const keyOf = ({ noun, code }: Spoken) => `${noun}:${code}`

/** Of everything spoken of, in one query: closed units and a bank's own roles too. What is unknown is left out. */
export async function namesOf(trx: Trx, spoken: readonly Spoken[]): Promise<Names> {
  const codes = (noun: Spoken['noun']) => [...new Set(spoken.flatMap((one) => (one.noun === noun ? [one.code] : [])))]
  const numbers = (noun: Spoken['noun']) => codes(noun).filter((code) => /^\d{1,9}$/.test(code))
  // Shared names are sought once for all codes: units are many.
  const { rows } = await sql<Name & Spoken>`
    select 'login' as noun, id::text as code, display_name as zh, display_name as en, true as "needsCode"
      from login where id = any(${numbers('login')}::int[])
    union all select 'key', k.id::text, l.display_name || ' · ' || k.name, l.display_name || ' · ' || k.name, true
      from api_key k join login l on l.id = k.login_id where k.id = any(${numbers('key')}::int[])
    union all select 'role', code, name_zh, name_en,
        name_zh in (select name_zh from role group by name_zh having count(*) > 1)
        or name_en in (select name_en from role group by name_en having count(*) > 1)
      from role where code = any(${codes('role')}::text[])
    union all select 'unit', code, name, coalesce(name_en, name),
        name in (select name from unit group by name having count(*) > 1)
        or coalesce(name_en in (select name_en from unit group by name_en having count(*) > 1), false)
      from unit where code = any(${codes('unit')}::text[])
    limit ${spoken.length}`.execute(trx)
  return new Map(rows.map(({ zh, en, needsCode, ...of }) => [keyOf(of), { zh, en, needsCode }]))
}

/** The name of one that was looked up; null where nothing bears it. */
export function nameIn(names: Names, spoken: Spoken | undefined): Name | null {
  return (spoken && names.get(keyOf(spoken))) ?? null
}

/** As a reply carries them: each once, without codes that have no name. */
export function namedIn(names: Names, spoken: readonly { noun: CodedNoun; code: string }[]): Named[] {
  const once = new Map(spoken.map((one) => [keyOf(one), one]))
  return [...once.values()].flatMap((one) => {
    const found = nameIn(names, one)
    return found ? [{ noun: one.noun, code: one.code, ...found }] : []
  })
}
