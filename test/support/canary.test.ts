/** The search itself: a leak in any form is found, and what is masked is none. */
import { describe, expect, test } from 'vitest'
import { leaksIn } from './canary.ts'

const canaries = [
  { kind: 'phone', value: '13800138000' },
  { kind: 'identityNo', value: '11010519491231002X' },
  { kind: 'email', value: 'lin@example.com' },
  { kind: 'card', value: '6228480402564890018' },
  { kind: 'address', value: '江州市临江区望江路 8 号' },
  { kind: 'name', value: '欧阳志远' },
]

const fullWidth = (text: string) => text.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0))
const jsonEscaped = (text: string) =>
  [...text].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

const forms: [string, (text: string) => string][] = [
  ['as it is', (text) => text],
  ['full-width', fullWidth],
  ['spaced', (text) => text.replace(/(.{4})/g, '$1 ')],
  ['hyphenated', (text) => text.replace(/(.{3})/g, '$1-')],
  ['URL-escaped', (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')],
  ['base64', (text) => Buffer.from(`{"q":"${text}"}`).toString('base64')],
  ['base64url', (text) => Buffer.from(JSON.stringify([text, 1])).toString('base64url')],
  ['JSON-escaped', jsonEscaped],
  ['base64 of full-width', (text) => Buffer.from(`[${fullWidth(text)}]`).toString('base64')],
  ['URL-escaped JSON escapes', (text) => encodeURIComponent(jsonEscaped(text))],
]

describe.each(forms)('%s', (_name, hide) => {
  test.each(canaries)('$kind', (canary) => {
    expect(leaksIn(`{"some":"text before ${hide(canary.value)} and after"}`, canaries)).toEqual([canary.kind])
  })
})

test('what is masked is no leak', () => {
  const masked = '138****8000 1101**********002X l***@example.com ****0018 江州市临江区**** 欧**远'
  expect(leaksIn(masked, canaries)).toEqual([])
})
