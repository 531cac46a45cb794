/** What changed between two values of JSON, field by field: what a checker reads. */

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export interface Difference {
  /** 'bars.gold.individual'; of a list of plain values the list's own name. */
  field: string
  before: string | null
  after: string | null
}

/** In the order of the fields. Lists of things with a code are compared by code, plain lists as sets. */
export function differencesOf(before: unknown, after: unknown): Difference[] {
  return compare('', (before ?? null) as Json, (after ?? null) as Json)
}

function compare(field: string, before: Json, after: Json): Difference[] {
  if (canonical(before) === canonical(after)) return []
  if (isPlainList(before) && isPlainList(after)) return setDifference(field, before ?? [], after ?? [])
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  if (!was || !is) return [{ field, before: text(before), after: text(after) }]
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  return names.flatMap((name) => compare(field ? `${field}.${name}` : name, was[name] ?? null, is[name] ?? null))
}

function setDifference(field: string, before: readonly Json[], after: readonly Json[]): Difference[] {
  const [was, is] = [before.map(text), after.map(text)]
  return [
    ...was.filter((one) => !is.includes(one)).map((one) => ({ field, before: one, after: null })),
    ...is.filter((one) => !was.includes(one)).map((one) => ({ field, before: null, after: one })),
  ]
}

/** An object's fields; a list's by code, else by place; null counts as an object without any. */
function fieldsOf(value: Json): Record<string, Json> | undefined {
  if (value === null) return {}
  if (Array.isArray(value)) {
    return Object.fromEntries(value.map((one: Json, index) => [keyOf(one) ?? String(index + 1), one]))
  }
  return typeof value === 'object' ? (value as Record<string, Json>) : undefined
}

function keyOf(value: Json): string | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  const code = (value as Record<string, Json>).code
  return typeof code === 'string' ? code : undefined
}

function isPlainList(value: Json): value is readonly Json[] | null {
  return value === null || (Array.isArray(value) && value.every((one) => one === null || typeof one !== 'object'))
}

function text(value: Json): string | null {
  if (value === null) return null
  return typeof value === 'object' ? canonical(value) : String(value)
}

/** One text for equal values, whatever the order of their fields. */
export function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_name, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}
