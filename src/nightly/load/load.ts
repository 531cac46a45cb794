/**
 * Loading one file: read, checked, its rows given ids, merged into the record or written to the lake, and committed
 * at one point, the transaction that inserts its `load` row. Before it nothing exists; a kill at any moment leaves at
 * most files that the next load sweeps away.
 */

import { mkdtemp, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { holdGenerations } from '../../access/key-store.ts'
import { newFileKey } from '../../access/seal.ts'
import type { Traces } from '../../acts/quarantine-traces.ts'
import type { Feed } from '../../feeds/feed.ts'
import { assert, present } from '../../kit/assert.ts'
import { Refused, refuse } from '../../kit/refusal.ts'
import { areTooMany, commonest, shownShare } from '../../lake/bad-rows.ts'
import { type Content, contentOf, hashOf } from '../../lake/bytes.ts'
import { type CheckedFile, checkFile } from '../../lake/check.ts'
import type { ControlResult } from '../../lake/control.ts'
import { type Engine, literal } from '../../lake/engine.ts'
import type { FormatWish } from '../../lake/format.ts'
import type { QuarantineRow } from '../../lake/quarantine.ts'
import { type FileAccount, type QuarantineSample, quarantineSampleMax } from './account.ts'
import { isAlreadyLoaded, mayBeLoaded } from './already.ts'
import { insertLoadKey } from './commit.ts'
import { corrected, earlierLoads } from './corrects.ts'
import { erasedRule, erasedTraces, rejectErased, withoutErased } from './erased.ts'
import {
  extendKnown,
  forgetCopies,
  forgetKnown,
  type MappedNoun,
  nounsOf,
  referenceMaps,
  refreshKnown,
} from './known.ts'
import { type Brought, writeFacts } from './lake-feeds.ts'
import { markMended } from './mended.ts'
import { bumpDesk, type Merge, type Rejection } from './merge.ts'
import { sealOriginal } from './original.ts'
import { progressOf, recordRefusal, secondsSince } from './progress.ts'
import { recordMerges } from './record-feeds.ts'
import { rejectedRows } from './rejected.ts'
import { birthContradictions, fileScores, insertScores, type Score, timeliness, unitScores } from './scores.ts'
import type { Session } from './session.ts'
import { beginFile, commitFile, undoFile } from './transaction.ts'
import { place, writeLoad } from './write-load.ts'

export interface FileToLoad {
  path: string
  feed: Feed
  /** The name that people know it by, without folders; default the path's own. */
  logicalName?: string | undefined
  /** The mapping that made it out of the bank's own files, for the record. */
  mapping?: { name: string; sha256: string; control?: ControlResult | undefined } | undefined
  format?: FormatWish | undefined
  controlPath?: string | undefined
  badRowLimit?: number | undefined
}

/** Loads one file within a session. A refusal of the file is in the account; any other error is thrown. */
export async function loadOne(session: Session, file: FileToLoad): Promise<FileAccount> {
  const { workplace } = session
  const began = performance.now()
  const name = file.logicalName ?? basename(file.path)
  const { size } = await stat(file.path)
  const account: FileAccount = {
    feed: file.feed.name,
    file: name,
    sha256: '',
    bytes: size,
    status: 'refused',
    read: 0n,
    accepted: 0n,
    quarantined: 0n,
    quarantine: [],
    unknownColumns: [],
    mended: 0,
    gaps: 0n,
    staleNights: [],
    seconds: 0,
  }
  const dir = await mkdtemp(join(session.dir, 'file-'))
  try {
    const known = await mayBeLoaded(session, file, size)
    if (known) account.sha256 = await hashOf(file.path)
    if (!known || !(await isAlreadyLoaded(session, file, account))) await take(session, file, account, { dir, began })
  } catch (error) {
    // A connection or an engine that is gone has nothing to undo, and must not hide why it is gone.
    await undoFile(session).catch(() => undefined)
    await forgetKnown(workplace).catch(() => undefined)
    if (!(error instanceof Refused)) throw error
    account.sha256 ||= await hashOf(file.path)
    await recordRefusal(session, file, account, { refused: error, began })
  } finally {
    await rm(dir, { recursive: true, force: true })
    await dropRows(workplace.engine).catch(() => undefined)
  }
  account.seconds = secondsSince(began)
  return account
}

// The engine lives on, with a night or the desk's questions: what a file held in the clear does not stay in it.
async function dropRows(engine: Engine): Promise<void> {
  const tables = await engine.rows<{ name: string }>(
    `select table_name as name from duckdb_tables() where temporary and starts_with(table_name, 'load_')`,
  )
  if (tables.length > 0) await engine.exec(tables.map(({ name }) => `drop table if exists ${name}`).join('; '))
}

async function take(
  session: Session,
  file: FileToLoad,
  account: FileAccount,
  { dir, began }: { dir: string; began: number },
): Promise<void> {
  const { workplace, client } = session
  const progress = progressOf(session, account)
  progress('check')
  await refreshKnown(workplace, client, nounsOf(file.feed))
  const original = { path: join(dir, 'original.sealed'), ...newFileKey(workplace.keys) }
  const content = session.rehearsal
    ? contentOf(file.path)
    : sealOriginal(original.key, file.path, original.path, (bytes) => progress('check', bytes, account.bytes))
  const [checked, { sha256 }] = await bothEnded(check(session, file, { name: account.file, dir, content }), content)
  assert(checked.sha256 === sha256, `${account.file} did not change while it was read`)
  assert(account.sha256 === '' || sha256 === account.sha256, `${account.file} did not change while it was read`)
  account.sha256 = sha256
  describe(account, checked)
  account.control = file.mapping?.control ?? checked.control
  await beginFile(session)
  await holdGenerations(client, workplace.keys)
  const merge = await openMerge(session, { file, account, checked, dir, progress })
  const traces = await erasedTraces(client)
  const brought = await bring(session, merge, checked, traces)
  const rejected = await rejectedRows(merge, checked, file)
  settle(account, checked, rejected.rows, file.badRowLimit)
  account.loadId = merge.loadId
  account.gaps = brought?.gaps ?? 0n
  if (merge.supersedes[0]) account.supersedesId = merge.supersedes[0].id
  progress('commit')
  const placed = await place(session, merge, original.path)
  const kept = [...checked.quarantine, ...rejected.rows]
  const quarantine = withoutErased(kept, checked.format.header, workplace.keys, traces)
  account.quarantine = sample(quarantine)
  await writeLoad(session, { file, account, checked, merge, placed, quarantine, began, brought })
  if (!session.rehearsal) await insertLoadKey(client, merge.loadId, original.sealed)
  await insertScores(
    client,
    { id: merge.loadId, feed: file.feed.name, day: account.lastDay ?? merge.today },
    await scoresOf(
      merge,
      checked,
      rejected.rejections.filter(({ rule }) => rule !== erasedRule),
      brought,
    ),
  )
  account.mended = await markMended(merge, file, checked)
  await session.told
  await commitFile(session)
  for (const each of merge.files) {
    if (each.kind === 'idmap')
      await extendKnown(workplace, client, each.noun as MappedNoun, join(workplace.lakeDir, each.path))
  }
  account.status = session.rehearsal ? 'planned' : 'loaded'
  if (session.rehearsal) delete account.loadId
  else workplace.config.baseCurrency = session.baseCurrency
}

// The load's folder is removed when the file is refused: by then nobody may still be writing there.
async function bothEnded<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return Promise.all([first, second])
}

