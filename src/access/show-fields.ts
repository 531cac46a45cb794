/** Masking inside values of any shape: what an audit entry holds as before and after. */
import { mask, type Personal } from './show.ts'

/** Names of fields that hold personal text, as this program writes them. */
const kinds: Record<string, Personal> = {
  identityNo: 'identityNo',
  phone: 'phone',
  email: 'email',
  address: 'address',
  accountNo: 'account',
  cardNo: 'card',
  // What customers were searched by: a name or a number of somebody
  q: 'other',
}

/** The value with the telling part of every personal field hidden, however deep it lies. */
export function maskFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskFields)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, maskField(name, part)]))
}

function maskField(name: string, value: unknown): unknown {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  return kind !== undefined && typeof value === 'string' ? mask(kind, value) : maskFields(value)
}
