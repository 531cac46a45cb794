import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { shippedPolicy } from '../../test/support/policies.ts'
import { openEngine } from '../lake/engine.ts'
import { confidence, confidenceSql, type GapFacts, gapsOf, gapText, withGapsSql } from './confidence.ts'

const engine = openEngine({ threads: 1, memoryLimitMb: 256, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())
const personal = shippedPolicy('personal')
const whole: GapFacts = { gapDays: 0, gapSum: 0n, ownSum: 90n, missing: [], noData: false }

describe('confidence', () => {
  it.each([
    [whole, 100],
    [{ ...whole, gapDays: 1, gapSum: 0n }, 99],
    [{ ...whole, gapDays: 45, gapSum: 90n }, 75],
    [{ ...whole, gapDays: 90, gapSum: 90n }, 50],
    [{ ...whole, gapDays: 9, gapSum: 0n, ownSum: 0n }, 95],
    [{ ...whole, missing: ['phone'] }, 95],
    [{ ...whole, missing: ['a', 'b', 'c', 'd', 'e', 'f'] }, 80],
    [{ ...whole, noData: true }, 70],
    [{ gapDays: 90, gapSum: 1n, ownSum: 1n, missing: ['a', 'b', 'c', 'd'], noData: true }, 0],
  ])('%#: %o gives %i', (facts, expected) => expect(confidence(gapsOf(personal, 90, facts))).toBe(expected))

  it('is the same in SQL, with the same codes', async () => {
    const anyFacts = fc.record({
      gapDays: fc.integer({ min: 0, max: 90 }),
      gapSum: fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n }),
      ownSum: fc.oneof(fc.constant(0n), fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n })),
      missing: fc.subarray(['phone', 'identity_no', 'address', 'birth_on', 'email']),
      noData: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(anyFacts, { minLength: 30, maxLength: 30 }), async (list) => {
        const rows = list.map(
          (one, id) =>
            `(${id}, ${one.gapDays}, ${one.gapSum}::hugeint, ${one.ownSum}::hugeint, '${one.missing.join(',')}', ${one.missing.length}, ${one.noData})`,
        )
        const given = `(select * from (values ${rows.join(',')})
          as given(id, gap_days, gap_sum, own_sum, missing, missing_count, no_data))`
        const found = await engine.rows(
          `select ${confidenceSql(personal, 90)} as confidence, gaps from ${withGapsSql(given)} order by id`,
        )
        const expected = list.map((one) => {
          const gaps = gapsOf(personal, 90, one)
          return { confidence: confidence(gaps), gaps: gaps.map((gap) => gap.code).join(',') }
        })
        expect(found).toEqual(expected)
      }),
      { numRuns: 20 },
    )
  }, 60_000)

  it('says each gap in both languages', () => {
    expect(gapText('carried:3').en).toContain('3 days')
    expect(gapText('missing:phone').zh).toContain('phone')
    expect(gapText('noData').zh).toContain('余额')
  })
})
