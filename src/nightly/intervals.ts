/** Compaction as a step: makes the interval files that are missing and registers them in one transaction. */

import { join } from 'node:path'
import type pg from 'pg'
import { ownerTransaction } from '../db/database.ts'
import type { Day } from '../kit/day.ts'
import { type CompactedMonth, type CompactRequest, compact } from '../lake/compact.ts'
import type { LakeFile } from '../lake/facts.ts'
import { snapshotPath } from '../lake/snapshot.ts'
import type { Workplace } from './workplace.ts'

export interface IntervalRequest {
  /** Balance facts to make intervals of. */
  facts: readonly LakeFile[]
  snapshot: string
  through: Day
  /** False: files are made but not put in force (replays, would-have-been of an older state). */
  register: boolean
}

/** The months up to `through`; files whose inputs are unchanged are used again. */
export async function bringIntervals(workplace: Workplace, request: IntervalRequest): Promise<CompactedMonth[]> {
  const known = await knownIntervals(workplace.db.owner)
  const months = await compact(
    workplace.engine,
    {
      lakeDir: workplace.lakeDir,
      tempDir: workplace.tempDir,
      facts: request.facts,
      positions: snapshotPath(join(workplace.lakeDir, 'snapshots', request.snapshot), 'position'),
      known,
      through: request.through,
    },
    (done, total) => workplace.report({ step: 'compact', done, total }),
  )
  if (request.register) await register(workplace.db.owner, months)
  return months
}

async function knownIntervals(pool: pg.Pool): Promise<CompactRequest['known']> {
  const found = await pool.query(
    `select month, inputs_sha256 as "inputsSha256", path, sha256, rows from lake_file
     where kind = 'interval' and noun = 'balance' and inputs_sha256 is not null`,
  )
  return found.rows
}

async function register(pool: pg.Pool, months: readonly CompactedMonth[]): Promise<void> {
  await ownerTransaction(pool, async (client) => {
    for (const month of months) {
      await client.query(
        `update lake_file set superseded_at = now()
         where kind = 'interval' and noun = 'balance' and month = $1 and path <> $2 and superseded_at is null`,
        [month.month, month.path],
      )
      await client.query(
        `insert into lake_file (kind, noun, month, path, sha256, rows, bytes, first_day, last_day, inputs_sha256)
         values ('interval', 'balance', $1, $2, $3, $4, $5, $1, ($1::date + interval '1 month - 1 day')::date, $6)
         on conflict (path) do update set superseded_at = null, sha256 = excluded.sha256`,
        [month.month, month.path, month.sha256, month.rows, month.bytes, month.inputsSha256],
      )
    }
  })
}
