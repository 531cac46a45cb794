/**
 * The transaction of one file. In a rehearsal (a dry run) all files share one transaction that is rolled back at the
 * end, so that a file sees what the earlier ones would bring; each is then a savepoint in it.
 */
import { join, relative } from 'node:path'
import type pg from 'pg'
import type { Workplace } from '../workplace.ts'
import { forgetKnown } from './known.ts'
import type { NewFile } from './merge.ts'
import type { Session } from './session.ts'

// A file takes as long as it takes.
const patience = 'set local idle_in_transaction_session_timeout = 0; set local statement_timeout = 0'

export async function beginFile(session: Session): Promise<void> {
  await session.client.query(session.rehearsal ? 'savepoint file' : 'begin')
  if (!session.rehearsal) {
    await session.client.query(patience)
    // Nobody is erased while a file that may speak of them is on its way; they wait for its end, and it for theirs.
    await session.client.query('lock table erasure in share mode')
  }
  session.inFile = true
}

/** In a rehearsal nothing is committed, but what a commit would drop is dropped. */
export async function commitFile(session: Session): Promise<void> {
  await session.client.query(session.rehearsal ? 'release savepoint file; discard temp' : 'commit')
  session.inFile = false
}

/** Undoes the file that is under way, if one is. */
export async function undoFile(session: Session): Promise<void> {
  if (!session.inFile) return
  session.inFile = false
  await session.client.query(session.rehearsal ? 'rollback to savepoint file' : 'rollback')
}

/** Runs `work` in a transaction that is rolled back; what the engine has learnt of it is forgotten. */
export async function rehearse<T>(workplace: Workplace, client: pg.PoolClient, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  try {
    await client.query(patience)
    return await work()
  } finally {
    await client.query('rollback').catch(() => undefined)
    await forgetKnown(workplace).catch(() => undefined)
  }
}

/** Files of a rehearsal go to the session's own folder, never to the lake; their rows say so. */
export function keepOutOfLake(session: Session, files: NewFile[]): void {
  const { lakeDir } = session.workplace
  for (const file of files) file.path = relative(lakeDir, join(session.dir, 'lake', file.path))
}
