/**
 * Codes in words: where codes of roles and units stand in what is kept (subjects, changes, audit entries), and the names
 * that a reply carries for them. What is kept stays in codes, as names change.
 */
import { z } from 'zod'

/** A name of today. */
export const name = z
  .object({
    zh: z.string(),
    /** The Chinese one where there is no other. */
    en: z.string(),
    /** Others bear it too, or may: the code stands beside it. */
    needsCode: z.boolean(),
  })
  .meta({ id: 'Name' })
export type Name = z.output<typeof name>

const codedNouns = ['role', 'unit'] as const
export type CodedNoun = (typeof codedNouns)[number]

/** The name behind a code in the same reply. A code without one is nobody's any more, or not yet. */
export const named = name.extend({ noun: z.enum(codedNouns), code: z.string() }).meta({ id: 'Named' })
export type Named = z.output<typeof named>

/** Says what stands in the place of a code. */
export type Rename = (noun: CodedNoun, code: string) => string

/** Fields that hold a code, or a list of codes, wherever they stand. */
const nounsOfFields: Record<string, CodedNoun> = {
  role: 'role',
  unit: 'unit',
  units: 'unit',
  parent: 'unit',
  successor: 'unit',
  around: 'unit',
  against: 'unit',
}

/** 'teller @ 320100 #17': a post as a field of its own. Its dates stand beside it; the number tells a reader nothing. */
const postField = /^([a-z][A-Za-z0-9]{1,39}) @ (.+?)(?: #\d+)?$/

const wallSubject = /^(wall around )(.+)( against )(.+)$/
const plainSubject = /^(role|unit) (.+)$/

/** A subject with its codes renamed, still in English words. */
export function renameSubject(subject: string, rename: Rename): string {
  const wall = wallSubject.exec(subject)
  if (wall) return `${wall[1]}${rename('unit', wall[2] ?? '')}${wall[3]}${rename('unit', wall[4] ?? '')}`
  const plain = plainSubject.exec(subject)
  return plain ? `${plain[1]} ${rename(plain[1] as CodedNoun, plain[2] ?? '')}` : subject
}

/** The name of a field with its codes renamed: a post, or what it was. */
export function renameField(field: string, rename: Rename): string {
  const post = postField.exec(field)
  return post ? `${rename('role', post[1] ?? '')} · ${rename('unit', post[2] ?? '')}` : field
}

/** A value of JSON with its codes renamed. `field` says where it stood: 'splitInto.units'. */
export function renameValue(value: unknown, rename: Rename, field = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => renameValue(one, rename, field))
  if (value !== null && typeof value === 'object') {
    const renamed = Object.entries(value).map(([key, one]) => [renameField(key, rename), renameValue(one, rename, key)])
    return Object.fromEntries(renamed)
  }
  if (typeof value !== 'string') return value
  const last = field.slice(field.lastIndexOf('.') + 1)
  if (last === 'subject') return renameSubject(value, rename)
  const noun = nounsOfFields[last]
  return noun ? rename(noun, value) : value
}

/** The roles and units that stand in a value of JSON. */
export function codesIn(value: unknown): { noun: CodedNoun; code: string }[] {
  const found: { noun: CodedNoun; code: string }[] = []
  renameValue(value, (noun, code) => {
    found.push({ noun, code })
    return code
  })
  return found
}

/** A name in the reader's language, with its code where it does not tell by itself; the code where there is none. */
export function nameText(known: Name | undefined, code: string, language: 'zh' | 'en'): string {
  if (!known) return code
  if (!known.needsCode) return known[language]
  return language === 'zh' ? `${known.zh}（${code}）` : `${known.en} (${code})`
}
