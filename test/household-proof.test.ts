/** The household proof in short form; `npm run proof -- households` runs 2,000 cases. */
import { expect, test } from 'vitest'
import { proveHouseholds } from './proof/households.ts'
import { testDatabase } from './support/database.ts'

test('over random acts and days each household is what the rules say, and nobody is in two', {
  timeout: 300_000,
}, async () => {
  const database = await testDatabase()
  try {
    const result = await proveHouseholds(database.db, { cases: 15, seed: 7 })
    expect(result.faults).toEqual([])
    expect(result.acts).toBeGreaterThan(150)
    expect(result.refused).toBeGreaterThan(20)
  } finally {
    await database.drop()
  }
})
