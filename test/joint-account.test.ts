/** An account that becomes joint inside the window: each owner's part of today, once, and the first owner has the rest. */
import { expect, test } from 'vitest'
import { day } from '../src/kit/day.ts'
import { runNight } from '../src/nightly/night.ts'
import { emptyBank, insertRows, loadBalances } from './support/lake-bank.ts'

test('shares that change twice inside the window divide the assets of the day once', { timeout: 60_000 }, async () => {
  const bank = await emptyBank({ now: '2026-07-01T02:00:00.000Z' })
  try {
    await insertRows(
      bank,
      'party',
      [1, 2, 3].map((id) => ({
        id,
        kind: 'person',
        customer_no: `C${id}`,
        name: `客户${id}`,
        unit_id: 1,
        identity_valid: true,
      })),
    )
    await insertRows(bank, 'product', [{ id: 1, code: 'DEP', name: '活期', class: 'deposit', weight: 10000 }])
    const account = { id: 1, no_token: Buffer.from('t'), no_sealed: Buffer.from(''), no_last4: '0000' }
    await insertRows(bank, 'account', [{ ...account, product_id: 1, currency: 'CNY', unit_id: 1 }])
    await insertRows(bank, 'position', [{ id: 1, account_id: 1, product_id: 1, kind: 'balance', currency: 'CNY' }])
    const owner = (party: number, share: number, ordinal: number, from: string, to = '2299-12-31') => ({
      account_id: 1,
      party_id: party,
      share,
      ordinal,
      from_day: from,
      to_day: to,
    })
    await insertRows(bank, 'account_owner', [
      owner(1, 10_000, 1, '2020-01-01', '2026-05-01'),
      owner(1, 5_000, 1, '2026-05-01', '2026-06-01'),
      owner(2, 5_000, 2, '2026-05-01', '2026-06-01'),
      owner(1, 3_334, 1, '2026-06-01'),
      owner(2, 3_333, 2, '2026-06-01'),
      owner(3, 3_333, 3, '2026-06-01'),
    ])
    await loadBalances(bank, [
      { position: 1, account: 1, day: '2026-03-01', value: 50_000n },
      { position: 1, account: 1, day: '2026-06-15', value: 100_001n },
      { position: 1, account: 1, day: '2026-06-30', value: 100_001n },
    ])
    await runNight(bank.workplace, { day: day('2026-06-30') })
    const rows = (
      await bank.database.db.owner.query(
        'select aum_fen, deposit_fen, sum_fen from night_customer order by customer_no',
      )
    ).rows
    // 100,001 × 0.3333 = 33,330.3333 is cut; the first owner has what is left over
    expect(rows.map((row) => row.aum_fen)).toEqual([33_341n, 33_330n, 33_330n])
    expect(rows.map((row) => row.deposit_fen)).toEqual([33_341n, 33_330n, 33_330n])
    // window 2026-04-02 … 2026-06-30: 29 days alone, 31 halved, 14 + 16 in thirds
    const total = 50_000n * 74n + 100_001n * 16n
    const thirds = 50_000n * 14n + 100_001n * 16n
    expect(rows[1].sum_fen).toBe((50_000n * 31n * 5_000n + thirds * 3_333n) / 10_000n)
    expect(rows.reduce((sum, row) => sum + row.sum_fen, 0n)).toBeGreaterThanOrEqual(total - 3n)
  } finally {
    await bank.close()
  }
})
