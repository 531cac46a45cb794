/** The same result: at once, after a restart, and on a second empty home with other threads and another time zone. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fixedClock } from '../src/kit/clock.ts'
import { exportTiers } from '../src/nightly/export-tiers.ts'
import { runNight } from '../src/nightly/night.ts'
import { openWorkplace, type Workplace } from '../src/nightly/workplace.ts'
import type { TestBank } from './support/lake-bank.ts'
import { storyBank, storyDay } from './support/story-bank.ts'

const banks: TestBank[] = []
afterAll(async () => {
  for (const bank of banks) await bank.close()
})

async function outcome(workplace: Workplace, name: string) {
  const night = await runNight(workplace, { day: storyDay })
  const files: Record<string, string> = {}
  for (const format of ['csv', 'json', 'parquet'] as const) {
    const out = join(workplace.tempDir, `${name}.${format}`)
    await exportTiers(workplace, { day: storyDay, format, out })
    files[format] = readFileSync(out).toString('base64')
  }
  return { digest: night.digest, tables: night.steps.map(({ name, digest }) => `${name} ${digest}`), files }
}

test('three times the same', { timeout: 120_000 }, async () => {
  const one = await storyBank({ STRATA_THREADS: '1' })
  banks.push(one)
  const first = await outcome(one.workplace, 'first')
  expect(first.files.csv?.length).toBeGreaterThan(1000)
  expect(await outcome(one.workplace, 'again')).toEqual(first)

  const restarted = await openWorkplace(one.workplace.config, { clock: fixedClock('2026-07-02T09:00:00.000Z') })
  expect(await outcome(restarted, 'restarted')).toEqual(first)
  await restarted.close()

  const zone = process.env.TZ
  process.env.TZ = 'America/Los_Angeles'
  try {
    const two = await storyBank({ STRATA_THREADS: '2' })
    banks.push(two)
    expect(await outcome(two.workplace, 'elsewhere')).toEqual(first)
  } finally {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  }
})
