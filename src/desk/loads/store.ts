/** Loads, the rows they kept out, and what each feed is and when it last came. */
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Output } from '../../contract/endpoint.ts'
import type {
  feed as feedSchema,
  load as loadSchema,
  quarantineRow,
  readLoad as readEndpoint,
} from '../../contract/loads.ts'
import type { Trx } from '../../db/database.ts'
import { present } from '../../kit/assert.ts'
import { refuse } from '../../kit/refusal.ts'
import { decodeCursor, encodeCursor, idOfCursor } from '../cursor.ts'
import { refusalShown } from '../nights/store.ts'

export type Load = z.output<typeof loadSchema>
export type QuarantinedRow = z.output<typeof quarantineRow>

interface LoadRow {
  id: number
  feed: string
  file: string
  sha256: string
  bytes: bigint
  format: string
  mapping: string | null
  status: 'loaded' | 'refused'
  refusal: unknown
  rows_read: bigint
  rows_accepted: bigint
  rows_quarantined: bigint
  first_day: string | null
  last_day: string | null
  control: unknown
  supersedes_id: number | null
  superseded_by_id: number | null
  started_at: Date
  recorded_at: Date
  loaded_by: string
}

const columns = sql`id, feed, file, sha256, bytes, format, mapping, status, refusal, rows_read, rows_accepted,
  rows_quarantined, first_day, last_day, control, supersedes_id, superseded_by_id, started_at, recorded_at, loaded_by`

