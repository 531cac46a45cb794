/**
 * The expressions of a mapping: scalars over the columns of the bank's files, from a short list of functions. A text is
 * taken apart into words and put together again as SQL; a word that is neither a known column, an allowed function nor
 * one of a few keywords is an error, so no query, table function or setting can be smuggled in.
 */

const keywords = new Set(
  'and or not is null in like between case when then else end true false distinct from'.split(' '),
)
/** Allowed functions and what they are called in the engine. */
const functions: Record<string, string> = {
  abs: 'abs',
  coalesce: 'coalesce',
  concat: 'concat',
  contains: 'contains',
  ends_with: 'ends_with',
  greatest: 'greatest',
  least: 'least',
  left: 'left',
  length: 'length',
  lower: 'lower',
  lpad: 'lpad',
  nullif: 'nullif',
  replace: 'replace',
  right: 'right',
  round: 'round',
  rpad: 'rpad',
  starts_with: 'starts_with',
  substr: 'substr',
  trim: 'trim',
  upper: 'upper',
  // ours, see map.ts
  number: 'map_number',
  whole: 'map_whole',
  day: 'map_day',
  two_digit_year: 'map_two_digit_year',
  part: 'map_part',
  luhn: 'map_luhn',
}

export class ExpressionError extends Error {}

/** How a name in an expression is written in SQL: 'type' or 'client.client_id'; undefined when there is no such column. */
export type ColumnSql = (name: string) => string | undefined

/** SQL of one expression; `lookups` are the tables that `lookup('name', value)` may read. Throws ExpressionError. */
export function expressionSql(
  text: string,
  column: ColumnSql,
  lookups: Record<string, Record<string, string>>,
): string {
  const words = wordsOf(text)
  const out: string[] = []
  let depth = 0
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word
    if (word.kind === 'name' && words[i + 1]?.text === '(' && !keywords.has(word.text.toLowerCase())) {
      if (word.text === 'lookup') {
        const [sql, next] = lookupSql(words, i, column, lookups)
        out.push(sql)
        i = next
        continue
      }
      const sql = functions[word.text]
      if (!sql)
        throw new ExpressionError(`no function ${word.text}; there are ${Object.keys(functions).join(', ')}, lookup`)
      out.push(sql)
    } else if (word.kind === 'name' || word.kind === 'quoted') out.push(nameSql(word, column))
    else {
      if (word.text === '(') depth++
      if (word.text === ')') depth--
      if (depth < 0) throw new ExpressionError('a closing bracket without an opening one')
      out.push(word.text)
    }
  }
  if (depth !== 0) throw new ExpressionError('a bracket is not closed')
  if (out.length === 0) throw new ExpressionError('the expression is empty')
  return `(${out.join(' ')})`
}

function nameSql(word: Word, column: ColumnSql): string {
  const sql = column(word.text)
  if (sql !== undefined) return sql
  if (word.kind === 'name' && keywords.has(word.text.toLowerCase())) return word.text.toLowerCase()
  throw new ExpressionError(`no column ${word.text}`)
}

/** `lookup('table', expression)`: a CASE over the table's entries; NULL when there is none. */
function lookupSql(
  words: readonly Word[],
  at: number,
  column: ColumnSql,
  lookups: Record<string, Record<string, string>>,
): [string, number] {
  const name = words[at + 2]
  const table = name?.kind === 'text' ? lookups[name.text.slice(1, -1)] : undefined
  if (!table || words[at + 3]?.text !== ',')
    throw new ExpressionError(`lookup wants the name of a lookup table and a value`)
  let depth = 1
  let end = at + 4
  for (; end < words.length && depth > 0; end++)
    depth += words[end]?.text === '(' ? 1 : words[end]?.text === ')' ? -1 : 0
  const inner = words
    .slice(at + 4, end - 1)
    .map((word) => word.text)
    .join(' ')
  const value = expressionSql(inner, column, lookups)
  const arms = Object.entries(table).map(([key, to]) => `when ${quote(key)} then ${quote(to)}`)
  return [`(case ${value} ${arms.join(' ')} end)`, end - 1]
}

interface Word {
  kind: 'name' | 'quoted' | 'text' | 'number' | 'sign'
  text: string
}

const pattern =
  /\s+|(?<name>[A-Za-z_\p{L}][\w\p{L}]*(?:\.[A-Za-z_\p{L}][\w\p{L}]*)?)|(?<quoted>`[^`]+`)|(?<text>'(?:[^']|'')*')|(?<number>\d+(?:\.\d+)?)|(?<sign>\|\||<>|<=|>=|[-+*/%=<>(),])/uy

function wordsOf(text: string): Word[] {
  const words: Word[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const found = pattern.exec(text)
    if (!found) throw new ExpressionError(`what is "${text.slice(at, at + 12)}"?`)
    const groups = found.groups ?? {}
    if (groups['name'] !== undefined) words.push({ kind: 'name', text: groups['name'] })
    else if (groups['quoted'] !== undefined) words.push({ kind: 'quoted', text: groups['quoted'].slice(1, -1) })
    else if (groups['text'] !== undefined) words.push({ kind: 'text', text: groups['text'] })
    else if (groups['number'] !== undefined) words.push({ kind: 'number', text: groups['number'] })
    else if (groups['sign'] !== undefined) words.push({ kind: 'sign', text: groups['sign'] })
  }
  // Two minus signs would begin a comment.
  for (const [i, word] of words.entries()) {
    if (word.text === '-' && words[i + 1]?.text === '-') throw new ExpressionError('two minus signs in a row')
  }
  return words
}

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
