/** Ways in which a row can be broken: the file is taken, the row is quarantined with line, column, value and advice. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckBench, openCheckBench } from './support/check-bench.ts'
import { customerHead, good } from './support/file-bytes.ts'

let bench: CheckBench
beforeAll(() => {
  bench = openCheckBench()
})
afterAll(() => bench.close())

interface RowCase {
  cause: string
  feed?: string
  bytes: string
  line: number
  column: string
  rule: string
  value: string
  expected: RegExp
  advice: RegExp
}

const account = (row: string) =>
  `account_no,customer_no,share,product_code,currency,unit_code,opened_on,closed_on\nA1,C1,1,DEP,CNY,01,,\n${row}\n`
const balance = (row: string) => `${good}${row}\n`
const rowCases: RowCase[] = [
  {
    cause: 'a field too few',
    bytes: balance('A3,2026-01-31,1.00'),
    line: 4,
    column: '',
    rule: 'field_count',
    value: '3',
    expected: /4 fields/,
    advice: /mend the row/,
  },
  {
    cause: 'text after a closing quotation mark',
    bytes: balance('"A3"x,2026-01-31,1.00,CNY'),
    line: 4,
    column: '',
    rule: 'quote_misplaced',
    value: '',
    expected: /after a closing/,
    advice: /written twice/,
  },
  {
    cause: 'required value missing',
    bytes: balance('A3,,1.00,CNY'),
    line: 4,
    column: 'day',
    rule: 'required',
    value: '',
    expected: /a value/,
    advice: /Fill it in/,
  },
  {
    cause: 'a day that does not exist',
    bytes: balance('A3,2026-02-30,1.00,CNY'),
    line: 4,
    column: 'day',
    rule: 'type',
    value: '2026-02-30',
    expected: /existing day/,
    advice: /core system/,
  },
  {
    cause: 'a day after today',
    bytes: balance('A3,2026-07-01,1.00,CNY'),
    line: 4,
    column: 'day',
    rule: 'future',
    value: '2026-07-01',
    expected: /2026-06-30/,
    advice: /business day/,
  },
  {
    cause: 'separators of thousands',
    bytes: balance('A3,2026-01-31,"1,000.00",CNY'),
    line: 4,
    column: 'balance',
    rule: 'type',
    value: '1,000.00',
    expected: /without separators/,
    advice: /plain numbers/,
  },
  {
    cause: 'an exponent',
    bytes: balance('A3,2026-01-31,1e5,CNY'),
    line: 4,
    column: 'balance',
    rule: 'type',
    value: '1e5',
    expected: /an amount/,
    advice: /plain numbers/,
  },
  {
    cause: 'a third decimal place',
    bytes: balance('A3,2026-01-31,1.005,CNY'),
    line: 4,
    column: 'balance',
    rule: 'places',
    value: '1.005',
    expected: /decimal places/,
    advice: /not rounded/,
  },
  {
    cause: 'a currency that is none',
    bytes: balance('A3,2026-01-31,1.00,RMB'),
    line: 4,
    column: 'currency',
    rule: 'currency',
    value: 'RMB',
    expected: /ISO 4217/,
    advice: /core system/,
  },
  {
    cause: 'the currency of another account',
    bytes: balance('A9,2026-01-31,1.00,CNY'),
    line: 4,
    column: 'currency',
    rule: 'currency_differs',
    value: 'CNY',
    expected: /currency of the account/,
    advice: /Compare/,
  },
  {
    cause: 'unknown account',
    bytes: balance('A7777777,2026-01-31,1.00,CNY'),
    line: 4,
    column: 'account_no',
    rule: 'unknown_account',
    value: 'A7****77',
    expected: /has been loaded/,
    advice: /file of accounts/,
  },
  {
    cause: 'the same row twice',
    bytes: balance('A2,2026-01-31,7.00,CNY'),
    line: 4,
    column: '',
    rule: 'duplicate_row',
    value: '',
    expected: /once/,
    advice: /export/,
  },
  {
    cause: 'one key, two values',
    bytes: balance('A2,2026-01-31,8.00,CNY'),
    line: 3,
    column: '',
    rule: 'contradictory_key',
    value: '',
    expected: /that agree/,
    advice: /none was taken/,
  },
  {
    cause: 'closed before it was opened',
    feed: 'accounts',
    bytes: account('A2,C2,1,DEP,CNY,01,2026-02-01,2026-01-01'),
    line: 3,
    column: 'closed_on',
    rule: 'order',
    value: '2026-01-01',
    expected: /not before opened_on/,
    advice: /Compare/,
  },
  {
    cause: 'shares of less than the whole',
    feed: 'accounts',
    bytes: account('A2,C2,0.5,DEP,CNY,01,,'),
    line: 3,
    column: 'share',
    rule: 'shares_not_whole',
    value: '0.5',
    expected: /add up to 1/,
    advice: /owners and shares/,
  },
  {
    cause: 'rows of one account that disagree',
    feed: 'accounts',
    bytes: account('A1,C2,1,DEP,USD,01,,'),
    line: 2,
    column: 'account_no',
    rule: 'account_contradicts',
    value: '**',
    expected: /same product/,
    advice: /agree/,
  },
  {
    cause: 'a word that is no choice',
    feed: 'units',
    bytes: 'code,name,kind\n01,HO,headquarters\n',
    line: 2,
    column: 'kind',
    rule: 'type',
    value: 'headquarters',
    expected: /headOffice/,
    advice: /core system/,
  },
  {
    cause: 'a text that is too long',
    feed: 'units',
    bytes: `code,name,kind\n${'9'.repeat(33)},HO,headOffice\n`,
    line: 2,
    column: 'code',
    rule: 'type',
    value: '9'.repeat(33),
    expected: /32 characters/,
    advice: /core system/,
  },
  {
    cause: 'a card number with a wrong check digit',
    feed: 'cards',
    bytes: 'card_no,customer_no,face\n6228480402564890019,C1,gold\n',
    line: 2,
    column: 'card_no',
    rule: 'cardNo',
    value: '6228***********0019',
    expected: /Luhn/,
    advice: /core system/,
  },
  {
    cause: 'a rate of zero',
    feed: 'exchange-rates',
    bytes: 'currency,day,rate\nUSD,2026-01-30,0\n',
    line: 2,
    column: 'rate',
    rule: 'type',
    value: '0',
    expected: /positive/,
    advice: /core system/,
  },
]

describe('rows', () => {
  test.each(rowCases)('$cause', async (given) => {
    const feed = given.feed ?? 'balances'
    const checked = await bench.check(feed, `${feed}.csv`, given.bytes)
    const found = checked.quarantine.find((row) => row.rule === given.rule)
    expect(found).toMatchObject({
      line: BigInt(given.line),
      column: given.column,
      value: given.value,
      expectedEn: expect.stringMatching(given.expected),
      adviceEn: expect.stringMatching(given.advice),
    })
    expect(checked.read).toBe(checked.accepted + checked.quarantined)
    expect(checked.logicalName).toBe(`${feed}.csv`)
  })

  test('identity, phone, e-mail and birth date that are wrong are let in and counted', async () => {
    const bytes = `${customerHead}\nC1,person,Lin,01,residentId,11010519491231002X,1949-12-31,13800138000,lin@example.com
C2,person,Wu,01,residentId,110105194912310021,2027-01-01,12800138000,wu@\nC3,company,Co,01,creditCode,91350100M000100Y43,,,\nC4,company,Co,01,creditCode,91350100M000100Y44,,,\n`
    const checked = await bench.check('customers', 'customers.csv', bytes)
    expect(checked.accepted).toBe(4n)
    const invalid = Object.fromEntries(checked.columns.filter((c) => c.invalid > 0n).map((c) => [c.column, c.reported]))
    expect(invalid).toEqual({ identity_no: 2n, birth_on: 1n, phone: 1n, email: 1n })
  })
})
