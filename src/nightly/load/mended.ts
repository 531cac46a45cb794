/** Quarantined rows on their way out to be mended, and back in: the export names where each row came from. */
import { basename } from 'node:path'
import type pg from 'pg'
import { openRow } from '../../access/seal.ts'
import { refuse } from '../../kit/refusal.ts'
import type { CheckedFile } from '../../lake/check.ts'
import { literal } from '../../lake/engine.ts'
import type { Workplace } from '../workplace.ts'
import type { FileToLoad } from './load.ts'
import type { Merge } from './merge.ts'

/** Columns that the export adds behind the file's own; a feed ignores them when the mended file is loaded. */
export const reasonColumns = ['_load', '_line', '_column', '_rule', '_expected', '_advice'] as const

/**
 * The quarantined rows of a load as CSV (UTF-8 with a byte order mark): the original columns, whole, then why each row
 * was kept out. Rows that have been mended since or dismissed, or are kept no longer, are left out. Personal data is open
 * in it: the caller checks the
 * permission and writes the audit entry.
 */
export async function* exportQuarantine(workplace: Workplace, loadId: number): AsyncGenerator<string> {
  const { owner } = workplace.db
  const load = await owner.query<{ header: string[] }>('select header from load where id = $1', [loadId])
  if (!load.rows[0]) refuse('not_found', { what: `load ${loadId}`, whatZh: `装载 ${loadId}` })
  yield `\uFEFF${[...load.rows[0].header, ...reasonColumns].map(csvCell).join(',')}\r\n`
  for (let after = -1n; ; ) {
    const rows = await quarantinePage(owner, loadId, after)
    if (rows.length === 0) return
    for (const row of rows) {
      const reasons = [String(loadId), String(row.line), row.columns, row.rules, row.expected, row.advice].map(csvCell)
      yield `${openRow(workplace.keys, row.row_sealed)},${reasons.join(',')}\r\n`
      after = row.line
    }
  }
}

interface PageRow {
  line: bigint
  columns: string
  rules: string
  expected: string
  advice: string
  row_sealed: Buffer
}

const pageRows = 1000

// One line of the export per line of the file, however many rules it breaks.
async function quarantinePage(owner: pg.Pool, loadId: number, after: bigint): Promise<PageRow[]> {
  const found = await owner.query<PageRow>(
    `select line, string_agg(column_name, '; ' order by ordinal) as columns, string_agg(rule, '; ' order by ordinal) as rules,
       string_agg(expected, '; ' order by ordinal) as expected, string_agg(advice, '; ' order by ordinal) as advice,
       (array_agg(row_sealed order by ordinal))[1] as row_sealed
     from quarantine where load_id = $1 and line > $2 and mended_by_load_id is null and dismissed_at is null
       and row_sealed is not null
     group by line order by line limit $3`,
    [loadId, String(after), pageRows],
  )
  return found.rows
}

// A spreadsheet runs a cell that begins with one of these.
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** When the file is a mended export: marks the rows that were taken this time. Returns how many. */
export async function markMended(merge: Merge, file: FileToLoad, checked: CheckedFile): Promise<number> {
  if (!checked.unknownColumns.includes('_load') || !checked.unknownColumns.includes('_line')) return 0
  if (checked.format.container !== 'csv' || checked.format.encoding !== 'utf-8') return 0
  const bad = checked.quarantine.map((row) => row.line)
  await merge.engine.exec(`create or replace temp table load_mended as
    select try_cast("_load" as integer) as load_id, try_cast("_line" as bigint) as line
    from (select "_load", "_line", row_number() over () + 1 as here
      from read_csv(${literal(file.path)}, all_varchar = true, header = true, delim = ${literal(checked.format.separator)}))
    where here not in (select unnest([${bad.join(', ')}]::bigint[]))
      and here not in (select line from load_rejected)`)
  const rows = await merge.engine.rows<{ load_id: number; line: bigint }>(
    'select distinct load_id, line from load_mended where load_id is not null and line is not null order by 1, 2',
  )
  const marked = await merge.client.query(
    `update quarantine q set mended_by_load_id = $1
     from unnest($2::int[], $3::bigint[]) as m (load_id, line)
     where q.load_id = m.load_id and q.line = m.line and q.mended_by_load_id is null
       and exists (select from load l where l.id = q.load_id and l.feed = $4)`,
    [merge.loadId, rows.map((row) => row.load_id), rows.map((row) => String(row.line)), merge.feed.name],
  )
  return marked.rowCount ?? 0
}

/** A name for the export that a person can tell apart. */
export function exportName(file: string, loadId: number): string {
  return `${basename(file).replace(/\.(csv|parquet|xlsx)?(\.gz|\.zst)?$/i, '')}-quarantine-${loadId}.csv`
}
