/** The end of a load: its files put in their places, its row and everything that tells of it written. */

import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { auditAsOwner } from '../../access/audit.ts'
import { tierChangeDigest } from '../../access/audit-tiers.ts'
import type { Day } from '../../kit/day.ts'
import { hashOf } from '../../lake/bytes.ts'
import type { CheckedFile } from '../../lake/check.ts'
import type { QuarantineRow } from '../../lake/quarantine.ts'
import { type FileAccount, logicalNameOf } from './account.ts'
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
import type { Brought } from './lake-feeds.ts'
import type { FileToLoad } from './load.ts'
import type { Merge } from './merge.ts'
import { secondsSince } from './progress.ts'
import type { Session } from './session.ts'
import { keepOutOfLake } from './transaction.ts'

/** Moves the load's files and the sealed original to their places in the lake; in a rehearsal only names them. */
export async function place(session: Session, merge: Merge, sealedPath: string): Promise<PlacedFile[]> {
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

export interface Writing {
  file: FileToLoad
  account: FileAccount
  checked: CheckedFile
  merge: Merge
  placed: PlacedFile[]
  quarantine: QuarantineRow[]
  began: number
  brought: Brought | undefined
}

/** Inserts the load with all that hangs on it, inside the transaction whose commit makes it exist. */
export async function writeLoad(session: Session, writing: Writing): Promise<void> {
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
  const { client, by } = session
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
      secondsSince(began),
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
