/**
 * Loading one file: hashed, checked, its rows given ids, merged into the record or written to the lake, and committed
 * at one point, the transaction that inserts its `load` row. Before it nothing exists; a kill at any moment leaves at
 * most files that the next load sweeps away.
 */

import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { auditAsOwner } from '../../access/audit.ts'
import { tierChangeDigest } from '../../access/audit-tiers.ts'
import type { Feed } from '../../feeds/feed.ts'
import { assert, present } from '../../kit/assert.ts'
import type { Day } from '../../kit/day.ts'
import { Refused, refuse } from '../../kit/refusal.ts'
import { areTooMany, commonest, shownShare } from '../../lake/bad-rows.ts'
import { hashOf } from '../../lake/bytes.ts'
import { type CheckedFile, checkFile } from '../../lake/check.ts'
import type { ControlResult } from '../../lake/control.ts'
import { type Engine, literal } from '../../lake/engine.ts'
import type { FormatWish } from '../../lake/format.ts'
import type { QuarantineRow } from '../../lake/quarantine.ts'
import { type FileAccount, logicalNameOf, type QuarantineSample, quarantineSampleMax } from './account.ts'
import { settleCurrency } from './base-currency.ts'
import {
  insertLakeFiles,
  insertQuarantine,
  loadEvent,
  markStale,
  type PlacedFile,
  placeAt,
  placeFile,
  supersede,
} from './commit.ts'
import { corrected, earlierLoads } from './corrects.ts'
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
import { beginFile, commitFile, keepOutOfLake, undoFile } from './transaction.ts'

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
  const began = workplace.clock.millis()
  const name = file.logicalName ?? basename(file.path)
  const { size } = await stat(file.path)
  const account: FileAccount = {
    feed: file.feed.name,
    file: name,
    sha256: await hashOf(file.path),
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
    if (!(await isAlreadyLoaded(session, file, account))) await take(session, file, account, { dir, began })
  } catch (error) {
    // A connection or an engine that is gone has nothing to undo, and must not hide why it is gone.
    await undoFile(session).catch(() => undefined)
    await forgetKnown(workplace).catch(() => undefined)
    if (!(error instanceof Refused)) throw error
    await recordRefusal(session, file, account, { refused: error, began })
  } finally {
    await rm(dir, { recursive: true, force: true })
    await dropRows(workplace.engine).catch(() => undefined)
  }
  account.seconds = secondsSince(workplace, began)
  return account
}

// The engine lives on, with a night or the desk's questions: what a file held in the clear does not stay in it.
async function dropRows(engine: Engine): Promise<void> {
  const tables = await engine.rows<{ name: string }>(
    `select table_name as name from duckdb_tables() where temporary and starts_with(table_name, 'load_')`,
  )
  if (tables.length > 0) await engine.exec(tables.map(({ name }) => `drop table if exists ${name}`).join('; '))
}

