/**
 * The real bank: the Czech extracts of 1993 loaded through the shipped mapping, and a night of 1994-03-30. The qualified
 * tier of every client equals that of the plain computation in test/support/berka-plain.ts, which reads the original
 * files itself and imports nothing of ours.
 */
import { readFileSync } from 'node:fs'
import { afterAll, expect } from 'vitest'
import { day } from '../src/kit/day.ts'
import { explainCustomer } from '../src/nightly/explain.ts'
import { loadFolder } from '../src/nightly/load/folder.ts'
import { runNight } from '../src/nightly/night.ts'
import { plainTiers } from './support/berka-plain.ts'
import { emptyBank, insertRows, type TestBank } from './support/lake-bank.ts'
import { publicTest } from './support/public-data.ts'

let bank: TestBank | undefined
afterAll(() => bank?.close())

publicTest(
  'berka',
  'every client of the Czech bank qualifies for the tier of a plain computation',
  async (folder) => {
    bank = await emptyBank({ now: '1999-01-01T12:00:00.000Z', units: false })
    await insertRows(bank, 'policy', [
      {
        scheme: 'personal',
        version: 1,
        name: 'berka',
        source: readFileSync(new URL('../src/tiers/policies/berka.yaml', import.meta.url), 'utf8'),
        sha256: 'berka',
        status: 'inForce',
        recorded_by: 'test',
      },
    ])
    const account = await loadFolder(bank.workplace, folder, { mapping: 'berka' })
    expect(account.files.filter((file) => file.status === 'refused')).toEqual([])
    // Of 1,229 accounts only 9188 is further from its own balances than half a crown, and that by 0.70.
    expect(account.notes[0]).toBe("1941 smaller balance breaks; an account's own add up to 0.70 at most")
    expect(account.sources.find((source) => source.file === 'disp.asc')).toMatchObject({
      read: 5369n,
      used: 1738n,
      leftOut: [{ why: 'the account has no disponent', rows: 3631n }],
    })
    await runNight(bank.workplace, { day: day('1994-03-30') })
    const rows = (
      await bank.database.db.owner.query('select customer_no, qualified_tier, average_fen from night_customer')
    ).rows
    const expected = plainTiers(folder)
    expect(rows.length).toBe(5369)
    expect(expected.size).toBe(5369)
    const client = (no: string) => Number(no.replace(/\D/g, ''))
    const different = rows.filter((row) => expected.get(client(row.customer_no)) !== row.qualified_tier)
    expect(different).toEqual([])
    const count = (tier: number) => rows.filter((row) => row.qualified_tier === tier).length
    expect([1, 2, 3, 4].map(count).every((n) => n > 0)).toBe(true)
    const [top] = rows.toSorted((a, b) => Number(b.average_fen - a.average_fen))
    const why = await explainCustomer(bank.workplace, top.customer_no)
    expect(why.individual.averageFen).toBe(String(top.average_fen))
  },
  240_000,
)