interface Checking {
  name: string
  dir: string
  content: Promise<Content>
}

function check(session: Session, file: FileToLoad, { name, dir, content }: Checking): Promise<CheckedFile> {
  const { engine, clock, keys } = session.workplace
  return checkFile(engine, {
    feed: file.feed,
    path: file.path,
    logicalName: name,
    outDir: dir,
    baseCurrency: session.baseCurrency,
    today: clock.today(),
    references: referenceMaps(file.feed),
    accountSecret: keys.accountSecret,
    content,
    asFacts: true,
    ...(file.badRowLimit === undefined ? {} : { badRowLimit: file.badRowLimit }),
    ...(file.format === undefined ? {} : { format: file.format }),
    ...(file.controlPath === undefined ? {} : { controlPath: file.controlPath }),
  })
}

interface Opening {
  file: FileToLoad
  account: FileAccount
  checked: CheckedFile
  dir: string
  progress: Merge['progress']
}

async function openMerge(session: Session, { file, account, checked, dir, progress }: Opening): Promise<Merge> {
  const { workplace, client } = session
  const { engine } = workplace
  const id = await client.query<{ id: bigint }>(`select nextval(pg_get_serial_sequence('load', 'id')) as id`)
  const { firstDay, lastDay } = checked
  const earlier = await earlierLoads(client, file.feed.name, account.file)
  await engine.exec(`create or replace temp table load_rejected (line bigint, column_name varchar, rule varchar,
    expected_zh varchar, expected_en varchar, advice_zh varchar, advice_en varchar)`)
  const rows = checked.acceptedPath ? `read_parquet(${literal(checked.acceptedPath)})` : undefined
  return {
    workplace,
    engine,
    client,
    dir,
    feed: file.feed,
    loadId: Number(id.rows[0]!.id),
    supersedes: corrected(file.feed, { name: account.file, firstDay, lastDay }, earlier),
    today: workplace.clock.today(),
    accepted: rows ? `(select * from ${rows} where line not in (select line from load_rejected))` : '',
    files: [],
    progress,
  }
}

