/** `strata load`: the account of every file, for a person or as JSON. */
import { existsSync, statSync } from 'node:fs'
import { feedNamed } from '../feeds/index.ts'
import { refuse } from '../kit/refusal.ts'
import type { FileAccount, FolderAccount, QuarantineSample, SourceRows } from '../nightly/load/account.ts'
import { loadFile, loadFolder } from '../nightly/load/folder.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { language, put, putJson, say, table, text } from './print.ts'

export interface LoadChoices {
  mapping?: string
  dryRun?: boolean
  /** Of one file whose name does not begin with it. */
  feed?: string
  json?: boolean
  /** Of the rows of one file; above it the file is refused. */
  badRowLimit?: number
}

/** Loads a folder or one file and prints what came of every row. Returns whether nothing was refused. */
export async function load(workplace: Workplace, path: string, choices: LoadChoices): Promise<boolean> {
  if (!existsSync(path)) refuse('not_found', { what: path })
  const options = {
    ...(choices.mapping !== undefined && { mapping: choices.mapping }),
    ...(choices.badRowLimit !== undefined && { badRowLimit: choices.badRowLimit }),
    dryRun: choices.dryRun === true,
  }
  const account = statSync(path).isDirectory()
    ? await loadFolder(workplace, path, options)
    : folderOfOne(
        await loadFile(workplace, { path, ...options, ...(choices.feed !== undefined && { feed: choices.feed }) }),
      )
  if (choices.json) putJson(account)
  else print(account)
  return account.refused === 0
}

function folderOfOne(file: FileAccount): FolderAccount {
  const { read, accepted, quarantined } = file
  return {
    files: [file],
    sources: [],
    unnamed: [],
    read,
    accepted,
    quarantined,
    refused: file.status === 'refused' ? 1 : 0,
    notes: [],
  }
}

const statuses: Record<FileAccount['status'], { en: string; zh: string }> = {
  loaded: { en: 'loaded', zh: '已装载' },
  already: { en: 'already loaded', zh: '此前已装载' },
  refused: { en: 'REFUSED', zh: '拒收' },
  planned: { en: 'would be loaded', zh: '可以装载' },
}

function print(account: FolderAccount): void {
  const heads = [text('file', '文件'), text('feed', '数据接口'), text('state', '状态')].map((head) => ({ head }))
  const figures = [text('read', '读取'), text('accepted', '接受'), text('quarantined', '隔离')].map((head) => ({
    head,
    right: true,
  }))
  const rows = account.files.map((file) => [
    file.file,
    file.feed,
    statuses[file.status][language],
    ...[file.read, file.accepted, file.quarantined].map(String),
  ])
  rows.push([text('all', '合计'), '', '', ...[account.read, account.accepted, account.quarantined].map(String)])
  put(table([...heads, ...figures], rows))
  if (account.sources.length > 0) printSources(account.sources)
  for (const file of account.files) printFile(file)
  for (const name of account.unnamed)
    say(text(`${name}: no feed and no mapping names it; not read`, `${name}：没有对应的数据接口或映射，未读取`))
  for (const note of account.notes) say(note)
}

function printSources(sources: readonly SourceRows[]): void {
  const heads = [text('own file', '自有文件'), text('feed', '数据接口')].map((head) => ({ head }))
  const figures = [
    text('read', '读取'),
    text('used', '采用'),
    text('merged', '合并'),
    text('left out', '略去'),
    text('quarantined', '隔离'),
    text('refused', '拒收'),
  ].map((head) => ({ head, right: true }))
  const rows = sources.map((source) => {
    const leftOut = source.leftOut.reduce((sum, part) => sum + part.rows, 0n)
    const counts = [source.read, source.used, source.merged, leftOut, source.quarantined, source.refused]
    return [source.file, source.feed, ...counts.map(String)]
  })
  put(`\n${table([...heads, ...figures], rows)}`)
  for (const { file, feed, leftOut } of sources)
    for (const { why, rows } of leftOut)
      if (rows > 0n)
        say(text(`${file} → ${feed}: ${rows} rows left out: ${why}`, `${file} → ${feed}：略去 ${rows} 行：${why}`))
}

// A rule across rows is about the key; a misshapen row is bad as a whole.
function whereIn(feed: string, row: QuarantineSample): string {
  if (row.column !== '') return `${row.column} "${row.value}"`
  const keyed = row.rule === 'duplicate_row' || row.rule === 'contradictory_key'
  return (keyed && feedNamed(feed)?.key.join(' + ')) || text('the row', '整行')
}

function printFile(file: FileAccount): void {
  if (file.refusal) say(`${file.file}: ${file.refusal[language]}`)
  for (const row of file.quarantine.slice(0, 3)) {
    const [expected, advice] = language === 'zh' ? [row.expectedZh, row.adviceZh] : [row.expected, row.advice]
    say(`${file.file}:${row.line} ${whereIn(file.feed, row)} – ${text('expected', '应为')} ${expected}. ${advice}`)
  }
  const more = file.quarantined - 3n
  if (more > 0n) say(text(`${file.file}: ${more} more in quarantine`, `${file.file}：另有 ${more} 行被隔离`))
  if (file.staleNights.length > 0) {
    const days = file.staleNights.join(', ')
    say(text(`${file.file} changes the windows of published nights: ${days}`, `${file.file} 影响已发布的跑批：${days}`))
  }
}
