/**
 * What nights do about value states: openings by the facts, and each cause of a proposal on both sides of its boundary.
 * Balances stay the same all through a window of 90 days, so that an average is the balance.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything } from '../src/db/database.ts'
import { decide } from '../src/desk/value-states/proposals.ts'
import { openingPosition } from '../src/desk/value-states/value-states.ts'
import { day } from '../src/kit/day.ts'
import { runNight } from '../src/nightly/night.ts'
import { auditEntries } from './support/audit.ts'
import { emptyBank, insertRows, loadBalances, loadTransactions, type TestBank } from './support/lake-bank.ts'

/** First days of three windows; the nights are on the last days of the second and third. */
const windows = ['2026-01-02', '2026-04-02', '2026-07-01']
const [first, second] = [day('2026-06-30'), day('2026-09-28')]
const halfYearBefore = '2026-01-01'

interface Case {
  /** Balance in each window. */
  fen: [bigint, bigint, bigint]
  activity?: string
  interest?: string
  closedOn?: string
  /** Cause that the first night finds, and the second once the first was accepted; undefined for none. */
  finds?: [string | undefined, string?]
}

// Limits as the settings have them: 180 days, 1,000.00, 20 %
const cases: Record<string, Case> = {
  'gone: a fifth is left': { fen: [1_000_000n, 200_000n, 200_000n] },
  'gone: a fen less': { fen: [1_000_000n, 199_999n, 199_999n], finds: ['balancesGone'] },
  'gone: there was just something': { fen: [100_000n, 0n, 0n], finds: ['balancesGone'] },
  'gone: there was next to nothing': { fen: [99_999n, 0n, 0n] },
  'dormant on the 180th day': { fen: [99_999n, 99_999n, 99_999n], activity: halfYearBefore, finds: ['dormant'] },
  'dormant, but for the bank’s own interest': {
    fen: [99_999n, 99_999n, 99_999n],
    activity: halfYearBefore,
    interest: '2026-06-20',
    finds: ['dormant'],
  },
  'dormant a day later': {
    fen: [99_999n, 99_999n, 99_999n],
    activity: '2026-01-02',
    finds: [undefined, 'dormant'],
  },
  'dormant with just something': { fen: [100_000n, 100_000n, 100_000n], activity: halfYearBefore },
  'dormant without a known transaction': { fen: [99_999n, 99_999n, 99_999n] },
  'back with a fifth': { fen: [1_000_000n, 0n, 200_000n], finds: ['balancesGone', 'cameBack'] },
  'back with a fen less': { fen: [1_000_000n, 0n, 199_999n], finds: ['balancesGone'] },
  'back with just something': { fen: [100_000n, 0n, 100_000n], finds: ['balancesGone', 'cameBack'] },
  'back with next to nothing': { fen: [100_000n, 0n, 99_999n], finds: ['balancesGone'] },
  'closed on the day': { fen: [99_999n, 99_999n, 99_999n], closedOn: first },
  'closed a day later': { fen: [300_000n, 300_000n, 300_000n], closedOn: '2026-07-01', finds: [undefined, 'closed'] },
  'nothing at all': { fen: [0n, 0n, 0n] },
}
const names = Object.keys(cases)

let bank: TestBank
const query = async (text: string, values: unknown[] = []) => (await bank.database.db.owner.query(text, values)).rows

beforeAll(async () => {
  bank = await emptyBank({ now: '2026-09-29T02:00:00.000Z' })
  await insertRows(bank, 'product', [{ id: 1, code: 'DEP', name: '活期', class: 'deposit', weight: 10000 }])
  await insertRows(bank, 'login', [{ id: 1, name: 'manager', display_name: '经理', password_hash: 'none' }])
  for (const [index, name] of names.entries()) {
    const { closedOn, activity, interest } = cases[name]!
    const id = index + 1
    const party = { id, kind: 'person', customer_no: `C${id}`, name, unit_id: 1, identity_valid: true }
    await insertRows(bank, 'party', [{ ...party, closed_on: closedOn ?? null }])
    const account = { id, no_token: Buffer.from(`t${id}`), no_sealed: Buffer.from(''), no_last4: '0000', unit_id: 1 }
    await insertRows(bank, 'account', [{ ...account, product_id: 1, currency: 'CNY' }])
    await insertRows(bank, 'position', [{ id, account_id: id, product_id: 1, kind: 'balance', currency: 'CNY' }])
    await insertRows(bank, 'account_owner', [{ account_id: id, party_id: id, share: 10000 }])
    const made = { account: id, amount: 1n, currency: 'CNY' }
    await loadTransactions(bank, [
      ...(activity ? [{ ...made, day: activity, kind: 'payment' }] : []),
      ...(interest ? [{ ...made, day: interest, kind: 'interest' }] : []),
    ])
  }
  await loadBalances(
    bank,
    names.flatMap((name, index) =>
      [...windows, second].map((on, at) => ({
        position: index + 1,
        account: index + 1,
        day: on,
        value: cases[name]!.fen[Math.min(at, 2)]!,
      })),
    ),
  )
  await runNight(bank.workplace, { day: first })
}, 60_000)
afterAll(() => bank.close())

/** Open proposals by case. */
async function found(): Promise<Record<string, string>> {
  const rows = await query(`select party_id, cause from value_proposal where status = 'open' order by party_id`)
  return Object.fromEntries(rows.map((row) => [names[Number(row.party_id) - 1], row.cause]))
}

