/**
 * A load session: one connection that holds the lock of loading (one load at a time, whoever asks), a folder for the
 * files in between, and the sweep of what a killed load left behind.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type pg from 'pg'
import { storedBaseCurrency } from '../../db/base-currency.ts'
import { freeLock, takeLock } from '../../db/lock.ts'
import type { Currency } from '../../kit/currency.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Workplace } from '../workplace.ts'
import { rehearse } from './transaction.ts'

export interface Session {
  workplace: Workplace
  /** Owner connection that holds the lock. */
  client: pg.PoolClient
  /** For files in between; removed at the end. */
  dir: string
  /** Who asked: 'login:17', 'key:3', 'strata'. */
  by: string
  /** Network address of whoever asked; null for the program itself. */
  address: string | null
  /** A dry run: everything happens in one transaction that is rolled back, and nothing is written to the lake. */
  rehearsal: boolean
  /** The installation's, or what this load makes it. */
  baseCurrency: Currency
  /** The latest event of progress on its way: none may come after the one that tells of the end. */
  told: Promise<unknown>
  /** Whether the transaction (in a rehearsal the savepoint) of a file is open. */
  inFile: boolean
}

export interface SessionOptions {
  by?: string | undefined
  address?: string | undefined
  dryRun?: boolean | undefined
}

/** Any number that nothing else here locks by. */
const lockSpace = 7_300_001

/** Folders of the lake that only loads write to. */
const ownFolders = ['facts', 'idmaps', 'raw'] as const

/** Runs `work` while nobody else loads; refuses `load_busy` when somebody does. */
export async function withSession<T>(
  workplace: Workplace,
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = await workplace.db.owner.connect()
  let dir: string | undefined
  try {
    if (!(await takeLock(client, lockSpace, 'load'))) refuse('load_busy')
    try {
      const rehearsal = options.dryRun === true
      if (!rehearsal) await sweep(workplace, client)
      dir = join(workplace.tempDir, `load-${process.pid}-${randomBytes(4).toString('hex')}`)
      mkdirSync(dir, { recursive: true, mode: 0o700 })
      const baseCurrency = (await storedBaseCurrency(client)) ?? workplace.config.baseCurrency
      const by = options.by ?? 'strata'
      const session: Session = {
        workplace,
        client,
        dir,
        by,
        address: options.address ?? null,
        rehearsal,
        baseCurrency,
        told: Promise.resolve(),
        inFile: false,
      }
      return rehearsal ? await rehearse(workplace, client, () => work(session)) : await work(session)
    } finally {
      await freeLock(client, lockSpace, 'load')
    }
  } finally {
    if (dir) rmSync(dir, { recursive: true, force: true })
    client.release()
  }
}

/**
 * Clears away what no committed load knows: Parquet files and sealed originals without a row go to lake/orphans, folders
 * of loads that were killed are deleted. Safe because the lock is held: nobody else is writing them.
 */
export async function sweep(workplace: Workplace, client: pg.PoolClient): Promise<string[]> {
  const removed: string[] = []
  for (const name of existsSync(workplace.tempDir) ? readdirSync(workplace.tempDir) : []) {
    if (!name.startsWith('load-')) continue
    rmSync(join(workplace.tempDir, name), { recursive: true, force: true })
    removed.push(name)
  }
  const here = ownFolders.flatMap((folder) => filesBelow(join(workplace.lakeDir, folder)))
  if (here.length === 0) return removed
  const known = await client.query<{ path: string }>(
    `select path from lake_file where kind in ('fact', 'idmap', 'raw')`,
  )
  const paths = new Set(known.rows.map((row) => row.path))
  for (const path of here) {
    const name = relative(workplace.lakeDir, path)
    if (paths.has(name)) continue
    // Kept aside, not deleted: after a restore of an older record these are facts that have to be loaded again.
    const aside = join(workplace.lakeDir, 'orphans', name)
    mkdirSync(dirname(aside), { recursive: true })
    renameSync(path, aside)
    removed.push(name)
  }
  return removed
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}
