/**
 * What staff write in their own words. Nobody seals a sentence, so numbers and addresses by which a person is known are
 * hidden before it is kept; names cannot be told from other words and stay.
 */

const digit = '[0-9０-９]'
/** What people put between digits. */
const gap = '[\\s\\u200b·\\-－–—_]'
const numbers = new RegExp(`\\+?${digit}(?:${gap}?${digit}){10,}(?:${gap}?[xXｘＸ])?`, 'gu')
const emails = /[\w.%+\-０-９Ａ-Ｚａ-ｚ]+[@＠][\w.\-０-９Ａ-Ｚａ-ｚ．]+/gu
const days = new RegExp(`^(?:${digit}{4}-${digit}{1,2}-${digit}{1,2}\\s?)+$`, 'u')

/** The text with phone, identity, account and card numbers as ****1234, and e-mail addresses as l***@example.com. */
export function hideNumbers(text: string): string {
  return text.replace(numbers, hidden).replace(emails, (found) => `${found[0]}***${found.slice(found.search(/[@＠]/))}`)
}

function hidden(found: string): string {
  if (days.test(found)) return found
  const plain = found
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^0-9X]/g, '')
  // Eleven digits are a mobile number or, say, an amount; longer ones are always somebody's
  const isOther = plain.length === 11 && !/^1[3-9]/.test(plain)
  return isOther ? found : `****${plain.slice(-4)}`
}