async function isAlreadyLoaded(session: Session, file: FileToLoad, account: FileAccount): Promise<boolean> {
  const found = await session.client.query<{
    id: number
    rows_read: bigint
    rows_accepted: bigint
    rows_quarantined: bigint
    first_day: string | null
    last_day: string | null
  }>(
    `select id, rows_read, rows_accepted, rows_quarantined, first_day, last_day from load
     where feed = $1 and sha256 = $2 and mapping_sha256 = $3 and status = 'loaded' and superseded_by_id is null`,
    [file.feed.name, account.sha256, file.mapping?.sha256 ?? ''],
  )
  const row = found.rows[0]
  if (!row) return false
  account.status = 'already'
  account.loadId = row.id
  account.read = row.rows_read
  account.accepted = row.rows_accepted
  account.quarantined = row.rows_quarantined
  if (row.first_day) account.firstDay = row.first_day
  if (row.last_day) account.lastDay = row.last_day
  await loadEvent(session.client, { state: 'alreadyLoaded', feed: account.feed, file: account.file, loadId: row.id })
  return true
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
  const sealedPath = join(dir, 'original.sealed')
  const [checked] = await Promise.all([
    check(session, file, account.file, dir),
    session.rehearsal ? undefined : sealOriginal(workplace.keys, file.path, sealedPath),
  ])
  assert(checked.sha256 === account.sha256, `${account.file} did not change while it was read`)
  describe(account, checked)
  account.control = file.mapping?.control ?? checked.control
  await beginFile(session)
  const merge = await openMerge(session, { file, account, checked, dir, progress })
  const brought = await bring(session, merge, checked)
  const rejected = await rejectedRows(merge, checked, file)
  settle(account, checked, rejected.rows, file.badRowLimit)
  account.loadId = merge.loadId
  account.gaps = brought?.gaps ?? 0n
  if (merge.supersedes[0]) account.supersedesId = merge.supersedes[0].id
  progress('commit')
  const placed = await place(session, merge, sealedPath)
  const quarantine = [...checked.quarantine, ...rejected.rows]
  account.quarantine = sample(quarantine)
  await writeLoad(session, { file, account, checked, merge, placed, quarantine, began, brought })
  await insertScores(
    client,
    { id: merge.loadId, feed: file.feed.name, day: account.lastDay ?? merge.today },
    await scoresOf(merge, checked, rejected.rejections, brought),
  )
  account.mended = await markMended(merge, file, checked)
  await commitFile(session)
  for (const each of merge.files) {
    if (each.kind === 'idmap')
      await extendKnown(workplace, client, each.noun as MappedNoun, join(workplace.lakeDir, each.path))
  }
  account.status = session.rehearsal ? 'planned' : 'loaded'
  if (session.rehearsal) delete account.loadId
  else workplace.config.baseCurrency = session.baseCurrency
}

