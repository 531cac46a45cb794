/** Every benchmark runs to its end on a tiny bank. No time is asserted: machines differ and are noisy. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../', import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'strata-bench-'))
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))

function bench(name: string, ...options: string[]): string {
  const ran = spawnSync(process.execPath, [join(root, 'bench', `${name}.ts`), '--customers', '500', ...options], {
    cwd: root,
    env: { ...process.env, STRATA_HOME: home },
    encoding: 'utf8',
    timeout: 240_000,
  })
  expect(ran.status, `${ran.stdout}\n${ran.stderr}`).toBe(0)
  return ran.stdout
}

const minutes = 60_000

test('night', { timeout: 5 * minutes }, () => {
  const said = bench('night', '--runs', '1')
  expect(said).toMatch(/measures, tiers, scores +median/)
  expect(said).toMatch(/whole night with publishing: [\d.]+ s/)
})

test('simulate', { timeout: 5 * minutes }, () => {
  expect(bench('simulate', '--times', '2')).toMatch(/changed weights \(sums computed anew\): p50 \d+ ms/)
})

test('growth', { timeout: 5 * minutes }, () => {
  expect(bench('growth', '--largest', '1000', '--runs', '1')).toMatch(
    /slope of log time against log customers: -?[\d.]+/,
  )
})

test('load', { timeout: 5 * minutes }, () => {
  expect(bench('load', '--rows', '2000', '--runs', '1')).toMatch(/million rows a second/)
})

test('page', { timeout: 5 * minutes }, () => {
  const said = bench('page', '--times', '3', '--browser', '0', '--rest', '0')
  expect(said).toMatch(/memory at rest, server without PostgreSQL/)
  expect(said).toMatch(/search, whole name +1 in flight/)
})

test('scope', { timeout: 5 * minutes }, () => {
  const said = bench('scope', '--times', '3', '--rounds', '1', '--plans', '1')
  expect(said).toMatch(/record \(bank\) +p50 [\d.]+ \/ [\d.]+ ms, ratio [\d.]+/)
  expect(said).toMatch(/record, as the owner\n.*Nested Loop/)
})

test('identity', { timeout: 5 * minutes }, () => {
  const said = bench('identity', '--parties', '1500', '--checks', '50')
  expect(said).toMatch(/1500 parties against each other, \d+ threads: [\d.]+ s/)
  expect(said).toMatch(/check at entry, 50 records: p50 [\d.]+ ms/)
})
