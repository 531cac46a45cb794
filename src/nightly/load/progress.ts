/** What is said of a load while it runs, and what stays of one that was refused. */
import type pg from 'pg'
import { auditAsOwner } from '../../access/audit.ts'
import { type Refused, refusalText } from '../../kit/refusal.ts'
import { type FileAccount, logicalNameOf } from './account.ts'
import { loadEvent } from './commit.ts'
import type { FileToLoad } from './load.ts'
import type { Merge } from './merge.ts'
import type { Session } from './session.ts'

/** Events of progress at most this often: they are rows, and people only watch. */
const eventEveryMillis = 500

/**
 * The progress of one file: to the workplace's own report, and now and then as an event, through another connection
 * than the load's, which is inside a transaction that nobody sees yet.
 */
export function progressOf(session: Session, account: FileAccount): Merge['progress'] {
  const { workplace } = session
  let last = Number.NEGATIVE_INFINITY
  return (step, done, total) => {
    const counts = { ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) }
    workplace.report({ step, detail: account.file, ...counts })
    const now = workplace.clock.millis()
    if (session.rehearsal || now - last < eventEveryMillis) return
    last = now
    const payload = { state: 'running', feed: account.feed, file: account.file, step, ...counts }
    session.told = session.told.then(() => loadEvent(workplace.db.owner as pg.Pool, payload)).catch(() => undefined)
  }
}

/** Seconds since `began`, a reading of performance.now(): a duration, which no setting of the clock changes. */
export function secondsSince(began: number): number {
  return (performance.now() - began) / 1000
}

/** Keeps a refused file as a load row of its own, with the reason in both languages. */
export async function recordRefusal(
  session: Session,
  file: FileToLoad,
  account: FileAccount,
  { refused, began }: { refused: Refused; began: number },
): Promise<void> {
  const { client, workplace, by, address } = session
  const { code, params } = refused
  const texts = { zh: refusalText(code, params, 'zh'), en: refusalText(code, params, 'en') }
  account.status = 'refused'
  account.refusal = { code, params, ...texts }
  delete account.loadId
  if (session.rehearsal) return
  await session.told
  await client.query('begin')
  try {
    const plain = JSON.stringify({ code, params, ...texts }, (_key, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    )
    const inserted = await client.query<{ id: number }>(
      `insert into load (feed, file, logical_name, sha256, bytes, format, mapping, mapping_sha256, status, refusal, started_at, recorded_at, loaded_by)
       values ($1, $2, $3, $4, $5, '', $6, $7, 'refused', $8,
         clock_timestamp() - make_interval(secs => $9), clock_timestamp(), $10) returning id`,
      [
        account.feed,
        account.file,
        logicalNameOf(account.file),
        account.sha256,
        account.bytes,
        file.mapping?.name ?? null,
        file.mapping?.sha256 ?? '',
        plain,
        secondsSince(began),
        by,
      ],
    )
    account.loadId = inserted.rows[0]!.id
    await auditAsOwner(client, workplace.keys, {
      who: by,
      action: 'refuse',
      noun: 'load',
      nounId: String(account.loadId),
      after: { feed: account.feed, file: account.file, code },
      address,
    })
    await loadEvent(client, { state: 'refused', feed: account.feed, file: account.file, loadId: account.loadId })
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}