function check(session: Session, file: FileToLoad, name: string, dir: string): Promise<CheckedFile> {
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

async function bring(session: Session, merge: Merge, checked: CheckedFile): Promise<Brought | undefined> {
  if (!checked.acceptedPath) return undefined
  if (merge.feed.home === 'lake') {
    const first = present(checked.firstDay, 'the first day of a lake feed')
    return writeFacts(merge, checked.acceptedPath, { first, last: present(checked.lastDay, 'its last day') })
  }
  const mergeRecord = present(recordMerges[merge.feed.name], `a merge of the feed ${merge.feed.name}`)
  merge.progress('merge')
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
  account.accepted -= BigInt(lines.size)
  account.quarantined += BigInt(lines.size)
  assert(account.read === account.accepted + account.quarantined, `every row of ${account.file} is accounted for`)
  if (lines.size > 0 && areTooMany(account.quarantined, account.read, limit)) {
    refuse('too_many_bad_rows', {
      file: account.file,
      bad: account.quarantined,
      read: account.read,
      limit: shownShare(limit),
      ...commonest([...checked.quarantine, ...rejected]),
    })
  }
}

async function place(session: Session, merge: Merge, sealedPath: string): Promise<PlacedFile[]> {
  const { workplace, loadId, feed } = merge
  const placed: PlacedFile[] = []
  if (session.rehearsal) keepOutOfLake(session, merge.files)
  for (const file of merge.files) placed.push({ ...file, ...(await placeFile(workplace, file)) })
  if (session.rehearsal) return placed
  const path = `raw/${feed.name}/${loadId}.sealed`
  const sha256 = await hashOf(sealedPath)
  const { size } = await stat(sealedPath)
  await mkdir(join(workplace.lakeDir, 'raw', feed.name), { recursive: true })
  await placeAt(sealedPath, join(workplace.lakeDir, path))
  placed.push({
    kind: 'raw',
    noun: feed.name,
    path,
    sha256,
    rows: 0n,
    bytes: size,
    firstDay: undefined,
    lastDay: undefined,
  })
  return placed
}

/** Feeds whose facts a night's measures are made of. */
const measured = ['exchange-rates', 'balances', 'balance-changes', 'holdings', 'in-transit', 'transactions']

interface Writing {
  file: FileToLoad
  account: FileAccount
  checked: CheckedFile
  merge: Merge
  placed: PlacedFile[]
  quarantine: QuarantineRow[]
  began: number
  brought: Brought | undefined
}

async function writeLoad(session: Session, writing: Writing): Promise<void> {
  const { account, checked, merge, placed, quarantine } = writing
  const { workplace, client, by, address } = session
  const { loadId } = merge
  const supersedes = merge.supersedes.map((load) => load.id)
  // The old loads step back first: two live loads of one content cannot stand side by side.
  if (supersedes.length > 0)
    await client.query('update load set superseded_by_id = id where id = any($1::int[])', [supersedes])
  await settleCurrency(session)
  await insertLoad(session, writing)
  if (supersedes.length > 0) await supersede(client, supersedes, loadId)
  await insertLakeFiles(client, loadId, placed)
  await insertQuarantine(workplace, client, loadId, quarantine)
  const { feed, file, sha256 } = account
  const touched = daysTouched(checked, merge)
  if (measured.includes(feed) && touched)
    account.staleNights = await markStale(client, { id: loadId, feed, ...touched })
  const counts = {
    rowsRead: Number(account.read),
    rowsAccepted: Number(account.accepted),
    rowsQuarantined: Number(account.quarantined),
  }
  const tierChanges = feed === 'tiers' ? await tierChangeDigest(client, { load: loadId }) : {}
  const after = { feed, file, sha256, ...counts, supersedes: supersedes.length > 0 ? supersedes : null, ...tierChanges }
  await auditAsOwner(client, workplace.keys, {
    who: by,
    action: 'load',
    noun: 'load',
    nounId: String(loadId),
    after,
    address,
  })
  await loadEvent(client, { state: 'loaded', feed, file, loadId, ...counts })
}

/** The days that it says something about, and those that only the corrected files spoke of. */
function daysTouched(checked: CheckedFile, merge: Merge): { firstDay: Day; lastDay: Day } | undefined {
  const days = [checked, ...merge.supersedes].flatMap(({ firstDay, lastDay }) => [firstDay, lastDay])
  const known = days.filter((each) => each !== undefined && each !== null).sort()
  const [firstDay, lastDay] = [known[0], known.at(-1)]
  return firstDay && lastDay ? { firstDay, lastDay } : undefined
}

async function insertLoad(session: Session, writing: Writing): Promise<void> {
  const { file, account, checked, merge, began, brought } = writing
  const { workplace, client, by } = session
  await client.query(
    `insert into load (id, feed, file, logical_name, sha256, bytes, format, mapping, mapping_sha256, status, rows_read, rows_accepted,
       rows_quarantined, first_day, last_day, control, supersedes_id, started_at, recorded_at, loaded_by, covers, header)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'loaded', $10, $11, $12, $13, $14, $15, $16,
       clock_timestamp() - make_interval(secs => $17), clock_timestamp(), $18, $19, $20)`,
    [
      merge.loadId,
      account.feed,
      account.file,
      logicalNameOf(account.file),
      account.sha256,
      account.bytes,
      formatName(checked),
      file.mapping?.name ?? null,
      file.mapping?.sha256 ?? '',
      String(account.read),
      String(account.accepted),
      String(account.quarantined),
      account.firstDay ?? null,
      account.lastDay ?? null,
      JSON.stringify(account.control),
      merge.supersedes[0]?.id ?? null,
      secondsSince(workplace, began),
      by,
      brought?.covers ?? [],
      checked.format.header,
    ],
  )
}

function formatName(checked: CheckedFile): string {
  const { container, compression, encoding } = checked.format
  return [container, container === 'csv' ? encoding : '', compression === 'none' ? '' : compression]
    .filter(Boolean)
    .join(' ')
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
