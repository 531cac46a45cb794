/** Kinds of paper: those that are shipped, and the bank's own. */
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import type { addPaperKind } from '../../contract/papers.ts'
import type { Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import type { AtWork } from './places.ts'

type PaperKind = Output<typeof addPaperKind>

/** A bank that needs more has a list that nobody finds anything in. */
const kindsMax = 200

export async function paperKinds(trx: Trx): Promise<PaperKind[]> {
  const { rows } = await sql<PaperKind>`select code, name_zh as zh, name_en as en from paper_kind order by place
    limit ${kindsMax}`.execute(trx)
  return rows
}

/** Refuses paper_kind_known. Audited. */
export async function addKind(
  trx: Trx,
  kind: Checked<typeof addPaperKind>['body'],
  { session, address }: Pick<AtWork, 'session' | 'address'>,
): Promise<PaperKind> {
  const { code, zh, en } = kind
  const made = await sql`insert into paper_kind (code, name_zh, name_en) values (${code}, ${zh}, ${en})
    on conflict do nothing returning code`.execute(trx)
  if (made.rows.length === 0) refuse('paper_kind_known', { kind: code })
  await audit(trx, { who: session.who, action: 'addPaperKind', noun: 'paperKind', nounId: code, after: kind, address })
  return kind
}

/** Refuses paper_kind_unknown. */
export async function kindCalled(trx: Trx, code: string): Promise<PaperKind> {
  const { rows } = await sql<PaperKind>`select code, name_zh as zh, name_en as en from paper_kind
    where code = ${code}`.execute(trx)
  return rows[0] ?? refuse('paper_kind_unknown', { kind: code })
}
