import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Refused } from '../kit/refusal.ts'
import { ExpressionError, expressionSql } from './expression.ts'
import { readMapping } from './mapping.ts'

const column = (name: string) => (['a', 'b', 's.a'].includes(name) ? `"${name}"` : undefined)
const sql = (text: string) => expressionSql(text, column, { kinds: { X: 'x', "O'": 'o' } })

test.each([
  ["a || '-' || s.a", `("a" || '-' || "s.a")`],
  ['upper(a)', '(upper ( "a" ))'],
  ["case when a = 'it''s' then 1 else 2 end", `(case when "a" = 'it''s' then 1 else 2 end)`],
  ["lookup('kinds', upper(b))", `((case (upper ( "b" )) when 'X' then 'x' when 'O''' then 'o' end))`],
  ['a is not null and b in (1, 2)', '("a" is not null and "b" in ( 1 , 2 ))'],
])('%s', (text, wanted) => expect(sql(text)).toBe(wanted))

test.each([
  'read_csv(a)',
  'a; drop table x',
  '(select a)',
  'select',
  'a -- b',
  "getenv('HOME')",
  'c',
  '"a"',
  '((a)',
  'a)',
  '',
  "lookup('nothing', a)",
  "'open",
  '$1',
  'a::int',
  'a[1]',
])('no expression: %s', (text) => expect(() => sql(text)).toThrow(ExpressionError))

const base = `mapping: 1
name: bank
baseCurrency: CNY
sources:
  rates: { file: rates.csv }
targets:
  - feed: exchange-rates
    from: rates
    columns:
      currency: c
      day: d
      rate: r
`

function refusal(text: string): Refused {
  try {
    readMapping(text, 'bank.yaml')
  } catch (error) {
    if (error instanceof Refused) return error
    throw error
  }
  throw new Error('the mapping was taken')
}

test.each([
  ['no YAML', 'mapping: [1', 1, 12],
  ['unknown key', base.replace('baseCurrency: CNY', 'baseCurrency: CNY\ncolour: red'), 4, 1],
  ['no such currency', base.replace('CNY', 'RMB'), 3, 1],
  ['no such feed', base.replace('exchange-rates', 'rates'), 7, 5],
  ['no such source', base.replace('from: rates', 'from: rate'), 8, 5],
  ['no such column', base.replace('rate: r', 'rate: r\n      note: n'), 13, 7],
  ['column missing', base.replace('      rate: r\n', ''), 7, 5],
])('%s is refused at its place', (_, text, line, position) => {
  const refused = refusal(text)
  expect(refused.code).toBe('mapping_invalid')
  expect(refused.params).toMatchObject({ file: 'bank.yaml', line, column: position })
})

test('the shipped mapping is right', () => {
  const text = readFileSync(new URL('./mappings/berka.yaml', import.meta.url), 'utf8')
  expect(readMapping(text, 'berka.yaml').mapping.baseCurrency).toBe('CZK')
})
