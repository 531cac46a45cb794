/** A CSV text with a header, as records: for looking into exports. Quotes and line ends as RFC 4180 has them. */
export function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  const body = text.replace(/^\uFEFF/, '')
  for (let i = 0; i < body.length; i++) {
    const c = body[i]
    if (quoted && c === '"' && body[i + 1] === '"') {
      cell += '"'
      i++
    } else if (c === '"') quoted = !quoted
    else if (!quoted && c === ',') {
      rows.at(-1)?.push(cell)
      cell = ''
    } else if (!quoted && c === '\n') {
      rows.at(-1)?.push(cell.replace(/\r$/, ''))
      rows.push([])
      cell = ''
    } else cell += c
  }
  const [head = [], ...records] = rows.filter((row) => row.length > 0)
  return records.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])))
}
