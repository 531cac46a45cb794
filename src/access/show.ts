/**
 * Showing personal data: the only place that masks or opens it, for the API, the command line, files and jobs alike.
 * A store returns what is sealed; who may see it whole is decided by the caller's permission, and opening is audited
 * there.
 */
import type { FieldRights } from '../contract/permission.ts'
import type { Keys } from './keys.ts'
import { openBytes, openFacts, openPaperPart, type PersonalFacts, partyKey } from './seal.ts'

/** The kinds of personal text that are masked. */
export type Personal = 'name' | 'phone' | 'identityNo' | 'email' | 'address' | 'account' | 'card' | 'other'

/** A party as its store returns it. */
export interface SealedParty {
  partyId: bigint
  sealed: Buffer | null
  /** `party_key.wrapped`; null when the key was destroyed. */
  wrapped: Buffer | null
}

/** The text with its telling part hidden; a missing text stays null. */
export function mask(kind: Personal, value: string): string
export function mask(kind: Personal, value: string | null | undefined): string | null
export function mask(kind: Personal, value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null
  return masks[kind]([...value])
}

/** 张志远 → 张*远, 张远 → 张*. As an SQL expression over a column, the same in PostgreSQL and DuckDB. */
export function maskNameSql(column: string): string {
  return `case when ${column} is null then null when length(${column}) < 2 then '*'
    when length(${column}) = 2 then left(${column}, 1) || '*'
    else left(${column}, 1) || repeat('*', length(${column}) - 2) || right(${column}, 1) end`
}

/** The personal facts of a party, masked, or whole when `open`. Empty when there are none or they were erased. */
export function showFacts(keys: Keys, party: SealedParty, open: boolean): PersonalFacts {
  if (!party.sealed || !party.wrapped) return {}
  const facts = openFacts(partyKey(keys, party.partyId, party.wrapped), party.partyId, party.sealed)
  if (open) return facts
  const shown: PersonalFacts = {}
  for (const kind of ['identityNo', 'phone', 'email', 'address'] as const) {
    const value = facts[kind]
    if (value !== undefined) shown[kind] = mask(kind, value)
  }
  return shown
}

/** The same by a session's rights: each group of fields hidden, masked or whole. */
export function showFactsBy(keys: Keys, party: SealedParty, rights: FieldRights): PersonalFacts {
  // What is not shown is not opened
  if (rights.identity === 'hidden' && rights.contact === 'hidden') return {}
  const whole = showFacts(keys, party, true)
  const shown: PersonalFacts = {}
  for (const [kind, group] of Object.entries(groupOf) as [keyof PersonalFacts, 'identity' | 'contact'][]) {
    const value = whole[kind]
    if (value === undefined || rights[group] === 'hidden') continue
    shown[kind] = rights[group] === 'clear' ? value : mask(kind, value)
  }
  return shown
}

/** The group of rights that each personal fact belongs to. */
export const groupOf = { identityNo: 'identity', phone: 'contact', email: 'contact', address: 'contact' } as const

/** An account or card number out of its sealed form: ****5678, or whole when `open`; of an erased one nothing. */
export function showNumber(keys: Keys, noun: 'account' | 'card', sealed: Buffer, open: boolean): string {
  if (sealed.length === 0) return showLast4('')
  const number = openBytes(keys.of('numberSeal'), noun, sealed).toString('utf8')
  return open ? number : mask(noun, number)
}

/** The number on a paper by the right to read identities: masked, whole, or null. */
export function showPaperNumber(
  keys: Keys,
  paper: { partyId: bigint; wrapped: Buffer | null; digest: Buffer; sealed: Buffer | null },
  read: FieldRights['identity'],
): string | null {
  if (read === 'hidden' || !paper.sealed || !paper.wrapped) return null
  const key = partyKey(keys, paper.partyId, paper.wrapped)
  const number = openPaperPart(key, paper.digest, 'number', paper.sealed).toString('utf8')
  return read === 'clear' ? number : mask('card', number)
}

/** The file of a paper, whole: there is no masked picture. Null when the customer was erased. */
export function showPaperFile(
  keys: Keys,
  paper: { partyId: bigint; wrapped: Buffer | null; digest: Buffer; sealed: Buffer },
): Buffer | null {
  if (!paper.wrapped) return null
  return openPaperPart(partyKey(keys, paper.partyId, paper.wrapped), paper.digest, 'file', paper.sealed)
}

/** ****5678 from what is stored in clear. */
export function showLast4(last4: string): string {
  return `****${last4}`
}

/** What `no_last4` may hold of a number: its last four characters, and of a short one none. */
export function last4(number: string): string {
  return number.length >= 8 ? number.slice(-4) : ''
}

type Mask = (characters: readonly string[]) => string

const stars = (count: number) => '*'.repeat(count)
const from = (characters: readonly string[], start: number, end?: number) => characters.slice(start, end).join('')
const number: Mask = (c) => (c.length >= 8 ? `****${from(c, -4)}` : '****')

const masks: Record<Personal, Mask> = {
  name: (c) => {
    if (c.length < 2) return '*'
    return c.length === 2 ? `${c[0]}*` : `${c[0]}${stars(c.length - 2)}${c.at(-1)}`
  },
  phone: (c) => (c.length >= 9 ? `${from(c, 0, 3)}****${from(c, -4)}` : '****'),
  identityNo: (c) => (c.length >= 12 ? `${from(c, 0, 4)}${stars(c.length - 8)}${from(c, -4)}` : '****'),
  email: (c) => {
    const at = c.lastIndexOf('@')
    return at > 1 ? `${c[0]}***${from(c, at)}` : '****'
  },
  address: (c) => (c.length >= 10 ? `${from(c, 0, 6)}****` : '****'),
  account: number,
  card: number,
  other: () => '****',
}
