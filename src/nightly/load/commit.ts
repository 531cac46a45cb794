/**
 * What a load writes beside the rows it brought: its own row, quarantine, the lake's manifest, audit, events, and the
 * nights that it makes stale. All inside the one transaction whose commit makes the load exist.
 */
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type pg from 'pg'
import { sealRow } from '../../access/seal.ts'
import { addDays, type Day } from '../../kit/day.ts'
import { hashOf } from '../../lake/bytes.ts'
import type { QuarantineRow } from '../../lake/quarantine.ts'
import { parsePolicy } from '../../tiers/policy-text.ts'
import type { Workplace } from '../workplace.ts'
import type { NewFile } from './merge.ts'
import { copyRows } from './stage.ts'

/** Moves a file of the load to its place in the lake: fsynced, renamed, its folder fsynced. Then it may be committed. */
export async function placeFile(workplace: Workplace, file: NewFile): Promise<{ sha256: string; bytes: number }> {
  const target = join(workplace.lakeDir, file.path)
  const sha256 = await hashOf(file.temporaryPath)
  const { size } = await stat(file.temporaryPath)
  await placeAt(file.temporaryPath, target)
  return { sha256, bytes: size }
}

/** fsync, rename, fsync of the folder. */
export async function placeAt(temporaryPath: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  await sync(temporaryPath)
  await rename(temporaryPath, target)
  await sync(dirname(target))
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export interface PlacedFile {
  kind: 'fact' | 'idmap' | 'raw'
  noun: string
  path: string
  sha256: string
  rows: bigint
  bytes: number
  firstDay: string | undefined
  lastDay: string | undefined
}

/** The lake's manifest rows of a load. */
export async function insertLakeFiles(
  client: pg.PoolClient,
  loadId: number,
  files: readonly PlacedFile[],
): Promise<void> {
  for (const file of files) {
    await client.query(
      `insert into lake_file (load_id, kind, noun, month, path, sha256, rows, bytes, first_day, last_day)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        loadId,
        file.kind,
        file.noun,
        monthOf(file),
        file.path,
        file.sha256,
        String(file.rows),
        file.bytes,
        file.firstDay ?? null,
        file.lastDay ?? null,
      ],
    )
  }
}

/** The key of its original; without this row nobody opens the file. */
export async function insertLoadKey(client: pg.PoolClient, loadId: number, sealed: Buffer): Promise<void> {
  await client.query('insert into load_key (load_id, sealed) values ($1, $2)', [loadId, sealed])
}

function monthOf(file: PlacedFile): string | null {
  const found = /\/(\d{4}-\d{2})\//.exec(file.path)
  return file.kind === 'fact' && found ? `${found[1]}-01` : null
}

/** Quarantined rows, each whole row sealed. */
export async function insertQuarantine(
  workplace: Workplace,
  client: pg.PoolClient,
  loadId: number,
  rows: readonly QuarantineRow[],
): Promise<void> {
  await copyRows(
    client,
    'quarantine (load_id, line, ordinal, column_name, rule, value, expected, advice, expected_zh, advice_zh, row_sealed)',
    rows.map((row) => [
      loadId,
      row.line,
      row.ordinal,
      row.column,
      row.rule,
      row.value,
      row.expectedEn,
      row.adviceEn,
      row.expectedZh,
      row.adviceZh,
      row.rawRow === null ? null : sealRow(workplace.keys, row.rawRow),
    ]),
  )
}

/** The facts of corrected files go out of force; nothing is deleted. */
export async function supersede(client: pg.PoolClient, oldIds: readonly number[], newId: number): Promise<void> {
  await client.query('update load set superseded_by_id = $2 where id = any($1::int[])', [oldIds, newId])
  // An id map of a corrected file still says which id a number has: ids are never given twice.
  await client.query(`update lake_file set superseded_at = now() where load_id = any($1::int[]) and kind = 'fact'`, [
    oldIds,
  ])
}

/** Facts hold until the next one, so they reach further than their own days; no further than this. */
const carryDaysMax = 400
/** A rate is used until it is this old, or older where a policy says so. */
const rateAgeDays = 31
const carried = ['balance-changes', 'holdings', 'in-transit']

/** Marks published nights whose window the facts of a load touch; returns their days. */
export async function markStale(
  client: pg.PoolClient,
  load: { id: number; feed: string; firstDay: Day; lastDay: Day },
): Promise<string[]> {
  const nights = await client.query<{ id: number; day: Day; source: string }>(
    `select n.id, n.day, p.source from night n join policy p on p.id = n.policy_id
     where n.status = 'published' and n.day >= $1 and n.day <= $2::date + ${carryDaysMax} order by n.day`,
    [load.firstDay, load.lastDay],
  )
  const windows = new Map<string, number>()
  const stale = nights.rows.filter((night) => {
    const days = windows.get(night.source) ?? windowDays(night.source)
    windows.set(night.source, days)
    const reach = carried.includes(load.feed) ? carryDaysMax : days + (load.feed === 'exchange-rates' ? rateAgeDays : 0)
    return load.lastDay > addDays(night.day, -reach)
  })
  if (stale.length === 0) return []
  await client.query(
    'update night set stale_since = coalesce(stale_since, now()), stale_load_id = $2 where id = any($1::int[])',
    [stale.map((night) => night.id), load.id],
  )
  return stale.map((night) => night.day)
}

function windowDays(source: string): number {
  const { window } = parsePolicy(source)
  return window.kind === 'trailing' ? window.days : window.kind === 'calendarMonth' ? 31 : 92
}

/** One event for whoever watches; inserting it notifies them. */
export async function loadEvent(client: pg.PoolClient | pg.Pool, payload: Record<string, unknown>): Promise<void> {
  await client.query(`insert into event (topic, payload) values ('load', $1)`, [JSON.stringify(payload)])
}
