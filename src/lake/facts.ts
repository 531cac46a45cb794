/**
 * The files of the lake as values. Which of them exist is decided in PostgreSQL (`lake_file`); this folder gets them
 * handed in and turns them into the FROM clause of a query.
 */
import { join } from 'node:path'
import type { Day } from '../kit/day.ts'
import { fileList, literal } from './engine.ts'

/** One row of `lake_file`. `path` is relative to the lake's folder. */
export interface LakeFile {
  id: number
  kind: 'fact' | 'interval' | 'idmap' | 'raw'
  noun: string
  path: string
  sha256: string
  rows: bigint
  firstDay: Day | null
  lastDay: Day | null
  /** Of an interval file: the first day of its month. */
  month: Day | null
}

/** `read_parquet([...])` over the files, or an empty relation of the given columns when there are none. */
export function relation(lakeDir: string, files: readonly LakeFile[], emptyColumns: string): string {
  if (files.length === 0) return `(select ${emptyColumns} where false)`
  return `read_parquet(${fileList(files.map((file) => join(lakeDir, file.path)))})`
}

/**
 * The files with the order of their loads as column `ordinal`: where two speak of the same thing, the higher one
 * wins. Ids of lake_file rise with each load.
 */
export function relationWithOrdinal(lakeDir: string, files: readonly LakeFile[], emptyColumns: string): string {
  if (files.length === 0) return `(select ${emptyColumns}, 0 as ordinal where false)`
  const ordered = [...files].sort((a, b) => a.id - b.id)
  const parts = ordered.map(
    (file, i) => `select *, ${i + 1}::integer as ordinal from read_parquet(${literal(join(lakeDir, file.path))})`,
  )
  return `(${parts.join('\n union all ')})`
}

/**
 * How balance facts are written. Their columns are sorted numbers that seldom repeat: as differences (Parquet version
 * 2) they take a third of the time and less than half of the space that dictionaries take.
 */
export const balanceFormat = 'format parquet, compression zstd, parquet_version v2, dictionary_size_limit 1'

/** Columns of an empty relation, for `relation`. */
export const emptyFacts = {
  balance:
    'null::utinyint as bucket, null::bigint as position_id, null::bigint as account_id, null::date as day, null::bigint as value, null::boolean as gap',
  rate: 'null::varchar as currency, null::date as day, null::bigint as rate',
  transaction:
    'null::bigint as account_id, null::date as day, null::bigint as amount, null::varchar as currency, null::varchar as kind',
  interval:
    'null::utinyint as bucket, null::bigint as position_id, null::bigint as account_id, null::varchar as currency, null::date as from_day, null::date as to_day, null::bigint as value, null::boolean as gap, null::bigint as days, null::bigint as debt',
} as const

/** The days the files cover, from their manifest rows; undefined when there are none. */
export function coveredDays(files: readonly LakeFile[]): { first: Day; last: Day } | undefined {
  let first: Day | undefined
  let last: Day | undefined
  for (const file of files) {
    if (file.firstDay && (!first || file.firstDay < first)) first = file.firstDay
    if (file.lastDay && (!last || file.lastDay > last)) last = file.lastDay
  }
  return first && last ? { first, last } : undefined
}

/** Whether two of the files may speak of the same day; only then does "newest load wins" need work. */
export function daysOverlap(files: readonly LakeFile[]): boolean {
  const ranges = files.map((file) => [file.firstDay ?? '', file.lastDay ?? ''] as const).sort()
  let last = ''
  for (const [from, to] of ranges) {
    if (from === '' || from <= last) return true
    if (to > last) last = to
  }
  return false
}
