/** One small bank with everything a night minds: for tests that compare whole runs rather than single figures. */
import { addDays, day } from '../../src/kit/day.ts'
import {
  type BalanceFact,
  emptyBank,
  insertRows,
  loadBalances,
  loadRates,
  loadTransactions,
  type TestBank,
} from './lake-bank.ts'

export { storyDay } from './story-day.ts'

const first = day('2026-01-01')
const customers = 60

/** 60 customers, 96 accounts of five products in two currencies, 10 households, 180 days of changes. The same each time. */
export async function storyBank(env: Record<string, string> = {}): Promise<TestBank> {
  const bank = await emptyBank({ now: '2026-07-01T02:00:00.000Z', env })
  const ids = Array.from({ length: customers }, (_, i) => i + 1)
  await insertRows(
    bank,
    'party',
    ids.map((id) => ({
      id,
      kind: id % 15 === 0 ? 'company' : 'person',
      customer_no: `C${String(id).padStart(4, '0')}`,
      name: `客户${id}`,
      unit_id: 1,
      identity_valid: id % 11 !== 0,
      missing: id % 7 === 0 ? ['phone'] : [],
    })),
  )
  const classes = ['deposit', 'wealth', 'fund', 'insurance', 'metal']
  await insertRows(
    bank,
    'product',
    classes.map((name, i) => ({ id: i + 1, code: name, name, class: name, weight: 10_000 - i * 1_000 })),
  )
  const accounts = Array.from({ length: 96 }, (_, i) => ({
    id: i + 1,
    product: 1 + (i % 5),
    currency: i % 9 === 0 ? 'USD' : 'CNY',
    owner: 1 + ((i * 37) % customers),
  }))
  await insertRows(
    bank,
    'account',
    accounts.map(({ id, product, currency }) => ({
      id,
      no_token: Buffer.from(`t${id}`),
      no_sealed: Buffer.from(''),
      no_last4: String(1000 + id),
      product_id: product,
      currency,
      unit_id: 1,
      closed_on: id % 31 === 0 ? '2026-05-20' : null,
      matures_on: id % 17 === 0 ? '2026-07-12' : null,
    })),
  )
  await insertRows(
    bank,
    'position',
    accounts.map(({ id, product, currency }) => ({
      id,
      account_id: id,
      product_id: product,
      kind: 'balance',
      currency,
    })),
  )
  await insertRows(
    bank,
    'account_owner',
    accounts.flatMap(({ id, owner }) =>
      id % 8 === 0
        ? [
            { account_id: id, party_id: owner, share: 3_334, ordinal: 1 },
            { account_id: id, party_id: 1 + (owner % customers), share: 6_666, ordinal: 2 },
          ]
        : [{ account_id: id, party_id: owner, share: 10_000, ordinal: 1 }],
    ),
  )
  const households = Array.from({ length: 10 }, (_, i) => i + 1)
  await insertRows(
    bank,
    'household',
    households.map((id) => ({ id, household_no: `H${id}`, unit_id: 1 })),
  )
  await insertRows(
    bank,
    'household_member',
    households.flatMap((id) =>
      [0, 1, 2].map((n) => ({
        household_id: id,
        party_id: id * 3 + n,
        role: 'member',
        from_day: '2025-01-01',
        consent_from: n === 2 && id % 2 === 0 ? null : '2025-01-01',
      })),
    ),
  )
  await insertRows(
    bank,
    'tier_change',
    ids
      .filter((id) => id % 4 === 0)
      .map((id) => ({
        party_id: id,
        scheme: 'personal',
        to_tier: 1 + (id % 4),
        effective_on: '2025-12-31',
        made_by: 'opening',
        reason: 'opening',
      })),
  )
  const facts: BalanceFact[] = accounts.flatMap(({ id }) =>
    Array.from({ length: 181 }, (_, i) => i)
      .filter((i) => (i * 7 + id) % 13 === 0 || i === 0)
      .map((i) => ({
        position: id,
        account: id,
        day: addDays(first, i) as string,
        value: (i + id) % 29 === 0 && i > 0 ? null : BigInt(((i * 7919 + id * 104_729) % 40_000_000) - 1_000_000),
      })),
  )
  await loadBalances(bank, facts)
  const rateDays = Array.from({ length: 181 }, (_, i) => i).filter((i) => i % 7 !== 6)
  await loadRates(
    bank,
    rateDays.map((i) => ({ currency: 'USD', day: addDays(first, i), rate: 710_000_000n + BigInt(i * 1_001) })),
  )
  await loadTransactions(
    bank,
    Array.from({ length: 400 }, (_, i) => ({
      account: 1 + ((i * 31) % 96),
      day: addDays(first, (i * 11) % 181),
      amount: BigInt((i * 997) % 50_000) - 20_000n,
      currency: 'CNY',
      kind: i % 10 === 0 ? 'interest' : 'payment',
    })),
  )
  return bank
}
