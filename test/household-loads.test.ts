/** A feed of households comes again after staff changed one: what they did stands. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything } from '../src/db/database.ts'
import { changeHousehold, type HouseholdChange } from '../src/desk/households/acts.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { type LoadingBank, loadingBank } from './support/loading-bank.ts'

let bank: LoadingBank
beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
  await loadFolder(bank.workplace, bank.inbox)
}, 120_000)
afterAll(() => bank.close())

const header = 'household_no,customer_no,role,from_day,consent_from,to_day'
async function load(name: string, ...lines: string[]) {
  const path = bank.put(name, `${[header, ...lines].join('\n')}\n`)
  return loadFile(bank.workplace, { path, feed: 'household-members', badRowLimit: 1 })
}

async function change(act: HouseholdChange): Promise<void> {
  const [login] = await bank.query<{ id: number }>(
    `insert into login (name, display_name, password_hash) values ('builder', 'builder', 'none')
     on conflict (name) do update set display_name = excluded.display_name returning id`,
  )
  const builder = {
    who: 'builder',
    loginId: login?.id ?? 0,
    address: '',
    today: '2026-02-01',
    now: '2026-02-01T02:00:00Z',
  }
  const [household] = await bank.query<{ version: number }>(`select version from household where household_no = 'H1'`)
  await bank.workplace.db.withScope(everything, (trx) =>
    changeHousehold(trx, 'H1', { version: household?.version ?? 0, change: act }, builder as never),
  )
}

const stored = () =>
  bank.query(`select p.customer_no as who, m.role, m.from_day::text as "from", m.to_day::text as "to",
      h.head_id = p.id as head, m.consent_from::text as consent
    from household_member m join household h on h.id = m.household_id join party p on p.id = m.party_id
    where h.household_no = 'H1' order by 1, 3`)

test('roles, consents, head and leaving stay as staff left them; others follow the feed', async () => {
  const before = await stored()
  expect(before).toMatchObject([
    { who: '1001', role: 'head', head: true },
    { who: '1003', head: false, consent: null },
  ])
  const told = (before as { who: string; role: string; from: string; consent: string | null }[]).map(
    ({ who, role, from, consent }) => `H1,${who},${role},${from},${consent ?? ''},`,
  )
  await change({ kind: 'head', customerNo: '1003', reason: '户主变更' })
  await change({ kind: 'consent', customerNo: '1003', proof: '签署' })
  await change({ kind: 'leave', customerNo: '1001', reason: '分户' })
  const edited = await stored()
  expect(edited).toMatchObject([
    { who: '1001', role: 'other', to: '2026-02-01', head: false },
    { who: '1003', role: 'head', head: true, consent: '2026-02-01' },
  ])
  expect(await load('household-members-again.csv', ...told, 'H1,1002,child,2026-01-15,,')).toMatchObject({
    quarantined: 0n,
  })
  expect(await stored()).toEqual([
    ...edited.slice(0, 1),
    { who: '1002', role: 'child', from: '2026-01-15', to: '2299-12-31', head: false, consent: null },
    ...edited.slice(1),
  ])
})

test('who left one household here is taken into another one by the feed, but nobody into two', async () => {
  const answer = await load('household-members-more.csv', 'H2,1001,head,2026-02-01,,', 'H2,1003,child,2026-02-01,,')
  expect(answer).toMatchObject({ accepted: 1n, quarantined: 1n })
  expect(await bank.query('select line, rule from quarantine order by load_id desc limit 1')).toEqual([
    { line: 3n, rule: 'twoHouseholds' },
  ])
})
