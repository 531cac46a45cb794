/** The identity proof in short form; `npm run proof -- identity` runs ten seeds of 20,000 parties and the febrl sets. */
import { expect, test } from 'vitest'
import { proveIdentity } from './proof/identity.ts'

test('the Chinese demo set holds its mark and depends on neither order nor threads', { timeout: 120_000 }, async () => {
  const result = await proveIdentity({ seeds: 1, parties: 3000, febrl: null, say: (line) => console.log(line) })
  expect(result).toEqual({ sets: 1, faults: [] })
})
