/** Every row keeps the line that it stands in, however the engine goes about finding what it refers to. */
import { afterAll, expect, test } from 'vitest'
import { openCheckBench } from './support/check-bench.ts'

const bench = openCheckBench()
afterAll(() => bench.close())

const count = 9000
const references = {
  unit: { relation: `(select '01' as no, 1 as id)` },
  product: { relation: `(select 'DEP' as no, 1 as id)` },
  customer: { relation: `(select 'C' || i as no, i as id from range(1, 9010) t(i))` },
}
const runs = 6
const account = (i: number) => `A-${100_000 + i}`
const row = (i: number) => `${account(i)},C${1 + (i % 9)},DEP,CNY,01`
const header = 'account_no,customer_no,product_code,currency,unit_code'
const clean = Array.from({ length: count }, (_, i) => row(i))

// Which way the engine joins small maps, and whether it keeps the order of the rows, differs from one run to the next.
test.each([
  ['a file without fault', clean, []],
  // Nothing in the row itself tells that it is one too many
  ['a row that is there twice', [...clean, row(4321)], [count + 2]],
  ['a row that refers to nothing', clean.with(4321, `${account(4321)},C1,NONE,CNY,01`), [4323]],
])('lines of %s', { timeout: 120_000 }, async (name, rows, bad) => {
  for (let run = 0; run < runs; run++) {
    const checked = await bench.check('accounts', `${name}-${run}.csv`, [header, ...rows, ''].join('\n'), {
      references,
    })
    const wrong = (await bench.rows(checked)).filter((one) => one['account_no'] !== account(Number(one['line']) - 2))
    expect(wrong).toEqual([])
    expect(checked.quarantine.map(({ line }) => Number(line))).toEqual(bad)
  }
})
