/** What loads, nights and questions do to each other when they fall together. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Engine, openEngine } from '../src/lake/engine.ts'
import { runNight } from '../src/nightly/night.ts'
import { inputsOfNow } from '../src/nightly/what-if.ts'
import { insertRows, loadBalances, type TestBank } from './support/lake-bank.ts'
import { storyBank, storyDay } from './support/story-bank.ts'

let bank: TestBank
beforeEach(async () => {
  bank = await storyBank()
}, 60_000)
afterEach(() => bank.close())

/** A new account of the first customer with ten million yuan all day long, as a load leaves it. */
async function newAccount(): Promise<void> {
  const account = { id: 999, no_token: Buffer.from('999'), no_sealed: Buffer.from(''), no_last4: '0999', unit_id: 1 }
  await insertRows(bank, 'account', [{ ...account, product_id: 1, currency: 'CNY' }])
  await insertRows(bank, 'position', [{ id: 999, account_id: 999, product_id: 1, kind: 'balance', currency: 'CNY' }])
  await insertRows(bank, 'account_owner', [{ account_id: 999, party_id: 1, share: 10_000 }])
  await loadBalances(bank, [{ position: 999, account: 999, day: '2026-06-15', value: 1_000_000_000n }])
}

async function aum(): Promise<bigint> {
  const found = await bank.database.db.owner.query<{ fen: bigint }>(
    `select aum_fen as fen from night_customer c join published_night p on p.night_id = c.night_id where party_id = 1`,
  )
  return found.rows[0]?.fen ?? 0n
}

test('a load that is committed while a night freezes its inputs is in the next night', async () => {
  await runNight(bank.workplace, { day: storyDay })
  const before = await aum()
  const { engine } = bank.workplace
  let isLoaded = false
  const meanwhile: Engine = {
    ...engine,
    exec: async (text, options) => {
      if (!isLoaded && text.includes('/desk-')) {
        isLoaded = true
        await newAccount()
      }
      return engine.exec(text, options)
    },
  }
  await insertRows(bank, 'product', [{ id: 77, code: 'NEW', name: 'NEW', class: 'deposit', weight: 10_000 }])
  await runNight({ ...bank.workplace, engine: meanwhile }, { day: storyDay })
  expect(isLoaded).toBe(true)
  await runNight(bank.workplace, { day: storyDay })
  expect((await aum()) - before).toBe(1_000_000_000n)
}, 120_000)

test('a night and questions of one process make the same files at once', async () => {
  const tempDir = join(bank.workplace.tempDir, 'other')
  const other = openEngine({ threads: 1, memoryLimitMb: 256, tempDir })
  try {
    const [one, two, night] = await Promise.all([
      inputsOfNow(bank.workplace, storyDay),
      inputsOfNow(bank.workplace, storyDay),
      runNight({ ...bank.workplace, engine: other }, { day: storyDay }),
    ])
    expect(one).toEqual(two)
    expect(night.status).toBe('published')
  } finally {
    await other.close()
  }
  expect((await runNight(bank.workplace, { replay: 1 })).differs).toEqual([])
}, 180_000)