const wanted = (night: 0 | 1) =>
  Object.fromEntries(names.flatMap((name) => (cases[name]!.finds?.[night] ? [[name, cases[name]!.finds![night]]] : [])))

const entries = async () => Number((await query('select count(*) as n from value_state'))[0].n)

const mover = { who: 'login:1', loginId: 1, address: '127.0.0.1', today: day('2026-09-29'), winBackDays: 30 }
async function accept(): Promise<void> {
  const ids = (await query(`select id::text from value_proposal where status = 'open'`)).map(({ id }) => id)
  const asked = { decision: 'accepted', ids, reason: 'needsGone', note: undefined } as const
  await bank.workplace.db.withScope(everything, (trx) => decide(trx, bank.workplace.clock, asked, mover))
}

test('each customer begins by their facts, as the rule says', async () => {
  const rows =
    await query(`select v.party_id, v.state, v.stage, v.from_day, v.source, p.closed_on, c.aum_fen, c.average_fen,
      c.average_before_fen, c.last_activity_on
    from value_state v join party p on p.id = v.party_id left join night_customer c on c.party_id = v.party_id order by 1`)
  expect(rows.length).toBe(names.length)
  for (const row of rows) {
    const facts = {
      closedOn: row.closed_on,
      aumFen: row.aum_fen ?? 0n,
      averageFen: row.average_fen ?? 0n,
      averageBeforeFen: row.average_before_fen ?? 0n,
    }
    const at = openingPosition({ day: first, lastActivityOn: row.last_activity_on, ...facts })
    expect([row.party_id, row.state, row.stage]).toEqual([row.party_id, at.state, at.stage])
    expect([row.from_day, row.source]).toEqual([first, 'opening'])
  }
  const states = Object.groupBy(rows, (row) => row.state)
  expect(states.lost?.map((row) => names[Number(row.party_id) - 1])).toEqual(['closed on the day'])
  expect(states.potential?.map((row) => names[Number(row.party_id) - 1])).toEqual(['nothing at all'])
})

test('a night proposes who seems to go, each on the right side of the limit', async () => {
  expect(await found()).toEqual(wanted(0))
  const [entry] = await query(
    `select count(*) as n from value_proposal where proposed_on = $1 and average_before_fen is not null`,
    [first],
  )
  expect(Number(entry.n)).toBe(Object.keys(wanted(0)).length)
})

test('the same night again enters and proposes nothing new', async () => {
  const before = await entries()
  await runNight(bank.workplace, { day: first })
  expect(await entries()).toBe(before)
  expect(await found()).toEqual(wanted(0))
})

test('the next one proposes who came back, measured against what they had', async () => {
  await accept()
  expect(await found()).toEqual({})
  await runNight(bank.workplace, { day: second })
  expect(await found()).toEqual(wanted(1))
})

test('what does not hold any more is withdrawn; a night of an earlier day changes nothing', async () => {
  const before = await entries()
  await runNight(bank.workplace, { day: day('2026-05-31') })
  expect(await found()).toEqual(wanted(1))
  const { 'dormant a day later': dormant, ...rest } = wanted(1)
  expect(dormant).toBe('dormant')
  const account = names.indexOf('dormant a day later') + 1
  await loadTransactions(bank, [{ account, day: '2026-09-01', amount: 1n, currency: 'CNY', kind: 'payment' }])
  await query(`update setting set value = (value::bigint + 1)::text where name = 'deskVersion'`)
  await runNight(bank.workplace, { day: second })
  expect(await found()).toEqual(rest)
  expect(await entries()).toBe(before)
})

test.each([
  ['2026-07-01', 0],
  ['2026-06-30', 1],
])('who was kept on %s is proposed again after 90 days: %i', async (on, times) => {
  await query(`delete from value_proposal where status = 'kept'`)
  const [party] = await query(`select party_id from value_proposal where status = 'open' order by party_id limit 1`)
  const id = party?.party_id ?? names.indexOf('back with a fifth') + 1
  await query(`update value_proposal set status = 'kept', decided_on = $2 where party_id = $1 and status = 'open'`, [
    id,
    on,
  ])
  await runNight(bank.workplace, { day: second })
  const open = await query(`select from value_proposal where status = 'open' and party_id = $1`, [id])
  expect(open.length).toBe(times)
  await query(
    `update value_proposal set status = 'open', decided_on = null where party_id = $1 and status = 'kept'
    and not exists (select from value_proposal o where o.party_id = $1 and o.status = 'open')`,
    [id],
  )
})

test('of a closed customer, who is in no night any more, the last one says what they had', async () => {
  await accept()
  const [row] = await query(
    `select former_average_fen from value_state where party_id = $1 and is_loss order by id desc limit 1`,
    [names.indexOf('closed a day later') + 1],
  )
  expect(row.former_average_fen).toBe(300_000n)
})

test('a night says in its audit entry how many it entered, proposed and withdrew', async () => {
  const published = await auditEntries(bank.workplace.db, bank.workplace.keys, 'publish')
  const said = published.map(({ after }) => (after as { valueStates?: object }).valueStates)
  expect(said[0]).toEqual({ entered: names.length, proposed: Object.keys(wanted(0)).length, withdrawn: 0 })
  expect(said).toContainEqual({ entered: 0, proposed: Object.keys(wanted(1)).length - 1, withdrawn: 1 })
  // Of an earlier day: nothing follows from it
  expect(said).toContain(undefined)
})
