/** What a record feed's merge works with, and the pieces they share. */
import type pg from 'pg'
import type { Feed } from '../../feeds/feed.ts'
import { type Engine, literal } from '../../lake/engine.ts'
import type { Workplace } from '../workplace.ts'
import type { EarlierLoad } from './corrects.ts'
import type { Staging } from './stage.ts'

/** A row that passed every check of its columns and fails one that looks at several rows. */
export interface Rejection {
  line: bigint
  column: string
  rule: string
  expectedZh: string
  expectedEn: string
  adviceZh: string
  adviceEn: string
}

/** A Parquet file written under a temporary name; it exists once its row is committed. */
export interface NewFile {
  kind: 'fact' | 'idmap'
  noun: string
  /** Absolute, temporary. */
  temporaryPath: string
  /** Relative to the lake. */
  path: string
  rows: bigint
  firstDay: string | undefined
  lastDay: string | undefined
}

export interface Merge extends Staging {
  workplace: Workplace
  engine: Engine
  client: pg.PoolClient
  dir: string
  feed: Feed
  loadId: number
  /** The loads that this one corrects, newest first. */
  supersedes: readonly EarlierLoad[]
  /** Today in the bank's zone: from when a change holds that names no day. */
  today: string
  /** Relation of the accepted rows, without those rejected by `reject`. */
  accepted: string
  files: NewFile[]
  /** Says what part is under way. */
  progress(step: string, done?: number, total?: number): void
}

/**
 * `count` ids of an identity column, in one run: the first of them. The sequence is moved on at once, under a lock that
 * ends before this returns: drawing a million numbers one by one takes seconds. Ids that a load does not use are lost.
 */
export async function reserveIds(
  { workplace }: Pick<Merge, 'workplace'>,
  table: 'unit' | 'party' | 'account' | 'position',
  count: bigint,
): Promise<bigint> {
  if (count === 0n) return 0n
  const sequence = `${table}_id_seq`
  const client = await workplace.db.owner.connect()
  try {
    // Only ALTER locks a sequence; it changes nothing.
    await client.query(`begin; alter sequence ${sequence} increment by 1`)
    const moved = await client.query<{ last: bigint }>(
      `select setval($1, last_value + $2::bigint - case when is_called then 0 else 1 end) as last from ${sequence}`,
      [sequence, String(count)],
    )
    await client.query('commit')
    return moved.rows[0]!.last - count + 1n
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

/** One number out of the engine. */
export async function countOf(engine: Engine, query: string): Promise<bigint> {
  const rows = await engine.rows<{ n: bigint }>(`select (${query})::bigint as n`)
  return rows[0]?.n ?? 0n
}

/** Keeps rows out after all: they are no longer in `accepted`. */
export async function reject(engine: Engine, rejections: readonly Rejection[]): Promise<void> {
  for (let i = 0; i < rejections.length; i += 1000) {
    const values = rejections.slice(i, i + 1000).map((r) => {
      const texts = [r.column, r.rule, r.expectedZh, r.expectedEn, r.adviceZh, r.adviceEn].map(literal)
      return `(${r.line}, ${texts.join(', ')})`
    })
    await engine.exec(`insert into load_rejected values ${values.join(', ')}`)
  }
}

/** The same for the lines that a query of the engine finds; `detail` supplies rule and wording. */
export async function rejectWhere(engine: Engine, lines: string, detail: Omit<Rejection, 'line'>): Promise<bigint> {
  const texts = [detail.column, detail.rule, detail.expectedZh, detail.expectedEn, detail.adviceZh, detail.adviceEn]
  const found = await countOf(engine, `select count(*) from (${lines})`)
  if (found > 0n)
    await engine.exec(`insert into load_rejected select line, ${texts.map(literal).join(', ')} from (${lines})`)
  return found
}

/** Says that the desk's tables changed: the next night takes a new snapshot of them. */
export async function bumpDesk(client: pg.PoolClient): Promise<void> {
  await client.query(`update setting set value = (value::bigint + 1)::text where name = 'deskVersion'`)
}
