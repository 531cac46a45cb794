/** What is deleted of old nights, and that everything kept still opens, explains and replays. */
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything } from '../src/db/database.ts'
import { nightById } from '../src/desk/nights/current.ts'
import { readFlowsBetween } from '../src/desk/nights/pyramid.ts'
import type { fixedClock } from '../src/kit/clock.ts'
import { addDays, day, daysBetween } from '../src/kit/day.ts'
import { allUnits } from '../src/kit/unit-set.ts'
import { explainCustomer } from '../src/nightly/explain.ts'
import { exportTiers } from '../src/nightly/export-tiers.ts'
import { type NightResult, runNight } from '../src/nightly/night.ts'
import { policyInForce } from '../src/nightly/policies.ts'
import { pruneLake } from '../src/nightly/prune.ts'
import { emptyBank, insertRows, loadBalances, type TestBank } from './support/lake-bank.ts'

let bank: TestBank
const nights = new Map<string, NightResult>()
const first = day('2026-05-30')

// A month-end among twelve daily nights; every day a new customer, so that no two desk snapshots are the same. The clock
// is later than any file of this machine, and two days pass before the last night.
beforeAll(async () => {
  bank = await emptyBank({ now: '2099-01-01T02:00:00.000Z' })
  await insertRows(bank, 'product', [{ id: 1, code: 'DEP', name: '活期', class: 'deposit', weight: 10000 }])
  await party(1)
  const account = { id: 1, no_token: Buffer.from('1'), no_sealed: Buffer.from(''), no_last4: '0000', unit_id: 1 }
  await insertRows(bank, 'account', [{ ...account, product_id: 1, currency: 'CNY' }])
  await insertRows(bank, 'position', [{ id: 1, account_id: 1, product_id: 1, kind: 'balance', currency: 'CNY' }])
  await insertRows(bank, 'account_owner', [{ account_id: 1, party_id: 1, share: 10000 }])
  await loadBalances(bank, [{ position: 1, account: 1, day: '2026-02-20', value: 20_000_000n }])
  await loadBalances(bank, [{ position: 1, account: 1, day: '2026-06-10', value: 30_000_000n }])
  for (let i = 0; i < 12; i++) {
    if (i === 11) (bank.workplace.clock as ReturnType<typeof fixedClock>).set('2099-01-03T02:00:00.000Z')
    await party(i + 2)
    const on = addDays(first, i)
    nights.set(on, await runNight(bank.workplace, { day: on }))
  }
}, 120_000)
afterAll(() => bank.close())

async function party(id: number): Promise<void> {
  const row = { id, kind: 'person', customer_no: `C${id}`, name: `客户${id}`, unit_id: 1, identity_valid: true }
  await insertRows(bank, 'party', [row])
}

const idOf = (on: string) => nights.get(on)?.nightId ?? 0
const daysKept = ['2026-05-31', ...Array.from({ length: 7 }, (_, i) => addDays(day('2026-06-04'), i))]
const inLake = (folder: string) => readdirSync(join(bank.workplace.lakeDir, folder)).sort()

test('of the nights that are not kept only a state stays that a kept one began with', () => {
  const began = ['2026-05-30', '2026-06-03']
  const expected = [...daysKept, ...began].map((on) => String(idOf(on)))
  expect(inLake('runs')).toEqual(expected.sort())
  for (const on of began) expect(inLake(`runs/${idOf(on)}`)).toEqual(['life.parquet'])
  for (const on of daysKept) expect(inLake(`runs/${idOf(on)}`).length).toBeGreaterThan(4)
  expect(inLake('snapshots')).toHaveLength(daysKept.length)
})

test.each(['2026-05-31', '2026-06-04', '2026-06-09', '2026-06-10'])(
  'the night of %s replays',
  async (on) => {
    const replay = await runNight(bank.workplace, { replay: idOf(on) })
    expect(replay).toMatchObject({ status: 'replayed', digest: nights.get(on)?.digest, differs: [] })
  },
  60_000,
)

