import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { sumScale } from '../kit/money.ts'
import { openEngine } from '../lake/engine.ts'
import { withFloorFen } from './scaled-sql.ts'

const engine = openEngine({ threads: 1, memoryLimitMb: 256, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())

it('divides to the integer below, on both sides of where a DOUBLE is exact', async () => {
  const whole = fc.oneof(
    fc.bigInt({ min: -1000n, max: 1000n }),
    fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
    fc.bigInt({ min: 2n ** 50n - 3n, max: 2n ** 50n + 3n }),
    fc.bigInt({ min: -(2n ** 50n) - 3n, max: -(2n ** 50n) + 3n }),
  )
  const rest = fc.oneof(
    fc.constantFrom(0n, 1n, sumScale - 1n, sumScale / 2n),
    fc.bigInt({ min: 0n, max: sumScale - 1n }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(whole, rest), { minLength: 50, maxLength: 50 }), async (list) => {
      const rows = list.map(([fen, left], id) => `(${id}, ${fen * sumScale + left}::hugeint, null::hugeint)`)
      const source = `(select * from (values ${rows.join(', ')}) as given(id, sum, nothing))`
      const found = await engine.rows(
        `select fen, none from ${withFloorFen(source, { fen: 'sum', none: 'nothing' })} order by id`,
      )
      expect(found).toEqual(list.map(([fen]) => ({ fen, none: null })))
    }),
    { numRuns: 20 },
  )
}, 60_000)
