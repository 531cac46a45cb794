/** The doors of loading: one file, or a folder of them in the order in which feeds refer to each other. */
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Feed } from '../../feeds/feed.ts'
import { feedNamed, feeds } from '../../feeds/index.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Workplace } from '../workplace.ts'
import type { FileAccount, FolderAccount } from './account.ts'
import { type FileToLoad, loadOne } from './load.ts'
import { type FilesToLoad, mappedFiles } from './mapped.ts'
import { withSession } from './session.ts'

export interface LoadFileRequest {
  path: string
  /** Name of the feed; default: what the file's name begins with. */
  feed?: string
  /** The name that people know the file by; a file of the same name with other content corrects it. */
  logicalName?: string
  badRowLimit?: number
  dryRun?: boolean
  /** Who asks and from where, for the audit: 'login:17'. Default 'strata'. */
  by?: string
  address?: string
}

/**
 * Loads one file of one feed. Returns the account of its rows; a refused file is an account with status 'refused'.
 * Refuses `feed_unknown`, and `load_busy` while another load is under way.
 */
export async function loadFile(workplace: Workplace, request: LoadFileRequest): Promise<FileAccount> {
  const name = request.logicalName ?? basename(request.path)
  const feed = request.feed === undefined ? feedOfFile(name) : feedNamed(request.feed)
  if (!feed) refuse('feed_unknown', { feed: request.feed ?? name })
  return withSession(workplace, request, (session) =>
    loadOne(session, {
      path: request.path,
      feed,
      logicalName: name,
      badRowLimit: request.badRowLimit,
    }),
  )
}

export interface LoadFolderOptions {
  mapping?: string
  dryRun?: boolean
  badRowLimit?: number
  by?: string
  /** Called after each file. */
  onFile?: (account: FileAccount) => void
}

/** Loads every file of a folder whose name begins with a feed's; others are reported as unnamed, never guessed. */
export async function loadFolder(
  workplace: Workplace,
  dir: string,
  options: LoadFolderOptions = {},
): Promise<FolderAccount> {
  return withSession(workplace, options, async (session) => {
    const { files, unnamed, notes, sourcesOf } = options.mapping
      ? await mappedFiles(session, dir, options.mapping)
      : filesOf(dir)
    const accounts: FileAccount[] = []
    for (const [i, file] of files.entries()) {
      workplace.report({ step: 'load', done: i, total: files.length, detail: basename(file.path) })
      const account = await loadOne(session, { ...file, badRowLimit: options.badRowLimit })
      accounts.push(account)
      options.onFile?.(account)
    }
    workplace.report({ step: 'load', done: files.length, total: files.length })
    return { ...totalOf(accounts, unnamed, notes), sources: sourcesOf(accounts) }
  })
}

/** The sum over a folder's files. */
export function totalOf(files: FileAccount[], unnamed: string[], notes: string[]): FolderAccount {
  const sum = (of: (account: FileAccount) => bigint) => files.reduce((total, account) => total + of(account), 0n)
  return {
    files,
    sources: [],
    unnamed,
    read: sum((account) => account.read),
    accepted: sum((account) => account.accepted),
    quarantined: sum((account) => account.quarantined),
    refused: files.filter((account) => account.status === 'refused').length,
    notes,
  }
}

/** The feed whose name a file's name begins with: 'balance-changes-2026-01.csv.gz' is one of balance-changes. */
export function feedOfFile(name: string): Feed | undefined {
  const fitting = feeds.filter((feed) => name.startsWith(feed.name) && /^([-_.]|$)/.test(name.slice(feed.name.length)))
  return fitting.sort((a, b) => b.name.length - a.name.length)[0]
}

/** Extensions of files that hold rows; a name without one of them is not read. */
const readable = /\.(csv|txt|parquet|xlsx)(\.gz|\.zst)?$/i

function filesOf(dir: string): FilesToLoad {
  const files: FileToLoad[] = []
  const unnamed: string[] = []
  for (const name of readdirSync(dir).sort()) {
    const path = join(dir, name)
    if (name.startsWith('.') || !statSync(path).isFile() || /\.ctl$/i.test(name)) continue
    const feed = readable.test(name) ? feedOfFile(name) : undefined
    if (feed) files.push({ path, feed })
    else unnamed.push(name)
  }
  const order = (feed: Feed) => feeds.indexOf(feed)
  files.sort((a, b) => order(a.feed) - order(b.feed) || (a.path < b.path ? -1 : 1))
  return { files, unnamed, notes: [], sourcesOf: () => [] }
}
