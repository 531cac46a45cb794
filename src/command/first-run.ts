/**
 * The first start: a made-up bank is written to the inbox, loaded, and its nights are run. What it does stands in the
 * record before it is begun, so that an interrupted first start goes on where it was, with the same bank.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeDemo } from '../../demo/write.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { addDays, type Day, day } from '../kit/day.ts'
import { loadFolder } from '../nightly/load/folder.ts'
import { runNight } from '../nightly/night.ts'
import { monthEndsBetween } from '../nightly/night-day.ts'
import { schemeDefault } from '../nightly/policies.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { text } from './print.ts'
import type { Steps } from './steps.ts'

interface DemoPlan {
  customers: number
  days: number
  seed: number
  /** The last day of its history. */
  end: Day
  done: boolean
}

const monthEndsMax = 13

/** Whether this record has, or is to have, the demo bank: it is empty, or the demo was begun in it. */
export async function wantsDemo(db: Database): Promise<boolean> {
  if (await planOf(db)) return true
  const found = await db.owner.query('select 1 from load limit 1')
  return found.rowCount === 0
}

/** Writes, loads and tiers the demo bank; goes on where an earlier start was interrupted. */
export async function firstRun(workplace: Workplace, steps: Steps): Promise<void> {
  const { db, config } = workplace
  const plan = (await planOf(db)) ?? (await keepPlan(db, newPlan(config, workplace.clock.today())))
  if (plan.done) return
  const inbox = join(config.home, 'inbox', 'demo')
  const written = `${inbox}.written`
  if (!existsSync(written)) {
    const title = text(`a made-up bank of ${plan.customers} customers`, `生成演示银行（${plan.customers} 位客户）`)
    await steps.step(title, async () => {
      rmSync(inbox, { recursive: true, force: true })
      mkdirSync(inbox, { recursive: true })
      const report = (done: number, total: number) => steps.report({ step: text('write', '生成'), done, total })
      await writeDemo({ ...plan, out: inbox, report })
      writeFileSync(written, '')
    })
  }
  await steps.step(text('load its files', '装载数据文件'), () => loadFolder(workplace, inbox))
  const nights = nightsOf(plan)
  for (const [at, night] of nights.entries()) {
    if (await isPublished(db, night)) continue
    const title = text(
      `night of ${night} (${at + 1} of ${nights.length})`,
      `跑批 ${night}（${at + 1} / ${nights.length}）`,
    )
    await steps.step(title, () => runNight(workplace, { day: night }))
  }
  await keepPlan(db, { ...plan, done: true })
}

/** The last thirteen month-ends that its history covers, and its last day. */
function nightsOf(plan: { end: Day; days: number }): Day[] {
  const ends = monthEndsBetween(addDays(plan.end, 2 - plan.days), addDays(plan.end, -1))
  return [...ends.slice(-monthEndsMax), plan.end]
}

function newPlan(config: Config, today: Day): DemoPlan {
  const { demoCustomers: customers, demoDays: days, demoSeed: seed } = config
  return { customers, days, seed, end: addDays(today, -1), done: false }
}

async function planOf(db: Database): Promise<DemoPlan | null> {
  const found = await db.owner.query<{ value: string }>("select value from setting where name = 'demo'")
  const value = found.rows[0]?.value
  if (value === undefined) return null
  const plan = JSON.parse(value) as DemoPlan
  return { ...plan, end: day(plan.end) }
}

async function keepPlan(db: Database, plan: DemoPlan): Promise<DemoPlan> {
  await db.owner.query(
    `insert into setting (name, value) values ('demo', $1) on conflict (name) do update set value = excluded.value`,
    [JSON.stringify(plan)],
  )
  return plan
}

async function isPublished(db: Database, night: Day): Promise<boolean> {
  const found = await db.owner.query(
    "select 1 from night where scheme = $1 and day = $2 and status = 'published' limit 1",
    [schemeDefault, night],
  )
  return found.rowCount === 1
}
