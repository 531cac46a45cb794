/** Units by code, for acts that name them. */
import { sql } from 'kysely'
import type { Trx } from '../db/database.ts'
import { refuse } from '../kit/refusal.ts'

export interface UnitRow {
  id: number
  code: string
  name: string
  name_en: string | null
  kind: string
  parent_id: number | null
  path: string
  closed_on: string | null
}

const columns = sql`id, code, name, name_en, kind, parent_id, path, closed_on`

/** Refuses not_found, and unit_closed for one that is closed. */
export async function openUnit(trx: Trx, code: string): Promise<UnitRow> {
  const { rows } = await sql<UnitRow>`select ${columns} from unit where code = ${code}`.execute(trx)
  const unit = rows[0] ?? refuse('not_found', { what: `unit ${code}`, whatZh: `机构 ${code}` })
  if (unit.closed_on !== null) refuse('unit_closed', { unit: code })
  return unit
}

/** The head office. Refuses not_found before there is one. */
export async function rootUnit(trx: Trx): Promise<UnitRow> {
  const { rows } = await sql<UnitRow>`select ${columns} from unit where parent_id is null order by id limit 1`.execute(
    trx,
  )
  return rows[0] ?? refuse('not_found', { what: 'the head office', whatZh: '总行' })
}
