/** Every verb of the command line as a program sees it: help with examples, and exit codes 0 done, 1 refused, 2 usage. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from './support/database.ts'
import { type TestHome, testHome } from './support/home.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const personal = fileURLToPath(new URL('../src/tiers/policies/personal.yaml', import.meta.url))

let database: TestDatabase
let home: TestHome
beforeAll(async () => {
  database = await testDatabase()
  home = testHome()
  const higher = readFileSync(personal, 'utf8').replace('individual: 100,000', 'individual: 120,000')
  writeFileSync(join(home.home, 'higher.yaml'), higher)
})
afterAll(async () => {
  await database.drop()
  home.remove()
})

interface Ended {
  code: number
  stdout: string
  stderr: string
}

/** Runs `strata` with these words; `@` stands for the folder of this test. */
function strata(words: string, env: Record<string, string> = {}): Promise<Ended> {
  const given = {
    ...process.env,
    LC_ALL: 'C',
    STRATA_HOME: home.home,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    ...env,
  }
  const args = [main, ...words.split(' ').map((word) => word.replace('@', home.home))]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: given, maxBuffer: 64_000_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

interface Verb {
  verb: string
  /** Words that do not go together. */
  usage: string
  /** Words that are refused, and the code of the refusal; '' where any wrong setting is the only one. */
  refused: [words: string, code: string]
}

const unset: [string, string] = ['', '']
const verbs: Verb[] = [
  { verb: 'start', usage: 'start --demo perhaps', refused: unset },
  { verb: 'demo', usage: 'demo --customers many --out @/x', refused: unset },
  { verb: 'load', usage: 'load', refused: ['load @/nowhere', 'not_found'] },
  { verb: 'quarantine', usage: 'quarantine 1', refused: ['quarantine 999 --out @/x.csv', 'not_found'] },
  { verb: 'night', usage: 'night --day 2026-02-30', refused: ['night', 'night_day_invalid'] },
  { verb: 'tiers', usage: 'tiers --out @/x.csv', refused: ['tiers --format csv --out @/x.csv', 'night_missing'] },
  { verb: 'explain', usage: 'explain', refused: ['explain 1', 'not_found'] },
  { verb: 'simulate', usage: 'simulate', refused: ['simulate @/none.yaml', 'not_found'] },
  { verb: 'policy', usage: 'policy publish', refused: unset },
  { verb: 'policy list', usage: 'policy list --all', refused: unset },
  { verb: 'policy check', usage: 'policy check', refused: ['policy check @/none.yaml', 'not_found'] },
  {
    verb: 'policy put',
    usage: `policy put ${personal}`,
    refused: ['policy put @/none.yaml --from 2026-01-01', 'not_found'],
  },
  { verb: 'quality', usage: 'quality --feed units', refused: unset },
  { verb: 'login', usage: 'login x --enable', refused: ['login nobody --disable', 'not_found'] },
  { verb: 'serve', usage: 'serve --port 1', refused: unset },
  { verb: 'work', usage: 'work now then', refused: unset },
  { verb: 'doctor', usage: 'doctor --mend', refused: unset },
  { verb: 'migrate', usage: 'migrate --back', refused: unset },
]

describe.each(verbs)('$verb', ({ verb, usage, refused: [words, code] }) => {
  test('--help has examples of itself', async () => {
    const help = await strata(`${verb} --help`)
    expect([help.code, help.stderr]).toEqual([0, ''])
    expect(help.stdout).toMatch(new RegExp(`^Usage: strata ${verb}`))
    const examples = help.stdout.split('\nExamples:\n')[1]?.trim().split('\n') ?? []
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      expect(example.trim()).toMatch(new RegExp(`^\\$ strata ${verb}`))
      if (verb === 'policy') continue
      for (const option of example.match(/--[a-z-]+/g) ?? []) expect(help.stdout).toContain(`  ${option}`)
    }
  })

  test('words that do not go together end with 2, and say where help is', async () => {
    const ended = await strata(usage)
    expect([ended.code, ended.stdout]).toEqual([2, ''])
    expect(ended.stderr).toMatch(/^error: [\s\S]*--help/)
  })

  test('a refusal ends with 1 and its reason', async () => {
    const wrong = await strata(words || usableWords(verb), code === '' ? { STRATA_PORT: 'eighty' } : {})
    expect([wrong.code, wrong.stdout]).toEqual([1, ''])
    expect(wrong.stderr).toContain(`[${code || 'config_invalid'}]`)
  })
})

