/**
 * The rows kept out of a file, each with every rule it breaks. They are fetched from the original by line, written
 * to a small file of their own and run through the same SQL again, so that the many good rows carry no explanations.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, present } from '../kit/assert.ts'
import { refuse } from '../kit/refusal.ts'
import type { CheckRequest, ColumnStatistics } from './check.ts'
import { type CheckPlan, foundSql } from './check-sql.ts'
import { csvRecord, intermediate } from './csv.ts'
import { type Engine, literal } from './engine.ts'
import { maskValue, type QuarantineRow, quarantineRowsMax } from './quarantine.ts'
import { intermediateRelation, type RawFile, type RawRow } from './raw.ts'
import { type RowSetRuleName, rowSetRules } from './row-sets.ts'
import type { Rule, Words } from './rules.ts'

export const badRowLimitDefault = 0.01

interface BadRequest {
  plan: CheckPlan
  raw: RawFile
  /** SQL: the typed rows with `line` and `_ok`. */
  rows: string
  taken: readonly { line: bigint; rule: RowSetRuleName }[]
  outDir: string
  bad: bigint
}

export interface BadRows {
  quarantine: QuarantineRow[]
  /** Rules broken by rows kept out, those that only report included: what the statistics count. */
  broken: { line: bigint; rule: Rule }[]
}

/** Every row kept out with its reasons. */
export async function badRows(engine: Engine, request: BadRequest): Promise<BadRows> {
  const { raw, plan } = request
  const failed = request.bad === 0n ? [] : await failedLines(engine, request.rows)
  const setRule = new Map(request.taken.map((row) => [row.line, row.rule]))
  const lines = [...new Set([...failed, ...setRule.keys()])].sort((a, b) => (a < b ? -1 : 1))
  const found = await raw.rowsAt(lines)
  assert(found.length === lines.length, 'every bad row is found again')
  const broken = await brokenRules(engine, request, found)
  const byLine = new Map<bigint, Rule[]>()
  for (const { line, rule } of broken) byLine.set(line, [...(byLine.get(line) ?? []), rule])
  const quarantine: QuarantineRow[] = []
  for (const [i, row] of found.entries()) {
    const keepingOut = (byLine.get(row.line) ?? []).filter((rule) => rule.onFailure === 'quarantine')
    const set = setRule.get(present(lines[i], 'line'))
    assert(keepingOut.length > 0 !== Boolean(set), `line ${row.line} fails again as it did`)
    const reasons = set ? [rowSetRules[set]] : keepingOut
    for (const [k, reason] of reasons.entries()) quarantine.push(entry(plan, raw, row, k + 1, reason))
  }
  quarantine.push(...misshapenEntries(raw))
  if (raw.lineOfRow) renumber(quarantine)
  quarantine.sort((a, b) => (a.line === b.line ? a.ordinal - b.ordinal : a.line < b.line ? -1 : 1))
  return { quarantine, broken }
}

/**
 * Whether the bad rows of a file are above the limit, a share of the rows read (0 … 1): one bad row of a small file is
 * none too many unless it is the only one. 0 allows none, 1 allows all that can be described one by one.
 */
export function areTooMany(bad: bigint, read: bigint, limit: number): boolean {
  if (bad > BigInt(quarantineRowsMax)) return true
  if (bad === 0n || limit >= 1) return false
  // A share of 0.29 of 100 rows is 29 of them, though the product of the two is a little less.
  const allowed = Math.floor(Number(read) * limit + 1e-6)
  return bad === read || Number(bad) > (limit === 0 ? 0 : Math.max(1, allowed))
}

/** A share (0 … 1) as a person writes it: '1 %'. */
export function shownShare(share: number): string {
  return `${Number((share * 100).toPrecision(12))} %`
}

