/**
 * Passwords as NIST SP 800-63B wants them: length decides, nothing is said about digits and signs, and what everybody
 * takes, or what is known of the person or the bank, is refused. Kept as argon2id.
 */
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hash, verify } from '@node-rs/argon2'

/** OWASP's argon2id: 19 MiB, two passes. Raised here, a password is hashed anew when it is next entered. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const passwordLengthMax = 128

/** What a password must not be made of. */
export interface PasswordContext {
  lengthMin: number
  /** The sign-in name, the person's name, the bank's names. */
  names: readonly string[]
}

/** Why a password cannot be taken, in both languages. */
export interface PasswordFault {
  reason: string
  reasonZh: string
}

/** Null when the password can be taken. */
export function passwordFault(password: string, context: PasswordContext): PasswordFault | null {
  const text = normal(password)
  const length = [...text].length
  if (length < context.lengthMin) {
    const min = context.lengthMin
    return { reason: `it takes at least ${min} characters`, reasonZh: `至少 ${min} 个字符` }
  }
  if (length > passwordLengthMax) {
    const max = passwordLengthMax
    return { reason: `it takes at most ${max} characters`, reasonZh: `最多 ${max} 个字符` }
  }
  const lower = text.toLowerCase()
  if (new Set(lower).size < 4) return { reason: 'it repeats few characters', reasonZh: '重复的字符过多' }
  if (isSequence(lower)) return { reason: 'it is a sequence', reasonZh: '不能是连续的字符' }
  const held = context.names.map((name) => normal(name).toLowerCase().trim()).find((name) => holds(lower, name))
  if (held !== undefined) {
    return {
      reason: 'it holds the sign-in name, the own name or that of the bank',
      reasonZh: '不能包含用户名、本人姓名或银行名称',
    }
  }
  if (isCommon(lower)) return { reason: 'many people use it', reasonZh: '属于常见密码' }
  return null
}

/** Names of two Chinese characters or four others: shorter ones are in too much. */
function holds(password: string, name: string): boolean {
  const long = /[^\p{ASCII}]/u.test(name) ? name.length >= 2 : name.length >= 4
  return long && password.includes(name)
}

/** Each character one after, one before, or the same as the one before it: 'abcdefghijkl', '987654321098'. */
function isSequence(text: string): boolean {
  const steps = [...text].slice(1).map((letter, i) => letter.codePointAt(0)! - text.codePointAt(i)!)
  const oneWay = (step: number) => steps.filter((each) => each === step || Math.abs(each) === 9).length
  return Math.max(oneWay(1), oneWay(-1)) >= steps.length - 1
}

const padding = '[\\d\\W_]*'
const substitutes: Record<string, string> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
}

/**
 * A common password, alone, repeated, two of them together, or with digits and signs around it: 'woaini5201314',
 * 'P@ssw0rd2026!'.
 */
function isCommon(lower: string): boolean {
  const plain = lower.replace(/[@4310!$5]/g, (sign) => substitutes[sign] ?? sign)
  return [lower, plain].some(
    (text) => isMadeOf(text) || isMadeOf(text.replace(new RegExp(`^${padding}|${padding}$`, 'g'), '')),
  )
}

function isMadeOf(text: string): boolean {
  const words = common()
  if (words.has(text)) return true
  for (let i = 4; i <= text.length - 4; i++) {
    if (words.has(text.slice(0, i)) && isRepeatedOr(text.slice(i), text.slice(0, i), words)) return true
  }
  return false
}

function isRepeatedOr(rest: string, word: string, words: ReadonlySet<string>): boolean {
  return words.has(rest) || rest.replaceAll(word, '') === ''
}

let known: ReadonlySet<string> | undefined
/** 3,500 of the most frequent leaked passwords, with what people in China take; see docs/decisions/009. */
function common(): ReadonlySet<string> {
  known ??= new Set(
    readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
      .split(/\s+/)
      .filter(Boolean),
  )
  return known
}

/** As it is kept. */
export function hashPassword(password: string): Promise<string> {
  return hash(normal(password), cost)
}

/** Whether it is the password; false for a text that is no hash, which no password opens. */
export async function isPassword(passwordHash: string, password: string): Promise<boolean> {
  try {
    return await verify(passwordHash, normal(password))
  } catch {
    return false
  }
}

/** Whether it was hashed with less than what is asked today. */
export function needsRehash(passwordHash: string): boolean {
  const [, memory, time] = /\$m=(\d+),t=(\d+),p=\d+\$/.exec(passwordHash) ?? []
  return Number(memory) < cost.memoryCost || Number(time) < cost.timeCost
}

// Full-width letters of a Chinese keyboard are the same as plain ones
const normal = (text: string) => text.normalize('NFKC')

// No letters or digits that look alike: it is read from a terminal.
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Groups of four letters and digits: 'k7mp-2x9q-…'. Each group is worth some 20 bits. */
export function readableSecret(groups: number): string {
  const part = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return Array.from({ length: groups }, part).join('-')
}

/** Three groups: for a sign-in that is throttled. */
export function readablePassword(): string {
  return readableSecret(3)
}
