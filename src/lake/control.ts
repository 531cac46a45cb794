/**
 * Control totals: what the sender says a file holds, compared with the rows read. They come in a side file
 * (`<file>.ctl`: lines of `key=value`, or the same keys as YAML or JSON) or as the last line of the file,
 * `#total,rows=2,sum.balance=12.50`, with the file's own separator.
 */
import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Feed } from '../feeds/feed.ts'
import { refuseFile } from './file-refusal.ts'

export interface ControlResult {
  /** Where the totals came from; 'none' when the sender gave none. */
  source: 'none' | 'file' | 'trailer'
  /** Each total that was given: 'rows', 'day', 'sha256' or 'sum.<column>', as said and as read (plain decimals). */
  totals: { name: string; said: string; read: string }[]
}

export interface Said {
  source: 'none' | 'file' | 'trailer'
  totals: Map<string, string>
}

/** What the sender said; the side file goes before a trailer. */
export function controlTotals(file: string, controlPath: string, trailer: readonly string[] | undefined): Said {
  if (existsSync(controlPath)) {
    return { source: 'file', totals: parseControl(file, readFileSync(controlPath, 'utf8')) }
  }
  if (!trailer) return { source: 'none', totals: new Map() }
  return {
    source: 'trailer',
    totals: parseControl(
      file,
      trailer
        .slice(1)
        .filter((field) => field.trim() !== '')
        .join('\n'),
    ),
  }
}

/** The names of the columns whose sums were given. */
export function summedNames(said: Said): string[] {
  return [...said.totals.keys()].filter((name) => name.startsWith('sum.')).map((name) => name.slice(4))
}

/** Compares; refuses the file at the first difference. `read` gives the totals of the rows read, as plain decimals. */
export function compareTotals(file: string, said: Said, read: ReadonlyMap<string, string>): ControlResult {
  const totals = [...said.totals].map(([name, value]) => ({ name, said: value, read: read.get(name) ?? '' }))
  for (const total of totals) {
    if (!sameTotal(total.name, total.said, total.read)) refuseFile(file, 'totals_differ', total)
  }
  return { source: said.source, totals }
}

/** Refuses totals of things the feed does not have. */
export function checkNames(file: string, said: Said, feed: Feed): void {
  for (const [name, value] of said.totals) {
    const column = name.startsWith('sum.') ? feed.columns.find((c) => c.name === name.slice(4)) : undefined
    const summable = column && ['amount', 'decimal', 'integer'].includes(column.type.kind)
    if (!['rows', 'day', 'sha256'].includes(name) && !summable)
      refuseFile(file, 'totals_unreadable', { text: `${name}=${value}` })
  }
}

function parseControl(file: string, text: string): Map<string, string> {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('# '))
  const pairs = lines.map((line) => /^\s*([\w.]+)\s*=\s*(.+?)\s*$/.exec(line))
  if (lines.length > 0 && pairs.every((pair) => pair !== null)) {
    return new Map(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']))
  }
  return parseDocument(file, text)
}

function parseDocument(file: string, text: string): Map<string, string> {
  const unreadable = (): never => refuseFile(file, 'totals_unreadable', { text: text.trim().slice(0, 80) })
  let document: unknown
  try {
    // Strings only: 1234567890123.10 as a number would lose its last digits.
    document = parse(text, { schema: 'failsafe' })
  } catch {
    return unreadable()
  }
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return unreadable()
  const totals = new Map<string, string>()
  for (const [key, value] of Object.entries(document)) {
    if (typeof value === 'string') totals.set(key, value)
    else if (key === 'sum' && value !== null && typeof value === 'object') {
      for (const [column, sum] of Object.entries(value)) totals.set(`sum.${column}`, String(sum))
    } else return unreadable()
  }
  if (totals.size === 0) return unreadable()
  return totals
}

function sameTotal(name: string, said: string, read: string): boolean {
  if (name === 'day' || name === 'sha256') return said.toLowerCase() === read.toLowerCase()
  return plain(said) !== undefined && plain(said) === plain(read)
}

/** A decimal without sign of plus, leading zeros and zeros at the end, so that '12.50' equals '12.5'. */
function plain(text: string): string | undefined {
  const found = /^([+-]?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text.trim())
  if (!found) return undefined
  const fraction = found[3] ?? ''
  const digits = `${found[2]}${fraction ? `.${fraction}` : ''}`
  return found[1] === '-' && digits !== '0' ? `-${digits}` : digits
}
