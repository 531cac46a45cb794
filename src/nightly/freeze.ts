/**
 * Freezing: what a night may read is written down before it computes anything. The manifest names every lake file with
 * its SHA-256, the desk snapshot, the policy and the state before; a replay takes it as it stands.
 */

import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import type { LakeFile } from '../lake/facts.ts'
import { type SnapshotTable, snapshotTables, writeSnapshot } from '../lake/snapshot.ts'
import type { Workplace } from './workplace.ts'

export interface Manifest {
  day: Day
  scheme: string
  policySha256: string
  baseCurrency: string
  /** Live facts at the start: balance, rate, transaction. */
  files: { id: number; noun: string; path: string; sha256: string; firstDay: Day | null; lastDay: Day | null }[]
  snapshot: string
  /** The published night before, whose state goes on; null on the first night of a scheme. */
  stateBefore: { nightId: number; day: Day; path: string; sha256: string } | null
  isFirst: boolean
  /** Filled by compaction. */
  intervals?: { month: Day; path: string; sha256: string }[]
}

const nouns = ['balance', 'rate', 'transaction']

/** Facts in force now, oldest load first. */
export async function liveFacts(pool: pg.Pool | pg.PoolClient): Promise<LakeFile[]> {
  const found = await pool.query(
    `select id, kind, noun, path, sha256, rows, first_day as "firstDay", last_day as "lastDay", month
     from lake_file where kind = 'fact' and noun = any($1) and superseded_at is null order by id`,
    [nouns],
  )
  return found.rows as LakeFile[]
}

/** The facts of a manifest as lake files. */
export function manifestFacts(manifest: Pick<Manifest, 'files'>, noun: string): LakeFile[] {
  return manifest.files
    .filter((file) => file.noun === noun)
    .map((file) => ({ ...file, kind: 'fact', rows: 0n, month: null }))
}

/**
 * Facts and desk snapshot that fit each other. The facts are listed first: a load that is committed in between leaves
 * positions without facts, which count as nothing until the next night. The other way round its facts would be compacted
 * without their positions, and the months kept so.
 */
export async function inputsAtRest(workplace: Workplace): Promise<{ facts: LakeFile[]; snapshot: string }> {
  const facts = await liveFacts(workplace.db.owner)
  return { facts, snapshot: await deskSnapshot(workplace) }
}

/** Writes down what a night on `day` reads. Exports the desk snapshot unless nothing changed since the last one. */
export async function freeze(
  workplace: Workplace,
  what: { day: Day; scheme: string; policySha256: string; baseCurrency: string },
): Promise<Manifest> {
  const { facts, snapshot } = await inputsAtRest(workplace)
  const state = await stateBefore(workplace, what)
  return {
    ...what,
    files: facts.map(({ id, noun, path, sha256, firstDay, lastDay }) => ({
      id,
      noun,
      path,
      sha256,
      firstDay,
      lastDay,
    })),
    snapshot,
    stateBefore: state,
    isFirst: !state,
  }
}

/**
 * The state to go on from: that of the newest night before whose file is kept. Notices are counted at cut-offs, and of
 * those the month-ends are kept longest, so one that was pruned in between counts the same. Refuses `night_day_invalid`
 * when all before are gone.
 */
async function stateBefore(workplace: Workplace, what: { day: Day; scheme: string }): Promise<Manifest['stateBefore']> {
  const { rows } = await workplace.db.owner.query<NonNullable<Manifest['stateBefore']>>(
    `select n.id as "nightId", n.day, s.path, s.sha256 from night n
     cross join lateral jsonb_to_recordset(n.steps) as s(name text, path text, sha256 text)
     where n.scheme = $1 and n.status = 'published' and n.day < $2 and s.name = 'life'
     order by n.day desc, n.id desc`,
    [what.scheme, what.day],
  )
  const kept = rows.find(({ path }) => existsSync(join(workplace.lakeDir, path)))
  if (kept || rows.length === 0) return kept ?? null
  return refuse('night_day_invalid', {
    day: what.day,
    reason: 'the state of the nights before it is not kept any more',
    reasonZh: '此前跑批的状态已不再保留',
  })
}

/** The digest of the desk snapshot of now; its folder is lake/snapshots/<digest>. */
async function deskSnapshot(workplace: Workplace): Promise<string> {
  const client = await workplace.db.owner.connect()
  const csvFolder = mkdtempSync(join(workplace.tempDir, 'desk-'))
  try {
    await client.query('begin isolation level repeatable read read only')
    const settings = await client.query(
      `select name, value from setting where name in ('deskVersion', 'deskSnapshot', 'deskSnapshotVersion')`,
    )
    const value = new Map<string, string>(settings.rows.map((row) => [row.name, row.value]))
    const version = value.get('deskVersion') ?? '0'
    const known = value.get('deskSnapshot')
    if (known && value.get('deskSnapshotVersion') === version) {
      const folder = join(workplace.lakeDir, 'snapshots', known)
      if (existsSync(folder)) {
        touch(folder, workplace)
        return known
      }
    }
    for (const table of Object.keys(snapshotTables) as SnapshotTable[]) {
      const rows = client.query(copyTo(`copy (${snapshotTables[table].query}) to stdout (format csv)`))
      await pipeline(rows, createWriteStream(join(csvFolder, `${table}.csv`), { mode: 0o600 }))
    }
    await client.query('commit')
    mkdirSync(join(workplace.lakeDir, 'snapshots'), { recursive: true })
    const sha = await writeSnapshot(workplace.engine, workplace.lakeDir, csvFolder)
    touch(join(workplace.lakeDir, 'snapshots', sha), workplace)
    await client.query(
      `insert into setting (name, value) values ('deskSnapshot', $1), ('deskSnapshotVersion', $2)
       on conflict (name) do update set value = excluded.value`,
      [sha, version],
    )
    return sha
  } finally {
    await client.query('rollback').catch(() => undefined)
    client.release()
    rmSync(csvFolder, { recursive: true, force: true })
  }
}

/** So that pruning sees that it has just been asked for, before any manifest names it. */
function touch(folder: string, { clock }: Workplace): void {
  const now = clock.millis() / 1000
  utimesSync(folder, now, now)
}
