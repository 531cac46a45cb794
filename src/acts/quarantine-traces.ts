/** Rows in quarantine that speak of an erased person: the row goes, why it was kept out stays. */
import type pg from 'pg'
import type { Keys } from '../access/keys.ts'
import { openRow } from '../access/seal.ts'
import { cellsOf } from '../lake/quarantine.ts'

/** What a person's rows are known by. */
export interface Traces {
  /** Customer numbers and personal facts, as they stand in a cell. */
  texts: ReadonlySet<string>
  /** Blind indexes of account and card numbers, in hexadecimal. */
  tokens: ReadonlySet<string>
}

const pageRows = 2000

/** Removes those rows; returns how many lines. */
export async function blankQuarantine(client: pg.PoolClient, keys: Keys, traces: Traces): Promise<number> {
  let blanked = 0
  for (let after: [number, bigint] = [0, -1n]; ; ) {
    const page = await client.query<{ load_id: number; line: bigint; row_sealed: Buffer; header: string[] }>(
      `select distinct on (q.load_id, q.line) q.load_id, q.line, q.row_sealed, l.header
       from quarantine q join load l on l.id = q.load_id
       where q.row_sealed is not null and (q.load_id, q.line) > ($1, $2) order by q.load_id, q.line limit $3`,
      [after[0], String(after[1]), pageRows],
    )
    const last = page.rows.at(-1)
    if (!last) return blanked
    after = [last.load_id, last.line]
    const found = page.rows.filter((row) => speaksOf(openRow(keys, row.row_sealed), row.header, keys, traces))
    if (found.length === 0) continue
    await client.query(
      `update quarantine q set row_sealed = null, value = '' from unnest($1::int[], $2::bigint[]) as f (load_id, line)
       where q.load_id = f.load_id and q.line = f.line`,
      [found.map((row) => row.load_id), found.map((row) => String(row.line))],
    )
    blanked += found.length
  }
}

/** Whether a row (one CSV record under its header) names the person. */
export function speaksOf(record: string, header: readonly string[], keys: Keys, traces: Traces): boolean {
  for (const [name, cell] of cellsOf(record, header)) {
    if (traces.texts.has(cell)) return true
    if (traces.tokens.size === 0) continue
    if (name === 'account_no' && traces.tokens.has(keys.blindIndex('account', cell).toString('hex'))) return true
    if (name === 'card_no' && traces.tokens.has(keys.blindIndex('card', cell).toString('hex'))) return true
  }
  return false
}
