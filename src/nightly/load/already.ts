/** Loading is idempotent by content: a file that is loaded is known again by its SHA-256. */
import type { FileAccount } from './account.ts'
import { loadEvent } from './commit.ts'
import type { FileToLoad } from './load.ts'
import type { Session } from './session.ts'

/** Whether a file of that feed and size is loaded, so that its content has to be known before any work is done. */
export async function mayBeLoaded(session: Session, file: FileToLoad, bytes: number): Promise<boolean> {
  const found = await session.client.query(
    `select from load where feed = $1 and bytes = $2 and status = 'loaded' and superseded_by_id is null limit 1`,
    [file.feed.name, bytes],
  )
  return found.rowCount === 1
}

/** Whether the file's content is loaded already: then the account says what became of its rows, and an event tells it. */
export async function isAlreadyLoaded(session: Session, file: FileToLoad, account: FileAccount): Promise<boolean> {
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
