/** The proofs of keys and erasure in short form; `npm run proof -- rotation` and `-- erasure` run them in full. */
import { expect, test } from 'vitest'
import { proveErasure } from './proof/erasure.ts'
import { proveRotation } from './proof/rotation.ts'

test('a rotation under load, killed where it hurts, loses nothing', { timeout: 300_000 }, async () => {
  const lines: string[] = []
  const result = await proveRotation({ customers: 200, kills: 3, seed: 1, say: (line) => lines.push(line) })
  expect(result.faults, lines.join('\n')).toEqual([])
  expect(result).toMatchObject({ killed: 3, rotations: 1 })
  expect(result.loaded).toBeGreaterThan(0)
  expect(result.pages).toBeGreaterThan(0)
})

test('erasing under load, killed with its loader, loses nothing and brings nobody back', {
  timeout: 300_000,
}, async () => {
  const lines: string[] = []
  const options = { customers: 200, erased: 20, kills: 2, seed: 1, say: (line: string) => lines.push(line) }
  const result = await proveErasure(options)
  expect(result.faults, lines.join('\n')).toEqual([])
  expect(result).toMatchObject({ erased: 20 })
  expect(result.loads).toBeGreaterThan(0)
})