/** Newest first. Refuses cursor_invalid. */
export async function listLoads(
  trx: Trx,
  asked: {
    limit: number
    cursor?: string | undefined
    feed?: string | undefined
    status?: 'loaded' | 'refused' | undefined
  },
): Promise<{ rows: Load[]; next: string | null }> {
  const before = idOfCursor(asked.cursor)
  const { rows } = await sql<LoadRow>`select ${columns} from load
    where (${asked.feed ?? null}::text is null or feed = ${asked.feed ?? null})
      and (${asked.status ?? null}::text is null or status = ${asked.status ?? null})
      and (${before}::bigint is null or id < ${before}::bigint)
    order by id desc limit ${asked.limit + 1}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return { rows: shown.map(asLoad), next: rows.length > asked.limit && last ? encodeCursor([String(last.id)]) : null }
}

/** One load. Refuses not_found. */
export async function loadById(trx: Trx, id: number): Promise<Load> {
  const { rows } = await sql<LoadRow>`select ${columns} from load where id = ${id}`.execute(trx)
  return asLoad(rows[0] ?? refuse('not_found', { what: `load ${id}`, whatZh: `装载 ${id}` }))
}

/** With the count of each rule and the nights it made stale. Refuses not_found. */
export async function readLoad(trx: Trx, id: number): Promise<Output<typeof readEndpoint>> {
  const load = await loadById(trx, id)
  const rules = await sql<{
    column: string
    rule: string
    rows: bigint
  }>`select column_name as column, rule, count(*) as rows
    from quarantine where load_id = ${id} group by 1, 2 order by 3 desc, 1, 2 limit 200`.execute(trx)
  const stale = await sql<{ id: number; day: string }>`select id, day from night where stale_load_id = ${id}
    order by day desc limit 500`.execute(trx)
  const lines = await sql<{ open: bigint; mended: bigint; dismissed: bigint }>`
    select count(*) filter (where not mended and not dismissed) as open, count(*) filter (where mended) as mended,
      count(*) filter (where dismissed and not mended) as dismissed
    from (select bool_or(mended_by_load_id is not null) as mended, bool_or(dismissed_at is not null) as dismissed
      from quarantine where load_id = ${id} group by line) as settled`.execute(trx)
  const { open, mended, dismissed } = present(lines.rows[0], 'counts')
  return {
    ...load,
    quarantine: { open: Number(open), mended: Number(mended), dismissed: Number(dismissed) },
    rules: rules.rows.map((row) => ({ ...row, rows: Number(row.rows) })),
    staleNights: stale.rows,
  }
}

/** In order of lines. Refuses not_found, cursor_invalid. */
export async function listQuarantine(
  trx: Trx,
  asked: {
    id: number
    limit: number
    cursor?: string | undefined
    column?: string | undefined
    rule?: string | undefined
  },
): Promise<{ rows: QuarantinedRow[]; next: string | null }> {
  await loadById(trx, asked.id)
  const [line, ordinal] = asked.cursor === undefined ? [] : decodeCursor(asked.cursor)
  if (
    asked.cursor !== undefined &&
    !(typeof line === 'string' && /^\d{1,18}$/.test(line) && Number.isInteger(ordinal))
  ) {
    refuse('cursor_invalid')
  }
  const { rows } = await sql<{
    line: bigint
    ordinal: number
    column: string
    rule: string
    value: string | null
    expected: string
    expected_zh: string
    advice: string
    advice_zh: string
    mended_by_load_id: number | null
    dismissed_at: Date | null
    dismissed_by: string | null
    dismissed_reason: string | null
  }>`select line, ordinal, column_name as column, rule, value, expected, expected_zh, advice, advice_zh, mended_by_load_id,
      dismissed_at, dismissed_by, dismissed_reason
    from quarantine where load_id = ${asked.id}
      and (${line ?? null}::bigint is null or (line, ordinal) > (${line ?? null}::bigint, ${ordinal ?? null}::smallint))
      and (${asked.column ?? null}::text is null or column_name = ${asked.column ?? null})
      and (${asked.rule ?? null}::text is null or rule = ${asked.rule ?? null})
    order by line, ordinal limit ${asked.limit + 1}`.execute(trx)
  const shown = rows.slice(0, asked.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row) => ({
      line: String(row.line),
      ordinal: row.ordinal,
      column: row.column,
      rule: row.rule,
      value: row.value,
      expected: row.expected,
      expectedZh: row.expected_zh,
      advice: row.advice,
      adviceZh: row.advice_zh,
      mendedByLoad: row.mended_by_load_id,
      dismissed: dismissalOf(row),
    })),
    next: rows.length > asked.limit && last ? encodeCursor([String(last.line), last.ordinal]) : null,
  }
}

function dismissalOf(row: {
  dismissed_at: Date | null
  dismissed_by: string | null
  dismissed_reason: string | null
}): QuarantinedRow['dismissed'] {
  if (!row.dismissed_at) return null
  return { at: row.dismissed_at.toISOString(), by: row.dismissed_by ?? '', reason: row.dismissed_reason ?? '' }
}

/** By feed: how many loads are in force, how many rows they brought, and the last one. */
export async function lastLoads(
  trx: Trx,
): Promise<Map<string, { last: z.output<typeof feedSchema>['last']; loads: number; rowsAccepted: string }>> {
  const { rows } = await sql<{
    feed: string
    loads: bigint
    rows: string
    id: number
    recorded_at: Date
    last_day: string | null
  }>`select feed, count(*) as loads, sum(rows_accepted)::numeric(38, 0) as rows, max(id) as id,
      max(recorded_at) as recorded_at, max(last_day) as last_day
    from load where status = 'loaded' and superseded_by_id is null group by feed`.execute(trx)
  return new Map(
    rows.map((row) => [
      row.feed,
      {
        last: { loadId: row.id, recordedAt: row.recorded_at.toISOString(), lastDay: row.last_day },
        loads: Number(row.loads),
        rowsAccepted: row.rows,
      },
    ]),
  )
}

function asLoad(row: LoadRow): Load {
  return {
    id: row.id,
    feed: row.feed,
    file: row.file,
    sha256: row.sha256,
    bytes: String(row.bytes),
    format: row.format,
    mapping: row.mapping,
    status: row.status,
    refusal: refusalShown(row.refusal),
    rowsRead: Number(row.rows_read),
    rowsAccepted: Number(row.rows_accepted),
    rowsQuarantined: Number(row.rows_quarantined),
    firstDay: row.first_day,
    lastDay: row.last_day,
    control: row.control,
    supersedes: row.supersedes_id,
    supersededBy: row.superseded_by_id,
    startedAt: row.started_at.toISOString(),
    recordedAt: row.recorded_at.toISOString(),
    loadedBy: row.loaded_by,
  }
}
