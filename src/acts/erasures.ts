/** Who was erased, when, by whom and why: the record's own list, beside the ledger that outlives a restore. */
import { sql } from 'kysely'
import type { Session } from '../access/session.ts'
import type { Output } from '../contract/endpoint.ts'
import type { listErasures as listErasuresEndpoint } from '../contract/privacy.ts'
import { type Database, everything } from '../db/database.ts'

type Listed = Omit<Output<typeof listErasuresEndpoint>, 'next'>

/**
 * A page of them, newest first, with how many there are; `next` is where the one after it begins. They are the bank's, for
 * whoever reads them at the top.
 */
export function listErasures(
  db: Database,
  session: Session,
  { before, limit }: { before: string | null; limit: number },
): Promise<Listed & { next: string | null }> {
  return db.withScope({ ...everything, who: session.who }, async (trx) => {
    const { rows } = await sql<{
      id: bigint
      customerNo: string
      erased_at: Date
      erasedBy: string
      checkedBy: string | null
      reason: string
      reapplied_at: Date | null
    }>`select e.id, e.customer_no as "customerNo", e.erased_at, coalesce(l.display_name, e.erased_by) as "erasedBy",
        k.display_name as "checkedBy", e.reason, e.reapplied_at
      from erasure e left join login l on e.erased_by = 'login:' || l.id
      left join approval a on a.id = e.approval_id left join login k on k.id = a.decided_by
      where ${before === null ? sql`true` : sql`e.id < ${before}::bigint`} order by e.id desc limit ${limit + 1}`.execute(
      trx,
    )
    const counted = await sql<{ total: number }>`select count(*)::int as total from erasure`.execute(trx)
    const shown = rows.slice(0, limit)
    return {
      rows: shown.map(({ customerNo, erased_at, erasedBy, checkedBy, reason, reapplied_at }) => ({
        customerNo,
        erasedAt: erased_at.toISOString(),
        erasedBy,
        checkedBy,
        reason,
        reappliedAt: reapplied_at?.toISOString() ?? null,
      })),
      total: counted.rows[0]?.total ?? 0,
      next: rows.length > limit ? String(shown.at(-1)?.id) : null,
    }
  })
}
