/** `strata quarantine`: the rows that a load kept out, as a file to mend and load again, or dismissed for good. */
import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { auditAsOwner } from '../access/audit.ts'
import { everything } from '../db/database.ts'
import { dismissRows } from '../desk/loads/dismiss.ts'
import { refuse } from '../kit/refusal.ts'
import { exportQuarantine } from '../nightly/load/mended.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { mustBeWritable } from './out-file.ts'
import { say, text } from './print.ts'

/** Dismisses the rows of those lines with a reason. Refuses what `dismissRows` refuses. */
export async function dismiss(workplace: Workplace, loadId: number, lines: string[], reason: string): Promise<void> {
  const asked = { loadId, lines, reason, who: 'strata' }
  const rows = await workplace.db.withScope(everything, (trx) => dismissRows(trx, asked))
  say(text(`${rows} rows of load ${loadId} dismissed: ${reason}`, `装载 ${loadId} 的 ${rows} 行不予改正：${reason}`))
}

/**
 * Writes the file (CSV; personal data open in it, so only its owner may read it) and its audit entry; says how to load
 * it again. Refuses `not_found` for a load that does not exist, `out_unwritable`.
 */
export async function quarantine(workplace: Workplace, loadId: number, out: string): Promise<void> {
  mustBeWritable(out)
  const { owner } = workplace.db
  const found = await owner.query<{ feed: string; rows: bigint }>(
    `select feed, (select count(distinct line) from quarantine q where q.load_id = l.id and q.mended_by_load_id is null
       and q.dismissed_at is null and q.row_sealed is not null) as rows
     from load l where id = $1`,
    [loadId],
  )
  const load = found.rows[0] ?? refuse('not_found', { what: `load ${loadId}`, whatZh: `装载 ${loadId}` })
  const after = { rows: Number(load.rows) }
  await auditAsOwner(owner, workplace.keys, {
    who: 'strata',
    action: 'openQuarantine',
    noun: 'load',
    nounId: String(loadId),
    after,
  })
  const temporary = `${out}.${process.pid}.part`
  try {
    await pipeline(exportQuarantine(workplace, loadId), createWriteStream(temporary, { mode: 0o600 }))
    renameSync(temporary, out)
  } finally {
    rmSync(temporary, { force: true })
  }
  say(
    text(
      `${out}: ${load.rows} rows, personal data open. Mend them, then: strata load ${out} --feed ${load.feed}`,
      `${out}：${load.rows} 行，含明文个人信息。改正后执行：strata load ${out} --feed ${load.feed}`,
    ),
  )
}
