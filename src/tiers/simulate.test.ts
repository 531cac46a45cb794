import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { openEngine } from '../lake/engine.ts'
import { type Assigned, compare, hits, movesSql, summarise } from './simulate.ts'

const engine = openEngine({ threads: 1, memoryLimitMb: 256, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())
const at = (partyId: bigint, tier: number, assetsFen = 100n): Assigned => ({ partyId, tier, assetsFen })

describe('comparing two assignments', () => {
  it('counts moves, tiers, rises and falls', () => {
    const before = [at(1n, 1), at(2n, 2), at(3n, 2), at(4n, 3)]
    const after = [at(1n, 2, 150n), at(2n, 2), at(3n, 1), at(5n, 1, 7n)]
    expect(compare(before, after)).toEqual({
      moves: [
        { fromTier: 0, toTier: 1, customers: 1, assetsFen: 7n },
        { fromTier: 1, toTier: 2, customers: 1, assetsFen: 150n },
        { fromTier: 2, toTier: 1, customers: 1, assetsFen: 100n },
        { fromTier: 2, toTier: 2, customers: 1, assetsFen: 100n },
        { fromTier: 3, toTier: 0, customers: 1, assetsFen: 100n },
      ],
      tiers: [
        { tier: 0, before: 1, after: 1, assetsFen: 100n },
        { tier: 1, before: 1, after: 2, assetsFen: 107n },
        { tier: 2, before: 2, after: 2, assetsFen: 250n },
        { tier: 3, before: 1, after: 0, assetsFen: 0n },
      ],
      rises: 2,
      falls: 2,
      same: 1,
    })
  })

  it('is the same in SQL', async () => {
    const anySide = fc.uniqueArray(
      fc.record({
        partyId: fc.bigInt({ min: 1n, max: 60n }),
        tier: fc.integer({ min: 0, max: 4 }),
        assetsFen: fc.bigInt({ min: -(10n ** 17n), max: 9n * 10n ** 18n }),
      }),
      { selector: (one) => one.partyId, minLength: 1, maxLength: 60 },
    )
    const relation = (side: readonly Assigned[]) =>
      `(select party_id::bigint as party_id, tier::smallint as tier, assets_fen::bigint as assets_fen from (values ${side
        .map((one) => `(${one.partyId}, ${one.tier}, ${one.assetsFen})`)
        .join(',')}) as given(party_id, tier, assets_fen))`
    type Move = { from_tier: number; to_tier: number; customers: bigint; assets_fen: string }
    await fc.assert(
      fc.asyncProperty(anySide, anySide, async (before, after) => {
        const rows = await engine.rows<Move>(movesSql({ before: relation(before), after: relation(after) }))
        const moves = rows.map((row) => ({
          fromTier: row.from_tier,
          toTier: row.to_tier,
          customers: Number(row.customers),
          assetsFen: BigInt(row.assets_fen),
        }))
        expect(summarise(moves)).toEqual(compare(before, after))
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  it('reads hits and misses on a labelled sample', () => {
    const labels = new Map([
      [1n, 2],
      [2n, 2],
      [3n, 1],
      [4n, 1],
    ])
    expect(hits(labels, [at(1n, 2), at(2n, 1), at(3n, 3)])).toMatchObject({ sample: 4, hits: 1, tooHigh: 1, tooLow: 2 })
  })
})
