/** Whose customer somebody is, day by day: assignments begin and end by themselves, without another file. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { fixedClock } from '../src/kit/clock.ts'
import { day } from '../src/kit/day.ts'
import { bringAssignments } from '../src/nightly/assignments.ts'
import { loadFile, loadFolder } from '../src/nightly/load/folder.ts'
import { runNight } from '../src/nightly/night.ts'
import { type LoadingBank, loadingBank } from './support/loading-bank.ts'

let bank: LoadingBank
let staff: string[]
beforeAll(async () => {
  bank = await loadingBank({ now: '2026-02-01T02:00:00.000Z' })
  await loadFolder(bank.workplace, bank.inbox)
  staff = (await bank.query<{ code: string }>('select code from staff order by code')).map(({ code }) => code)
  const rows = [`1001,${staff[0]},2026-01-01,2026-02-10`, `1002,${staff[0]},2026-02-03,`]
  const path = bank.put('assignments-next.csv', `customer_no,staff_code,from_day,to_day\n${rows.join('\n')}\n`)
  expect(await loadFile(bank.workplace, { path, feed: 'assignments' })).toMatchObject({ accepted: 2n })
}, 120_000)
afterAll(() => bank.close())

async function managers(): Promise<(string | null)[]> {
  const found = await bank.query<{ code: string | null }>(
    `select s.code from party p left join staff s on s.id = p.rm_id where p.customer_no in ('1001', '1002')
     order by p.customer_no`,
  )
  return found.map(({ code }) => code)
}

test.each([
  ['2026-02-02', true, false],
  ['2026-02-03', true, true],
  ['2026-02-09', true, true],
  ['2026-02-10', false, true],
])('on %s', async (on, first, second) => {
  const clock = bank.workplace.clock as ReturnType<typeof fixedClock>
  clock.set(`${on}T02:00:00.000Z`)
  const before = await managers()
  await bringAssignments(bank.workplace)
  const now = await managers()
  expect([now[0] === staff[0], now[1] === staff[0]]).toEqual([first, second])
  expect(await bringAssignments(bank.workplace)).toBe(0)
  const entries = await bank.query(`select from audit_entry where action = 'bringAssignments'`)
  expect(entries.length > 0 || before.join() === now.join()).toBe(true)
})

test('a night sees the manager of its morning', async () => {
  const clock = bank.workplace.clock as ReturnType<typeof fixedClock>
  const path = bank.put('assignments-later.csv', `customer_no,staff_code,from_day\n1001,${staff[0]},2026-02-12\n`)
  await loadFile(bank.workplace, { path, feed: 'assignments' })
  clock.set('2026-02-12T02:00:00.000Z')
  const { nightId } = await runNight(bank.workplace, { day: day('2026-01-31') })
  const found = await bank.query(
    `select s.code from night_customer c join staff s on s.id = c.rm_id where c.night_id = $1 and c.customer_no = '1001'`,
    [nightId],
  )
  expect(found).toEqual([{ code: staff[0] }])
}, 60_000)

test('the nights there are already follow who looks after a customer, and where', async () => {
  const rows = () =>
    bank.query<{ rm: string; unit: string }>(
      `select distinct s.code as rm, u.code as unit from night_customer c join staff s on s.id = c.rm_id
       join unit u on u.id = c.unit_id where c.customer_no = '1001'`,
    )
  const [at] = await rows()
  const clock = bank.workplace.clock as ReturnType<typeof fixedClock>
  clock.set('2026-02-13T02:00:00.000Z')
  const path = bank.put('assignments-now.csv', `customer_no,staff_code,from_day\n1001,${staff[1]},2026-02-13\n`)
  await loadFile(bank.workplace, { path, feed: 'assignments' })
  expect(await rows()).toEqual([{ rm: staff[1], unit: at?.unit }])
  const then = bank.put('assignments-then.csv', `customer_no,staff_code,from_day\n1001,${staff[0]},2026-02-14\n`)
  await loadFile(bank.workplace, { path: then, feed: 'assignments' })
  expect(await rows()).toEqual([{ rm: staff[1], unit: at?.unit }])
  clock.set('2026-02-14T02:00:00.000Z')
  await bringAssignments(bank.workplace)
  expect(await rows()).toEqual([{ rm: staff[0], unit: at?.unit }])
  const moved = bank.put(
    'customers-moved.csv',
    'customer_no,kind,name,unit_code,opened_on\n1001,person,欧阳志远,0101,2012-03-05\n',
  )
  await loadFile(bank.workplace, { path: moved, feed: 'customers' })
  expect(await rows()).toEqual([{ rm: staff[0], unit: '0101' }])
}, 60_000)
