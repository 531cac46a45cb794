/** Quarantined rows that nobody will mend: dismissed with a reason, kept, and counted apart. */
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import type { Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'

export interface Dismissal {
  loadId: number
  /** Lines of the file, each of a row that is open. */
  lines: readonly string[]
  reason: string
  /** 'login:17', 'strata'. */
  who: string
  address?: string
}

/**
 * Dismisses the rows of those lines, all or none; returns how many rows. Refuses `not_found` for a line that was not
 * quarantined and `quarantine_row_settled` for one that is mended or dismissed already.
 */
export async function dismissRows(trx: Trx, asked: Dismissal): Promise<number> {
  const { loadId, who, reason } = asked
  const lines = [...new Set(asked.lines)]
  const { rows } = await sql<{ line: bigint; settled: boolean }>`
    select line, bool_or(mended_by_load_id is not null or dismissed_at is not null) as settled
    from (select * from quarantine where load_id = ${loadId} and line = any(${lines}::bigint[]) for update) as found
    group by line order by line limit ${lines.length}`.execute(trx)
  const known = new Set(rows.map((row) => String(row.line)))
  const missing = lines.find((line) => !known.has(line))
  if (missing !== undefined) {
    refuse('not_found', { what: `line ${missing} of load ${loadId}`, whatZh: `装载 ${loadId} 的第 ${missing} 行` })
  }
  const settled = rows.find((row) => row.settled)
  if (settled) refuse('quarantine_row_settled', { line: settled.line })
  await sql`update quarantine set dismissed_at = clock_timestamp(), dismissed_by = ${who}, dismissed_reason = ${reason}
    where load_id = ${loadId} and line = any(${lines}::bigint[])`.execute(trx)
  await audit(trx, {
    who,
    action: 'dismissQuarantine',
    noun: 'load',
    nounId: String(loadId),
    after: { lines },
    reason,
    address: asked.address ?? null,
  })
  return rows.length
}