test('a night whose inputs are gone says so', async () => {
  await expect(runNight(bank.workplace, { replay: idOf('2026-06-01') })).rejects.toThrow(/not kept any more/)
})

test.each(['2026-05-31', '2026-06-01'])(
  '%s is explained and exported all the same',
  async (on) => {
    const why = await explainCustomer(bank.workplace, 'C1', { day: day(on) })
    expect([why.day, why.individual.averageFen]).toEqual([on, '20000000'])
    const out = join(bank.home.home, `${on}.csv`)
    expect((await exportTiers(bank.workplace, { out, format: 'csv', day: day(on) })).day).toBe(on)
  },
  60_000,
)

test('the past can be filled from the state that is left', async () => {
  const between = await runNight(bank.workplace, { day: day('2026-06-02') })
  expect(between.status).toBe('published')
}, 60_000)

test.each(['2026-06-10', '2026-06-02'])('what moved until %s is told only where it is still known', async (on) => {
  const { db } = bank.workplace
  const { policy } = await policyInForce(db.owner, 'personal', day(on), 'CNY')
  await db.withScope(everything, async (trx) => {
    const night = await nightById(trx, idOf(on))
    const flows = (from?: number) => readFlowsBetween(trx, night, policy, { units: allUnits }, { from })
    const { comparable } = await flows()
    // Of a night whose rows are gone it is known only how it differed from the one before it.
    const known = daysKept.includes(on) ? daysKept.filter((one) => one < on).reverse() : ['2026-06-01']
    expect(comparable.map((one) => one.day)).toEqual(known)
    for (const { id, day: from } of comparable) {
      const { rises, falls, same } = await flows(id)
      // Only who came in between rises, one a day.
      const came = daysBetween(day(from), day(on))
      expect([from, rises, falls, same]).toEqual([from, came, 0, daysBetween(first, day(on)) + 2 - came])
    }
  })
})

test('what killed nights and questions left among the temporary files goes after a day', async () => {
  const { tempDir } = bank.workplace
  const old = ['desk-1/party.csv', 'compact-2026-06-01-1/0.parquet', 'publish-1/names-1.csv', 'would-1/a.csv']
  const single = ['digest-1-2.csv', 'names-1-2.csv', 'known-unit-1.json']
  const kept = ['duckdb/spilled', 'load-1/original', 'desk-young/party.csv']
  for (const name of [...old, ...single, ...kept]) {
    mkdirSync(dirname(join(tempDir, name)), { recursive: true })
    writeFileSync(join(tempDir, name), '')
    const at = name.includes('young') ? new Date('2099-01-03T00:00:00Z') : new Date('2026-01-01T00:00:00Z')
    utimesSync(join(tempDir, name), at, at)
    if (name.includes('/')) utimesSync(dirname(join(tempDir, name)), at, at)
  }
  await pruneLake(bank.workplace)
  const left = [...old, ...single, ...kept].filter((name) => existsSync(join(tempDir, name)))
  expect(left).toEqual(kept)
})

test('interval files that nothing reads any more go after a day', async () => {
  const { db, lakeDir } = bank.workplace
  const { rows } = await db.owner.query<{ path: string }>(
    `select jsonb_array_elements(manifest -> 'intervals') ->> 'path' as path from night where status = 'published'
     union select path from lake_file where kind = 'interval' and superseded_at is null`,
  )
  expect(rows.length).toBeGreaterThan(4)
  const write = (name: string, at: string) => {
    const path = join(lakeDir, 'intervals', name)
    writeFileSync(path, '')
    utimesSync(path, new Date(at), new Date(at))
    return path
  }
  const old = [write('2026-06-0.parquet', '2026-01-01'), write('2026-06-1.parquet.7.part', '2026-01-01')]
  const young = write('2026-06-2.parquet', '2099-01-03')
  await pruneLake(bank.workplace)
  expect(old.filter((path) => existsSync(path))).toEqual([])
  expect([young, ...rows.map(({ path }) => join(lakeDir, path))].filter((path) => !existsSync(path))).toEqual([])
})