/** The limit of bad rows: refuses the file, naming the commonest reasons. */
export async function refuseTooMany(
  engine: Engine,
  from: {
    request: CheckRequest
    plan: CheckPlan
    raw: RawFile
    rows: string
    read: bigint
    quarantined: bigint
    taken: BadRequest['taken']
  },
): Promise<void> {
  const { request, plan, raw, read, quarantined } = from
  const limit = request.badRowLimit ?? badRowLimitDefault
  if (!areTooMany(quarantined, read, limit)) return
  const lines = await failedLines(engine, from.rows, 1000)
  const sample = await raw.rowsAt(lines)
  const broken = await brokenRules(engine, { plan, raw, outDir: request.outDir }, sample)
  const told = new Map(sample.map((row) => [row.line, raw.lineOfRow?.(row) ?? row.line]))
  const reasons = broken
    .filter(({ rule }) => rule.onFailure !== 'report')
    .map(({ line, rule: { column, expectedEn, expectedZh } }) => ({
      line: told.get(line) ?? line,
      column,
      expectedEn,
      expectedZh,
    }))
  const taken = from.taken.slice(0, 1000)
  const takenRows = await raw.rowsAt(taken.map((row) => row.line))
  for (const [i, row] of takenRows.entries())
    reasons.push({ line: row.line, ...rowSetRules[present(taken[i], 'row').rule] })
  for (const row of raw.misshapen.slice(0, 1000))
    reasons.push({ line: BigInt(row.line), column: '', ...misshapenWords(raw)[row.rule] })
  const shownLimit = quarantined > BigInt(quarantineRowsMax) ? `${quarantineRowsMax}` : shownShare(limit)
  refuse('too_many_bad_rows', {
    file: request.logicalName,
    bad: quarantined,
    read,
    limit: shownLimit,
    ...commonest(reasons),
  })
}

const reasonsMax = 3

/** The commonest reasons in both languages, each with the first line that it stands in. */
export function commonest(reasons: readonly Pick<QuarantineRow, 'line' | 'column' | 'expectedEn' | 'expectedZh'>[]): {
  worst: string
  worstZh: string
} {
  const tallies = new Map<string, { count: number; en: string; zh: string }>()
  for (const { line, column, expectedEn, expectedZh } of reasons) {
    const key = `${column} ${expectedEn}`
    const told = tallies.get(key) ?? {
      count: 0,
      en: `${column ? `${column}: ` : ''}${expectedEn} (line ${line})`,
      zh: `${column ? `${column}：` : ''}${expectedZh}（第 ${line} 行）`,
    }
    tallies.set(key, { ...told, count: told.count + 1 })
  }
  const most = [...tallies.values()].sort((a, b) => b.count - a.count).slice(0, reasonsMax)
  const told = (language: 'en' | 'zh', between: string) => most.map((one) => one[language]).join(between) || '–'
  return { worst: told('en', '; '), worstZh: told('zh', '；') }
}

/** Completeness and validity per column, over all well-shaped rows. */
export async function columnStatistics(
  engine: Engine,
  from: { plan: CheckPlan; rows: string; details: BadRows; checked: bigint },
): Promise<ColumnStatistics[]> {
  const { plan, details, checked } = from
  const kept = await keptStatistics(engine, plan, from.rows)
  return plan.feed.columns.map((column) => {
    const own = details.broken.filter(({ rule }) => rule.column === column.name)
    const invalidLines = new Set(own.filter(({ rule }) => !rule.missing).map(({ line }) => line))
    const missingBad = BigInt(own.filter(({ rule }) => rule.missing).length)
    const reported = kept.get(`reported_${column.name}`) ?? 0n
    const wanted = column.wanted === true && !plan.present.has(column.name)
    return {
      column: column.name,
      checked,
      missing: wanted ? checked : missingBad + (kept.get(`missing_${column.name}`) ?? 0n),
      invalid: BigInt(invalidLines.size) + reported,
      reported,
    }
  })
}

/** Of the rows let in: wanted values that are missing, and failures that were only reported. */
async function keptStatistics(engine: Engine, plan: CheckPlan, rows: string): Promise<Map<string, bigint>> {
  if (plan.feed.home === 'lake') return new Map()
  const counts: string[] = []
  for (const column of plan.feed.columns) {
    if (!plan.present.has(column.name)) continue
    const reported = `list_contains(string_split(coalesce(reported, ''), ','), ${literal(column.name)})`
    if (column.wanted) {
      counts.push(
        `count(*) filter (where _ok and "${column.name}" is null and not ${reported}) as "missing_${column.name}"`,
      )
    }
    if (column.onFailure === 'report') {
      counts.push(`count(*) filter (where _ok and ${reported}) as "reported_${column.name}"`)
    }
  }
  if (counts.length === 0) return new Map()
  const [row] = await engine.rows<Record<string, bigint>>(`select ${counts.join(', ')} from ${rows}`)
  return new Map(Object.entries(row ?? {}))
}