async function bring(
  session: Session,
  merge: Merge,
  checked: CheckedFile,
  traces: Traces | undefined,
): Promise<Brought | undefined> {
  if (!checked.acceptedPath) return undefined
  if (merge.feed.home === 'lake') {
    const first = present(checked.firstDay, 'the first day of a lake feed')
    const accepted = { path: checked.acceptedPath, areFacts: checked.areFacts ?? false }
    return writeFacts(merge, accepted, { first, last: present(checked.lastDay, 'its last day') })
  }
  const mergeRecord = present(recordMerges[merge.feed.name], `a merge of the feed ${merge.feed.name}`)
  merge.progress('merge')
  await rejectErased(merge, traces)
  await mergeRecord(merge)
  // The number stays locked until the transaction ends, and a rehearsal is long: others must not wait for it.
  if (session.rehearsal) await forgetCopies(merge.workplace)
  else await bumpDesk(merge.client)
  return undefined
}

function describe(account: FileAccount, checked: CheckedFile): void {
  account.read = checked.read
  account.accepted = checked.accepted
  account.quarantined = checked.quarantined
  account.unknownColumns = checked.unknownColumns
  if (checked.firstDay) account.firstDay = checked.firstDay
  if (checked.lastDay) account.lastDay = checked.lastDay
}

function settle(account: FileAccount, checked: CheckedFile, rejected: readonly QuarantineRow[], limit = 0.01): void {
  const lines = new Set(rejected.map((row) => row.line))
  const erased = new Set(rejected.flatMap((row) => (row.rule === erasedRule ? [row.line] : [])))
  account.accepted -= BigInt(lines.size)
  account.quarantined += BigInt(lines.size)
  assert(account.read === account.accepted + account.quarantined, `every row of ${account.file} is accounted for`)
  // Whoever was erased says nothing about how good a file is.
  const bad = account.quarantined - BigInt(erased.size)
  if (lines.size > erased.size && areTooMany(bad, account.read, limit)) {
    refuse('too_many_bad_rows', {
      file: account.file,
      bad,
      read: account.read,
      limit: shownShare(limit),
      ...commonest([...checked.quarantine, ...rejected]),
    })
  }
}

async function scoresOf(
  merge: Merge,
  checked: CheckedFile,
  rejections: Rejection[],
  brought: Brought | undefined,
): Promise<Score[]> {
  const more = [
    checked.firstDay && checked.lastDay ? await timeliness(merge, checked.firstDay, checked.lastDay) : undefined,
    checked.acceptedPath ? await birthContradictions(merge) : undefined,
  ]
  const units = checked.acceptedPath ? await unitScores(merge) : []
  return [...fileScores(merge, checked, rejections, brought), ...more.filter((score) => score !== undefined), ...units]
}

function sample(rows: readonly QuarantineRow[]): QuarantineSample[] {
  return rows.slice(0, quarantineSampleMax).map((row) => ({
    line: row.line,
    column: row.column,
    rule: row.rule,
    value: row.value,
    expected: row.expectedEn,
    expectedZh: row.expectedZh,
    advice: row.adviceEn,
    adviceZh: row.adviceZh,
  }))
}
