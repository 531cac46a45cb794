/** How a command speaks: results on stdout, everything else on stderr, in the language of LANG (English by default). */
import { type Language, type Refused, refusalText } from '../kit/refusal.ts'

/** Chinese where LC_ALL, LC_MESSAGES or LANG begins with zh. */
export function languageOf(env: Record<string, string | undefined>): Language {
  return (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

export const language: Language = languageOf(process.env)

/** One of two texts. */
export function text(en: string, zh: string): string {
  return language === 'zh' ? zh : en
}

/** A sentence for the person in front of it. */
export function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}

/** The result, for a person or a program. */
export function put(result: string): void {
  process.stdout.write(result.endsWith('\n') ? result : `${result}\n`)
}

/** A result as JSON; bigint becomes decimal text. */
export function putJson(value: unknown): void {
  put(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part), 2))
}

export function sayRefusal(refused: Refused): void {
  say(`strata: ${refusalText(refused.code, refused.params, language)} [${refused.code}]`)
}

export interface Column {
  head: string
  /** Figures stand to the right. */
  right?: boolean
}

/** A table of plain text; a Chinese character is two columns wide. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) => Math.max(width(column.head), ...rows.map((row) => width(row[i] ?? ''))))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const space = ' '.repeat(Math.max(0, widths[i]! - width(cell)))
        return columns[i]!.right ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((one) => '─'.repeat(one)).join('  ')
  return [line(columns.map((column) => column.head)), rule, ...rows.map(line)].join('\n')
}

/** Columns of a terminal that a text takes. */
export function width(shown: string): number {
  let columns = 0
  for (const character of shown)
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1
  return columns
}

/** 1234567.89 as 1,234,567.89. */
export function grouped(digits: string): string {
  return digits.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',')
}
