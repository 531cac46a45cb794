/** CSV for people who open it in a spreadsheet: with BOM, CRLF, and no cell that a spreadsheet would take for a formula. */

export const bom = '\uFEFF'

/** One line with its end. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = guarded(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Text that begins like a formula gets an apostrophe; a plain number keeps its sign. */
export function guarded(text: string): string {
  if (/^-?\d+(\.\d+)?$/.test(text)) return text
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}