async function failedLines(engine: Engine, rows: string, limit = quarantineRowsMax): Promise<bigint[]> {
  const found = await engine.rows<{ line: bigint }>(
    `select line from ${rows} where not _ok order by line limit ${limit}`,
  )
  return found.map((row) => row.line)
}

async function brokenRules(
  engine: Engine,
  from: { plan: CheckPlan; raw: RawFile; outDir: string },
  rows: readonly RawRow[],
): Promise<{ line: bigint; rule: Rule }[]> {
  const { plan, raw } = from
  if (rows.length === 0 || plan.rules.length === 0) return []
  const path = join(from.outDir, 'bad.txt')
  writeFileSync(path, rows.map((row) => intermediate(row.line, row.fields)).join(''))
  const relation = intermediateRelation(path, raw.format.header, plan.present)
  const marks = plan.rules.map((rule, k) => `case when coalesce(${rule.sql}, false) then ${k} end`)
  // At most 100,000 rows with a few rules each; asked in pages because rows travel in memory.
  await engine.exec(`create or replace temp table broken as
    select line, k from (select line, unnest([${marks.join(', ')}]) as k from (${foundSql(plan, relation)}))
    where k is not null`)
  const broken: { line: bigint; rule: Rule }[] = []
  for (let offset = 0; ; offset += pageRows) {
    const page = await engine.rows<{ line: bigint; k: number }>(
      `select line, k from broken order by line, k limit ${pageRows} offset ${offset}`,
    )
    for (const { line, k } of page) broken.push({ line, rule: present(plan.rules[k], 'rule') })
    if (page.length < pageRows) break
  }
  return broken
}

const pageRows = 100_000

function entry(
  plan: CheckPlan,
  raw: RawFile,
  row: RawRow,
  ordinal: number,
  reason: Words & { rule: string; column: string },
): QuarantineRow {
  const column = plan.feed.columns.find((c) => c.name === reason.column)
  const value = row.fields[raw.format.header.indexOf(reason.column)] ?? ''
  return {
    line: raw.lineOfRow?.(row) ?? row.line,
    ordinal,
    column: reason.column,
    rule: reason.rule,
    value: column?.personal ? maskValue(value.trim()) : value.trim().slice(0, 200),
    expectedZh: reason.expectedZh,
    expectedEn: reason.expectedEn,
    adviceZh: reason.adviceZh,
    adviceEn: reason.adviceEn,
    rawRow: csvRecord(row.fields),
  }
}

/** Several rows may have been made from one line of the bank's own file; line and ordinal stay a key. */
function renumber(entries: QuarantineRow[]): void {
  const seen = new Map<bigint, number>()
  for (const row of entries) {
    row.ordinal = (seen.get(row.line) ?? 0) + 1
    seen.set(row.line, row.ordinal)
  }
}

function misshapenEntries(raw: RawFile): QuarantineRow[] {
  const words = misshapenWords(raw)
  return raw.misshapen.map((row) => ({
    line: BigInt(row.line),
    ordinal: 1,
    column: '',
    rule: row.rule,
    value: row.rule === 'field_count' ? String(row.fields.length) : '',
    ...words[row.rule],
    rawRow: csvRecord(row.fields),
  }))
}

function misshapenWords(raw: RawFile): Record<'field_count' | 'quote_misplaced', Words> {
  const count = raw.misshapenFields ?? raw.format.header.length
  return {
    field_count: {
      expectedZh: `${count} 个字段`,
      expectedEn: `${count} fields`,
      adviceZh: '字段中的分隔符须加引号；请检查该行后重新导出',
      adviceEn: 'A separator inside a field needs quotation marks around the field: mend the row and load it again',
    },
    quote_misplaced: {
      expectedZh: '结束引号之后是分隔符或行末',
      expectedEn: 'a separator or the end of the line after a closing quotation mark',
      adviceZh: '字段内的引号须写成两个；请检查该行后重新导出',
      adviceEn: 'A quotation mark inside a field is written twice: mend the row and load it again',
    },
  }
}
