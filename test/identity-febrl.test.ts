/**
 * The published sets of the ANU generator, without `soc_sec_id`, under the one configuration and the threshold that
 * everything else has: nothing here is set for them. `rec_id` is the truth and is not part of a record.
 */
import { join } from 'node:path'
import { expect } from 'vitest'
import { resolveParties } from '../src/identity/resolve.ts'
import { qualityOf, qualityText, readFebrl } from './support/identity-measure.ts'
import { publicTest } from './support/public-data.ts'

for (const set of [1, 2, 3]) {
  publicTest(
    'febrl',
    `set ${set}: pairwise F1 of at least 0.998`,
    async (folder) => {
      const { records, truth } = readFebrl(join(folder, `dataset${set}.csv`))
      const quality = qualityOf(await resolveParties(records), truth)
      console.log(qualityText(`febrl set ${set}`, quality))
      expect(quality.f1).toBeGreaterThanOrEqual(0.998)
      expect(quality.blockingRecall).toBeGreaterThanOrEqual(0.99)
    },
    120_000,
  )
}

publicTest(
  'febrl',
  'another order of the rows gives the same parties',
  async (folder) => {
    const { records } = readFebrl(join(folder, 'dataset3.csv'))
    const usual = await resolveParties(records)
    // 1,777 has no factor in common with 5,000, so every row is met once.
    const moved = records.map((_, i) => (i * 1777 + 13) % records.length)
    const other = await resolveParties(moved.map((i) => records[i]!))
    const together = (partyOf: Int32Array, places: readonly number[]) => {
      const first = new Map<number, number>()
      return places.map((place, i) => {
        const party = partyOf[place]!
        if (!first.has(party)) first.set(party, i)
        return first.get(party)
      })
    }
    const back = new Int32Array(records.length)
    for (const [place, i] of moved.entries()) back[i] = place
    expect(together(other.partyOf, [...back])).toEqual(together(usual.partyOf, [...records.keys()]))
    expect(other.matched[0]!.model).toEqual(usual.matched[0]!.model)
  },
  120_000,
)