function usableWords(verb: string): string {
  if (verb === 'demo') return 'demo --out @/never'
  return verb === 'policy' ? 'policy list' : verb
}

test('doctor says that the database cannot be reached, and ends with 1', async () => {
  const nowhere = 'postgres://strata_app@127.0.0.1:1/strata'
  const ended = await strata('doctor', { DATABASE_URL: nowhere })
  expect(ended.code).toBe(1)
  expect(ended.stdout).toMatch(/✗ PostgreSQL \(DATABASE_URL\): cannot be reached/)
  expect(ended.stdout).toMatch(/✓ PostgreSQL \(DATABASE_OWNER_URL\): \d+/)
})

test.each(['quarantine seven --out @/x.csv', 'quarantine 1 --dismiss seven --reason x'])(
  '%s is usage, told in plain words',
  async (words) => {
    const ended = await strata(words)
    expect([ended.code, ended.stdout]).toEqual([2, ''])
    expect(ended.stderr).toMatch(/^error: .*seven.*whole number/)
  },
)

test.each([
  'audit export --out @/none/audit.jsonl',
  'audit key --out @/none/key.pem',
  'audit head --out @',
  'quarantine 999 --out @/none/x.csv',
  'subject-access 1 --reason asked --out @/higher.yaml',
])('%s has nowhere to write, and says so before anything else', async (words) => {
  const ended = await strata(words)
  expect([ended.code, ended.stdout]).toEqual([1, ''])
  expect(ended.stderr).toMatch(/^strata: \/.* cannot be written: .* \[out_unwritable\]\n$/)
})

test('a file that is no policy is not repeated whole', async () => {
  writeFileSync(join(home.home, 'long.yaml'), `${'no policy, '.repeat(10_000)}\n`)
  const ended = await strata('policy check @/long.yaml')
  expect([ended.code, ended.stderr.length < 400]).toEqual([1, true])
})

test('an unknown verb is usage', async () => expect((await strata('levels')).code).toBe(2))

describe('a bank from its files to a file of its tiers', () => {
  test.each([
    ['migrate', /nothing to do/],
    ['demo --customers 200 --days 100 --end 2026-06-30 --out @/bank', /customers/],
    ['load @/bank --dry-run', /would be loaded/],
    ['load @/bank --json', /"refused": 0/],
    ['night --day 2026-05-31 --json', /"status": "published"/],
    ['night', /Silver/],
    ['night --replay 1', /replayed/],
    ['tiers --format csv --out @/tiers.csv', /^$/],
    ['simulate @/higher.yaml --json', /"falls": [1-9]/],
    ['policy list', /personal\s+1\s+Personal customers\s+in force/],
    ['policy check @/higher.yaml', /Gold\s+120,000.00/],
    ['policy put @/higher.yaml --from 2026-07-01', /version 2 counts for nights from 2026-07-01/],
    ['quality --json', /"total"/],
    ['login wang --role analyst --unit 01', /shown|analyst/],
    ['doctor --json', /"sound": true/],
  ])('%s', async (words, expected) => {
    const ended = await strata(words)
    expect([ended.code, ended.code === 0 ? '' : ended.stderr]).toEqual([0, ''])
    expect(ended.stdout).toMatch(expected)
  })

  test('explain a customer of the file', async () => {
    const [, row = ''] = readFileSync(join(home.home, 'tiers.csv'), 'utf8').split('\n')
    const ended = await strata(`explain ${row.split(',')[0]} --json`)
    expect([ended.code, JSON.parse(ended.stdout).day]).toEqual([0, '2026-06-30'])
  })
}, 60_000)
