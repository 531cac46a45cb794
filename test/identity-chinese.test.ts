/**
 * The Chinese demo set under the configuration and the threshold that febrl has. The matcher is given the records; the
 * truth stays here.
 */
import { describe, expect, test } from 'vitest'
import { sourceRecords } from '../demo/sources.ts'
import { resolveParties } from '../src/identity/resolve.ts'
import { qualityOf, qualityText } from './support/identity-measure.ts'

const minutes = 60_000

describe.each([11, 12])('seed %i', (seed) => {
  const all = [...sourceRecords({ parties: 8000, seed })]
  const records = all.map(({ record }) => record)
  const truth = all.map((one) => one.truth)

  test('pairwise F1 of at least 0.98', {
    timeout: 3 * minutes,
  }, async () => {
    const found = await resolveParties(records)
    const quality = qualityOf(found, truth)
    console.log(qualityText(`Chinese demo set, seed ${seed}`, quality))
    expect(quality.f1).toBeGreaterThanOrEqual(0.98)
    expect(quality.blockingRecall).toBeGreaterThanOrEqual(0.99)
    for (const kind of ['person', 'company'] as const) {
      const places = records.flatMap((record, i) => (record.kind === kind ? [i] : []))
      const own = qualityOf(
        await resolveParties(places.map((i) => records[i]!)),
        places.map((i) => truth[i]!),
      )
      console.log(qualityText(`  ${kind}`, own))
      // 500 companies with sisters of the same name, phone and roof have some 400 pairs, of which fifteen are lost or wrong.
      expect(own.f1, kind).toBeGreaterThanOrEqual(kind === 'company' ? 0.95 : 0.98)
    }
  })
})

test('the records are hard ones: many a true pair agrees in no number, and few have the same name', () => {
  const byParty = Map.groupBy(sourceRecords({ parties: 2000, seed: 11 }), ({ truth }) => truth)
  const pairs = [...byParty.values()].filter((records) => records.length > 1).map(([a, b]) => [a!.record, b!.record])
  const share = (differ: (a: (typeof pairs)[0][0], b: (typeof pairs)[0][0]) => boolean) =>
    pairs.filter(([a, b]) => differ(a!, b!)).length / pairs.length
  expect(share((a, b) => a!.identityNo !== b!.identityNo || a!.identityNo === '')).toBeGreaterThan(0.3)
  expect(share((a, b) => a!.name !== b!.name)).toBeGreaterThan(0.25)
  expect(share((a, b) => a!.address !== b!.address)).toBeGreaterThan(0.5)
  expect(share((a, b) => a!.phone !== b!.phone)).toBeGreaterThan(0.4)
})
