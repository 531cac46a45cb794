/** A night killed in each of its steps: the published night stays in force, the next call finishes it, same digest. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything } from '../src/db/database.ts'
import { runNight } from '../src/nightly/night.ts'
import type { TestBank } from './support/lake-bank.ts'
import { storyBank, storyDay } from './support/story-bank.ts'

let bank: TestBank
let digest: string
beforeAll(async () => {
  bank = await storyBank()
  digest = (await runNight(bank.workplace, { day: storyDay })).digest
}, 60_000)
afterAll(() => bank.close())

const child = fileURLToPath(new URL('./support/night-child.ts', import.meta.url))

/** Runs a night in a process group of its own and kills all of it when `step` begins. */
async function killedAt(step: string): Promise<boolean> {
  const running = spawn(process.execPath, [child, bank.home.home, bank.database.ownerUrl, bank.database.appUrl], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve) => {
    let killed = false
    running.stdout.on('data', (text: Buffer) => {
      if (
        killed ||
        !text
          .toString()
          .split('\n')
          .some((line) => line.startsWith(`${step} `))
      )
        return
      killed = true
      if (running.pid !== undefined) process.kill(-running.pid, 'SIGKILL')
    })
    running.on('exit', () => resolve(killed))
  })
}

test.each(['freeze', 'measure', 'assign', 'score', 'life', 'publish'])(
  'killed in %s',
  { timeout: 60_000 },
  async (step) => {
    const before = await published()
    expect(await killedAt(step)).toBe(true)
    expect(await published()).toEqual(before)
    const finished = await runNight(bank.workplace, { day: storyDay })
    expect(finished.digest).toBe(digest)
    expect(await published()).toMatchObject({ night_id: finished.nightId, customers: 60n })
    const left = await bank.database.db.owner.query(`select count(*)::int as n from night where status = 'running'`)
    expect(left.rows[0].n).toBe(0)
  },
)

/** A replay as a kill leaves it: begun, with the inputs of the night it repeats. */
async function replayKilled(): Promise<{ replay: number; of: number }> {
  const made = await bank.database.db.owner.query<{ replay: number; of: number }>(
    `insert into night (day, scheme, policy_id, status, step, is_cut_off, replay_of_id, manifest)
     select day, scheme, policy_id, 'running', 'compact', is_cut_off, id, manifest - 'intervals' from night
     where status = 'published' order by id limit 1 returning id as replay, replay_of_id as of`,
  )
  return made.rows[0] ?? { replay: 0, of: 0 }
}

test('a replay that was killed is finished, and is not taken for the night', { timeout: 60_000 }, async () => {
  const { replay } = await replayKilled()
  const night = await runNight(bank.workplace, { day: storyDay })
  expect([night.status, night.digest]).toEqual(['published', digest])
  expect((await published())?.night_id).toBe(night.nightId)
  const left = await bank.database.db.owner.query('select status from night where id = $1', [replay])
  expect(left.rows).toEqual([{ status: 'replayed' }])
})

test('a replay that was killed goes on when it is asked for again', { timeout: 60_000 }, async () => {
  const { replay, of } = await replayKilled()
  expect(await runNight(bank.workplace, { replay: of })).toMatchObject({
    nightId: replay,
    status: 'replayed',
    differs: [],
  })
})

test('a night is published although an old one cannot be dropped', { timeout: 60_000 }, async () => {
  const { owner } = bank.database.db
  const [old] = (
    await owner.query(`select min(id) as id from night where to_regclass('night_customer_' || id) is not null`)
  ).rows
  await owner.query(`update retention set keep = 1 where noun = 'nights';
    create view held_back as select * from night_customer_${old.id}`)
  const night = await runNight(bank.workplace, { day: storyDay }).finally(() => owner.query('drop view held_back'))
  expect((await published())?.night_id).toBe(night.nightId)
  const failed = await owner.query(`select from audit_entry where action = 'failNight' and noun_id = $1`, [
    String(night.nightId),
  ])
  expect(failed.rowCount).toBe(0)
})

async function published() {
  const found = await bank.database.db.owner.query(
    `select p.night_id, (select count(*) from night_customer c where c.night_id = p.night_id) as customers from published_night p`,
  )
  return found.rows[0]
}

test('readers see a whole night while others are published', { timeout: 60_000 }, async () => {
  let reading = true
  const seen = new Set<string>()
  const reader = (async () => {
    while (reading) {
      await bank.database.db.withScope(everything, async (trx) => {
        const { night_id } = await trx.selectFrom('published_night').select('night_id').executeTakeFirstOrThrow()
        const rows = await trx
          .selectFrom('night_customer')
          .select('party_id')
          .where('night_id', '=', night_id)
          .execute()
        const pyramid = await trx
          .selectFrom('night_count')
          .select('customers')
          .where('night_id', '=', night_id)
          .execute()
        seen.add(`${rows.length} ${pyramid.reduce((sum, row) => sum + row.customers, 0n)}`)
      })
    }
  })()
  for (let i = 0; i < 3; i++) await runNight(bank.workplace, { day: storyDay })
  reading = false
  await reader
  expect([...seen]).toEqual(['60 60'])
})

// A partition that came with the switch itself would be missed by a reader who sees the commit before its invalidation.
test('the rows of a night are in place for everyone before readers are switched to it', {
  timeout: 60_000,
}, async () => {
  const { owner } = bank.database.db
  const holder = await owner.connect()
  try {
    await holder.query('begin')
    const held = await holder.query('select night_id from published_night for update')
    const night = runNight(bank.workplace, { day: storyDay })
    const waiting = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%for update of p%'`
    await expect.poll(async () => (await owner.query(waiting)).rows[0].n, { timeout: 30_000 }).toBe(1)
    const ahead = `select night_id, count(*)::int as n from night_customer where night_id > $1 group by night_id`
    expect((await owner.query(ahead, [held.rows[0].night_id])).rows).toEqual([{ night_id: expect.any(Number), n: 60 }])
    expect((await published())?.night_id).toBe(held.rows[0].night_id)
    await holder.query('commit')
    await expect(night).resolves.toMatchObject({ digest })
  } finally {
    holder.release()
  }
})
