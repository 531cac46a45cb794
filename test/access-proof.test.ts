/** The access proof in short form; `npm run proof -- access` runs 10,000 cases. */
import { expect, test } from 'vitest'
import { proveAccess } from './proof/access.ts'
import { testDatabase } from './support/database.ts'

test('over random trees, posts, walls, moves, splits and closures everybody sees what the rules say', {
  timeout: 300_000,
}, async () => {
  const database = await testDatabase()
  try {
    const result = await proveAccess(database.db, { cases: 60, seed: 7 })
    expect(result.faults).toEqual([])
    expect(result.changes).toBeGreaterThan(30)
    expect(result.compared).toBeGreaterThan(300)
  } finally {
    await database.drop()
  }
})
