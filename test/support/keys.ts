/** Keys out of a number, for tests that need no record. */
import { createHash } from 'node:crypto'
import { type Keys, keysOf, purposes } from '../../src/access/keys.ts'

export function testKeys(seed: number): Keys {
  const bytes = (name: string) => createHash('sha256').update(`${seed}:${name}`).digest()
  return keysOf(new Map([[1, bytes('master')]]), new Map(purposes.map((purpose) => [purpose, bytes(purpose)])))
}
