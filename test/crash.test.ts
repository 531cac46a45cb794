/** The crash proof in short form, and its own guards: what the look at a home must notice. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeDemo } from '../demo/write.ts'
import { day } from '../src/kit/day.ts'
import { loadFolder } from '../src/nightly/load/folder.ts'
import { runNight } from '../src/nightly/night.ts'
import { openWorkplace, type Workplace } from '../src/nightly/workplace.ts'
import { proveCrashes } from './proof/crash.ts'
import { type TestDatabase, testDatabase } from './support/database.ts'
import { testConfig, testHome } from './support/home.ts'
import { lookAt } from './support/home-check.ts'

describe('SIGKILL', () => {
  it('loses nothing and leaves one whole night in force', { timeout: 600_000 }, async () => {
    const lines: string[] = []
    const result = await proveCrashes({
      kills: { load: 3, night: 3, publish: 3 },
      seed: 1,
      customers: 120,
      days: 95,
      say: (line) => lines.push(line),
    })
    expect(result.faults, lines.join('\n')).toEqual([])
    expect(result.trials).toBe(9)
  })
})

describe('the look at a home', () => {
  const home = testHome()
  let database: TestDatabase
  let workplace: Workplace

  beforeAll(async () => {
    database = await testDatabase()
    workplace = await openWorkplace(testConfig(home.home, database))
    const feeds = join(home.home, 'feeds')
    mkdirSync(feeds)
    await writeDemo({ customers: 120, days: 40, seed: 3, end: day('2026-10-31'), out: feeds })
    await loadFolder(workplace, feeds)
    await runNight(workplace, { day: day('2026-10-31') })
  }, 300_000)

  afterAll(async () => {
    await workplace.close()
    await database.drop()
    home.remove()
  })

  const faults = async () => (await lookAt(home.home, database.ownerUrl)).faults

  it('finds nothing wrong with a home that nobody disturbed', async () => {
    expect(await faults()).toEqual([])
  })

  it.each([
    [
      'a lost party',
      'delete from customer where customer_no = (select min(customer_no) from customer)',
      /have no party/,
    ],
    [
      'a lost line of quarantine',
      'delete from quarantine where (load_id, line) in (select load_id, line from quarantine limit 1)',
      /lines in quarantine/,
    ],
    [
      'a lost row of the night',
      'delete from night_customer where party_id = (select min(party_id) from night_customer)',
      /customers listed/,
    ],
  ])('notices %s', async (_name, sql, fault) => {
    const client = await workplace.db.owner.connect()
    try {
      await client.query('begin')
      await client.query(sql)
      await client.query('commit')
      expect((await faults()).join('\n')).toMatch(fault)
    } finally {
      client.release()
    }
  })

  it('notices a lost file of the lake', async () => {
    const facts = join(workplace.lakeDir, 'facts', 'balance')
    const [month] = readdirSync(facts).sort()
    rmSync(join(facts, month!), { recursive: true })
    expect((await faults()).join('\n')).toMatch(/listed but not there/)
  })
})
