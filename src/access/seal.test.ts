/** Sealing: what goes in comes out, under its own key and context only; masks never show the whole. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testKeys } from '../../test/support/keys.ts'
import {
  newPartyKey,
  openBytes,
  openFacts,
  openRow,
  partyKey,
  sealBytes,
  sealFacts,
  sealNumber,
  sealRow,
} from './seal.ts'
import { last4, mask, type Personal, showFacts, showNumber } from './show.ts'

const keys = testKeys(7)
const other = testKeys(8)

test('what is sealed opens again, and only under its key and context', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const sealed = sealBytes(keys.of('rowSeal'), 'a', text)
      expect(openBytes(keys.of('rowSeal'), 'a', sealed).toString()).toBe(Buffer.from(text).toString())
      expect(() => openBytes(keys.of('rowSeal'), 'b', sealed)).toThrow()
      expect(() => openBytes(other.of('rowSeal'), 'a', sealed)).toThrow()
      const bent = Buffer.from(sealed)
      bent[bent.length - 1] = bent[bent.length - 1]! ^ 1
      expect(() => openBytes(keys.of('rowSeal'), 'a', bent)).toThrow()
    }),
  )
})

test('the same text is sealed differently each time, its blind index is the same', () => {
  expect(sealRow(keys, 'x').equals(sealRow(keys, 'x'))).toBe(false)
  expect(openRow(keys, sealRow(keys, '甲,乙'))).toBe('甲,乙')
  expect(keys.blindIndex('phone', '13800138000')).toEqual(keys.blindIndex('phone', '13800138000'))
  expect(keys.blindIndex('phone', '13800138000')).toHaveLength(16)
  expect(keys.blindIndex('phone', '1').equals(keys.blindIndex('account', '1'))).toBe(false)
  expect(keys.accountSecret).not.toBe(other.accountSecret)
})

test('a party has its own key: neither another party’s nor another master opens it', () => {
  const { key, wrapped } = newPartyKey(keys, 5n)
  const sealed = sealFacts(key, 5n, { phone: '13800138000', identityNo: '11010519491231002X' })
  expect(showFacts(keys, { partyId: 5n, sealed, wrapped }, true)).toEqual({
    phone: '13800138000',
    identityNo: '11010519491231002X',
  })
  expect(showFacts(keys, { partyId: 5n, sealed, wrapped }, false)).toEqual({
    phone: '138****8000',
    identityNo: '1101**********002X',
  })
  expect(() => openFacts(key, 6n, sealed)).toThrow()
  expect(() => partyKey(keys, 6n, wrapped)).toThrow()
  expect(() => partyKey(other, 5n, wrapped)).toThrow()
  // Erased: without the key there is nothing to show.
  expect(showFacts(keys, { partyId: 5n, sealed, wrapped: null }, true)).toEqual({})
})

test('numbers show their last four', () => {
  const sealed = sealNumber(keys, 'account', '6222020200012345678')
  expect(showNumber(keys, 'account', sealed, false)).toBe('****5678')
  expect(showNumber(keys, 'account', sealed, true)).toBe('6222020200012345678')
  expect(() => showNumber(keys, 'card', sealed, true)).toThrow()
  expect(last4('1234567')).toBe('')
})

test.each<[Personal, string, string]>([
  ['name', '张远', '张*'],
  ['name', '张志远', '张*远'],
  ['name', '张', '*'],
  ['name', '𠮷田', '𠮷*'],
  ['phone', '13800138000', '138****8000'],
  ['phone', '12345678', '****'],
  ['identityNo', '11010519491231002X', '1101**********002X'],
  ['identityNo', '12345', '****'],
  ['email', 'lin@example.com', 'l***@example.com'],
  ['email', '@example.com', '****'],
  ['address', '江州市临江区望江路 8 号', '江州市临江区****'],
  ['address', '望江路 8 号', '****'],
  ['account', '6222020200012345678', '****5678'],
  ['card', '1234567', '****'],
])('%s %s is shown as %s', (kind, value, shown) => expect(mask(kind, value)).toBe(shown))

test('a mask never shows the whole, and of a number at most eight characters', () => {
  const kinds: Personal[] = ['name', 'phone', 'identityNo', 'email', 'address', 'account', 'card', 'other']
  const characters = fc.string({
    unit: fc.constantFrom(...'张志远欧阳abcXYZ0123456789@. '),
    minLength: 1,
    maxLength: 40,
  })
  fc.assert(
    fc.property(fc.constantFrom(...kinds), characters, (kind, value) => {
      const shown = mask(kind, value)
      expect(shown).not.toContain(value)
      expect(shown).toContain('*')
      if (['phone', 'identityNo', 'account', 'card'].includes(kind))
        expect(shown.replaceAll('*', '').length).toBeLessThanOrEqual(8)
    }),
    { numRuns: 2000 },
  )
})
