/** How amounts, counts, shares, days and instants are written, in one place. Money is a decimal string of fen. */
import type { LanguageCode } from './language-packs.ts'

const minus = '−'

/** '123456789' as '1,234,567.89'. Exact: no float is involved. */
export function amountText(fen: string | bigint, decimals: number): string {
  const value = BigInt(fen)
  const negative = value < 0n
  const digits = (negative ? -value : value).toString().padStart(decimals + 1, '0')
  const whole = decimals === 0 ? digits : digits.slice(0, -decimals)
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${negative ? minus : ''}${grouped}${decimals === 0 ? '' : `.${digits.slice(-decimals)}`}`
}

/** Whole units only, truncated: '1,234,567'. For dense columns; the full value is in the title. */
export function wholeText(fen: string | bigint, decimals: number): string {
  return amountText(BigInt(fen) / 10n ** BigInt(decimals), 0)
}

/** '12.3万' or '123.4K': three figures are enough where people look rather than read. Truncated, never up. */
export function compactText(fen: string | bigint, decimals: number, code: LanguageCode): string {
  const units = BigInt(fen) / 10n ** BigInt(decimals)
  const size = units < 0n ? -units : units
  const sign = units < 0n ? minus : ''
  for (const [bound, suffix] of steps[code]) {
    if (size < bound) continue
    const tenths = (size * 100n) / bound
    const whole = tenths / 100n
    const places = whole >= 100n ? 1 : 2
    const fraction = String(tenths % 100n)
      .padStart(2, '0')
      .slice(0, places)
    return `${sign}${amountText(whole, 0)}.${fraction}${suffix}`
  }
  return `${sign}${amountText(size, 0)}`
}

/** A whole number with separators. */
export function countText(count: number | bigint): string {
  return amountText(BigInt(count), 0)
}

/** A part of a whole in percent, '12.3 %'. */
export function percentText(part: number, places = 1): string {
  return `${(part * 100).toFixed(places)}%`
}

/** The part that one amount is of another, as a float for charts and percent only. */
export function partOf(fen: string | bigint, whole: string | bigint): number {
  const all = BigInt(whole)
  return all === 0n ? 0 : Number((BigInt(fen) * 1_000_000n) / all) / 1_000_000
}

/** The days that stand for no beginning and no end. */
export const sinceEver = '1900-01-01'

const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' })

/** An instant of the server (UTC) in the reader's zone, 'YYYY-MM-DD HH:mm' in every language. */
export function instantText(instant: string): string {
  const at = Date.parse(instant)
  return Number.isNaN(at) ? instant : local.format(at)
}

/** Seconds between two instants, '12 s' or '3 min 05 s'. */
export function spanText(from: string, to: string): string {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, '0')} s`
}

/** Bytes as '12.3 MB'. */
export function sizeText(bytes: string | number | bigint): string {
  let size = Number(bytes)
  for (const unit of ['B', 'KB', 'MB', 'GB']) {
    if (size < 1000 || unit === 'GB') return `${unit === 'B' ? size : size.toFixed(1)} ${unit}`
    size /= 1000
  }
  return String(size)
}

const steps: Record<LanguageCode, [bigint, string][]> = {
  'zh-CN': [
    [100_000_000n, '亿'],
    [10_000n, '万'],
  ],
  en: [
    [1_000_000_000n, 'B'],
    [1_000_000n, 'M'],
    [1_000n, 'K'],
  ],
}
