import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openEngine } from '../lake/engine.ts'
import { idRanges } from './compute.ts'

const engine = openEngine({ threads: 1, memoryLimitMb: 256, tempDir: mkdtempSync(join(tmpdir(), 'strata-')) })
afterAll(() => engine.close())

it.each([
  ['nothing', [], 2n],
  ['one', [7n], 2n],
  ['as many as fit', [3n, 4n], 2n],
  ['one more than fit', [3n, 4n, 5n], 2n],
  ['ids far apart', [1n, 2n, 900n, 901n, 902n], 2n],
  ['each alone', [-4n, 10n, 11n], 1n],
] as const)('ranges hold every id once: %s', async (_, ids, atOnce) => {
  const values = ids.map((id) => `(${id}::bigint)`).join(', ')
  const relation = ids.length === 0 ? '(select 1::bigint as id where false)' : `(values ${values}) as given(id)`
  const ranges = await idRanges(engine, relation, 'id', atOnce)
  expect(ranges.length).toBeGreaterThanOrEqual(1)
  for (const [i, range] of ranges.entries()) if (i > 0) expect(range.from).toBe((ranges[i - 1]?.to ?? 0n) + 1n)
  for (const id of ids) expect(ranges.filter((range) => range.from <= id && id <= range.to)).toHaveLength(1)
})
