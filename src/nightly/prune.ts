/**
 * What the lake keeps of old nights: the results, states, desk snapshots and intervals that a kept night needs, for its
 * pages and for its replay. Which nights are kept is decided where their rows are dropped (publish/retention.ts).
 */
import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import type { Workplace } from './workplace.ts'

/** Younger ones may belong to a night or an explanation that has just begun, or to a replay that somebody looks into. */
const keptAnywayMs = 24 * 3_600_000

/** SQL over a night `n`: it is published and its rows are still there. */
export const isKept = `n.status = 'published' and to_regclass('night_customer_' || n.id) is not null`

/**
 * Deletes what no kept night needs below `lake/snapshots`, `lake/intervals` and `lake/runs`, and what killed processes left
 * among the temporary files; returns the paths of the former, relative to the lake.
 */
export async function pruneLake(workplace: Workplace): Promise<string[]> {
  const { lakeDir } = workplace
  const needed = await neededPaths(workplace.db.owner)
  const before = workplace.clock.millis() - keptAnywayMs
  const isOld = (path: string) => statSync(join(lakeDir, path)).mtimeMs < before
  const unneeded = (path: string) => !needed.has(path) && isOld(path)
  const runs = within(lakeDir, 'runs').filter((path) => !needed.has(path))
  const gone = [
    ...within(lakeDir, 'snapshots').filter(unneeded),
    ...within(lakeDir, 'intervals').filter(unneeded),
    ...runs.flatMap((run) => within(lakeDir, run)).filter(unneeded),
  ]
  for (const path of gone) rmSync(join(lakeDir, path), { recursive: true, force: true })
  for (const run of runs) if (within(lakeDir, run).length === 0 && isOld(run)) rmdirSync(join(lakeDir, run))
  pruneTemporary(workplace.tempDir, before)
  return gone
}

/** What nights and questions write in between; a process that was killed leaves it behind. Loads sweep their own. */
const inBetween = /^(desk|compact|publish|would|digest|names|known)-/

function pruneTemporary(tempDir: string, before: number): void {
  for (const name of readdirSync(tempDir)) {
    const path = join(tempDir, name)
    const at = inBetween.test(name) ? statSync(path, { throwIfNoEntry: false })?.mtimeMs : undefined
    if (at !== undefined && at < before) rmSync(path, { recursive: true, force: true })
  }
}

/** Folders and files that a kept or running night reads, or reads again when it is replayed; and the snapshot of now. */
async function neededPaths(pool: pg.Pool): Promise<Set<string>> {
  const found = await pool.query<{ id: number; snapshot: string | null; state: string | null; intervals: string[] }>(
    `select n.id, n.manifest ->> 'snapshot' as snapshot, n.manifest #>> '{stateBefore,path}' as state,
       array(select jsonb_array_elements(n.manifest -> 'intervals') ->> 'path') as intervals
     from night n where ${isKept} or n.status = 'running'`,
  )
  const inForce = await pool.query<{ path: string }>(
    `select path from lake_file where kind = 'interval' and superseded_at is null`,
  )
  const now = await pool.query<{ value: string }>(`select value from setting where name = 'deskSnapshot'`)
  const snapshots = [...found.rows.map(({ snapshot }) => snapshot), now.rows[0]?.value ?? null]
  const states = found.rows.map(({ state }) => state)
  return new Set([
    ...found.rows.map(({ id }) => `runs/${id}`),
    ...snapshots.filter((one) => one !== null).map((sha256) => `snapshots/${sha256}`),
    ...states.filter((path) => path !== null),
    ...found.rows.flatMap(({ intervals }) => intervals),
    ...inForce.rows.map(({ path }) => path),
  ])
}

function within(lakeDir: string, folder: string): string[] {
  const path = join(lakeDir, folder)
  return existsSync(path) ? readdirSync(path).map((name) => `${folder}/${name}`) : []
}
