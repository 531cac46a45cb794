/** Identity numbers, credit codes, phones and days as they are compared. */

const identityWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const creditAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** A number as it is compared, and whether a check digit vouches for it. */
export interface CheckedNumber {
  text: string
  verified: boolean
}

/**
 * An identity number in its form of 18: one of 15 digits gets its century and check digit (GB 11643), but is not
 * verified by the digit that we gave it ourselves.
 */
export function identityNumber(raw: string): CheckedNumber {
  const text = numberText(raw)
  if (/^\d{15}$/.test(text)) {
    const body = `${text.slice(0, 6)}19${text.slice(6)}`
    return { text: body + identityCheck(body), verified: false }
  }
  const verified = /^\d{17}[\dX]$/.test(text) && identityCheck(text) === text[17] && isDay(text.slice(6, 14))
  return { text, verified }
}

/** A unified social credit code (GB 32100). */
export function creditCode(raw: string): CheckedNumber {
  const text = numberText(raw)
  if (text.length !== 18) return { text, verified: false }
  let sum = 0
  let weight = 1
  for (let i = 0; i < 17; i++) {
    const value = creditAlphabet.indexOf(text[i]!)
    if (value < 0) return { text, verified: false }
    sum += value * weight
    weight = (weight * 3) % 31
  }
  return { text, verified: creditAlphabet[(31 - (sum % 31)) % 31] === text[17] }
}

/** Digits of a phone without the country's own prefix: +86 138 0013 8000 is 13800138000. */
export function phoneNumber(raw: string): string {
  const digits = raw.normalize('NFKC').replace(/\D+/g, '')
  return /^(00)?86(?=1[3-9]\d{9}$|0\d{9,11}$)/.test(digits) ? digits.replace(/^(00)?86/, '') : digits
}

/** A day as eight digits; what is no day stays as its digits, to be compared as a number. */
export function dayDigits(raw: string): string {
  const text = raw.normalize('NFKC').trim()
  const apart = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/u.exec(text)
  if (apart) return apart[1]! + apart[2]!.padStart(2, '0') + apart[3]!.padStart(2, '0')
  return text.replace(/\D+/g, '').slice(0, 8)
}

function isDay(digits: string): boolean {
  const month = Number(digits.slice(4, 6))
  const day = Number(digits.slice(6, 8))
  const year = Number(digits.slice(0, 4))
  return year > 1850 && year < 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31
}

function identityCheck(body: string): string {
  let sum = 0
  for (let i = 0; i < 17; i++) sum += (body.charCodeAt(i) - 48) * identityWeights[i]!
  return '10X98765432'[sum % 11]!
}

function numberText(raw: string): string {
  return raw
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9A-Z]+/g, '')
}
