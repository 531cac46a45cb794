/** The same rows give the same accepted rows, whatever they are written in and however they are split. */

import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAmount } from '../src/kit/money.ts'
import { type CheckBench, openCheckBench } from './support/check-bench.ts'

let bench: CheckBench
beforeAll(() => {
  bench = openCheckBench()
})
afterAll(() => bench.close())

const separators = [',', ';', '|', '\t', '~', '\x01']
const row = fc.record({
  account: fc.integer({ min: 1, max: 8 }),
  day: fc.integer({ min: 1, max: 28 }),
  fen: fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
})
const table = fc.uniqueArray(row, { minLength: 1, maxLength: 12, selector: (r) => `${r.account}/${r.day}` })
const style = fc.record({
  separator: fc.constantFrom(...separators),
  quoted: fc.boolean(),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  mark: fc.boolean(),
  packing: fc.constantFrom('', '.gz', '.zst'),
  order: fc.shuffledSubarray(['account_no', 'day', 'balance', 'currency'], { minLength: 4 }),
})

function decimal(fen: bigint): string {
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, '0')
  return `${fen < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

test('formats, separators, quotes and line ends do not matter', async () => {
  await fc.assert(
    fc.asyncProperty(table, style, async (rows, how) => {
      const quote = (text: string) => (how.quoted ? `"${text}"` : text)
      const cells = rows.map((r) => ({
        account_no: `A${r.account}`,
        day: `2026-01-${String(r.day).padStart(2, '0')}`,
        balance: decimal(r.fen),
        currency: 'CNY',
      }))
      const lines = [how.order, ...cells.map((c) => how.order.map((name) => c[name as keyof typeof c]))]
      const text = lines.map((fields) => fields.map(quote).join(how.separator) + how.lineEnd).join('')
      const plain = Buffer.from((how.mark ? '\ufeff' : '') + text)
      const bytes = how.packing === '.gz' ? gzipSync(plain) : how.packing === '.zst' ? zstdCompressSync(plain) : plain
      const checked = await bench.check('balances', `balances.csv${how.packing}`, bytes)
      expect(checked.quarantine).toEqual([])
      const found = await bench.rows(checked)
      expect(found.map((r) => [r['account_id'], r['day'], r['balance']])).toEqual(
        rows.map((r) => [BigInt(r.account), `2026-01-${String(r.day).padStart(2, '0')}`, r.fen]),
      )
    }),
    { numRuns: 40, seed: 7 },
  )
})

test('an amount is read as parseAmount reads it, or kept out', async () => {
  const part = fc.constantFrom(
    '0',
    '1',
    '12',
    '007',
    '-',
    '+',
    '.',
    '..',
    '5',
    '00',
    'e',
    'E3',
    '_',
    ',',
    'x',
    '1234567890123456',
    '50',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(part, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 30 }),
      async (texts) => {
        const amounts = texts.map((parts) => parts.join(''))
        const lines = amounts.map((text, i) => `T${i};A1;2026-01-01;${text};CNY;fee`)
        const checked = await bench.check(
          'fees',
          'fees.csv',
          `fee_no;account_no;day;amount;currency;service\n${lines.join('\n')}\n`,
        )
        const found = checked.acceptedPath ? await bench.rows(checked) : []
        const wanted = amounts.flatMap((text, i) => {
          const minor = /^[+-]?\d{1,15}(\.\d+)?$/.test(text) ? parseAmount(text, 2) : undefined
          return minor === undefined ? [] : [[`T${i}`, minor]]
        })
        expect(found.map((r) => [r['fee_no'], r['amount']])).toEqual(wanted)
      },
    ),
    { numRuns: 40, seed: 7 },
  )
})
