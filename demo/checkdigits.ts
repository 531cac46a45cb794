/** Check digits, computed; the reading side has its own implementation, so that each tests the other. */

const identityWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** GB 11643: the 18th character after 17 digits. */
export function identityCheck(body: string): string {
  let sum = 0
  for (let i = 0; i < 17; i++) sum += (body.charCodeAt(i) - 48) * identityWeights[i]!
  return '10X98765432'[sum % 11]!
}

const creditAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2]

/** GB 32100: an 18-character unified social credit code of a company registered in `region`, for a running number. */
export function creditCode(region: string, number: number): string {
  let organisation = ''
  let rest = number
  for (let i = 0; i < 8; i++) {
    // Each place is shifted by its own amount, so that running numbers do not look like running numbers.
    organisation = creditAlphabet[(rest + i * 7) % 31]! + organisation
    rest = Math.floor(rest / 31)
  }
  const body = `91${region}${organisation}${organisationCheck(organisation)}`
  let sum = 0
  let weight = 1
  for (const character of body) {
    sum += creditAlphabet.indexOf(character) * weight
    weight = (weight * 3) % 31
  }
  return body + creditAlphabet[(31 - (sum % 31)) % 31]!
}

/** GB 11714: organisation codes weigh letters by their place in A–Z, 10 upward. */
function organisationCheck(organisation: string): string {
  let sum = 0
  for (let i = 0; i < 8; i++) sum += Number.parseInt(organisation[i]!, 36) * organisationWeights[i]!
  const check = 11 - (sum % 11)
  return check === 10 ? 'X' : check === 11 ? '0' : String(check)
}

/** Luhn: the digit that completes `body`. */
export function luhnCheck(body: string): string {
  let sum = 0
  for (let i = body.length - 1, double = true; i >= 0; i--, double = !double) {
    const digit = body.charCodeAt(i) - 48
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return String((10 - (sum % 10)) % 10)
}

/** Two digits that make a decimal number ≡ 1 mod 97. */
export function mod97(body: string): string {
  let rest = 0
  for (const digit of `${body}00`) rest = (rest * 10 + digit.charCodeAt(0) - 48) % 97
  return String(98 - rest).padStart(2, '0')
}
