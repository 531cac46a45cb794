/** Rows as PostgreSQL's COPY reads them, in its text format. */

export type Staged = string | number | bigint | boolean | Buffer | readonly string[] | null | undefined

/** One line per row. */
export function copyText(rows: readonly Staged[][]): string {
  let text = ''
  for (const row of rows) text += `${row.map(cell).join('\t')}\n`
  return text
}

function cell(value: Staged): string {
  if (value === null || value === undefined) return '\\N'
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'object') {
    const items = value.map((item) => `"${item.replace(/[\\"]/g, (c) => `\\${c}`)}"`)
    return escaped(`{${items.join(',')}}`)
  }
  return String(value)
}

// Most texts hold nothing to escape, and looking is cheaper than replacing. U+0000 cannot be stored at all.
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters COPY gives a meaning
  if (!/[\\\t\n\r\u0000]/.test(text)) return text
  return text
    .replaceAll('\u0000', '')
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
}
