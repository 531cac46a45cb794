/** SECURITY.md: every test that it names exists, every requirement of ASVS 5.0 up to level 2 has its line, and a reason. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const page = readFileSync(new URL('SECURITY.md', root), 'utf8')

/** How many requirements of level 1 and 2 each section of ASVS 5.0.0 has; in every section they are the first ones. */
const sections: Record<string, number> = {
  'V1.1': 2,
  'V1.2': 9,
  'V1.3': 11,
  'V1.4': 3,
  'V1.5': 2,
  'V2.1': 3,
  'V2.2': 3,
  'V2.3': 4,
  'V2.4': 1,
  'V3.2': 2,
  'V3.3': 4,
  'V3.4': 6,
  'V3.5': 5,
  'V3.7': 2,
  'V4.1': 3,
  'V4.2': 1,
  'V4.3': 2,
  'V4.4': 4,
  'V5.1': 1,
  'V5.2': 3,
  'V5.3': 2,
  'V5.4': 3,
  'V6.1': 3,
  'V6.2': 12,
  'V6.3': 4,
  'V6.4': 4,
  'V6.5': 5,
  'V6.6': 3,
  'V6.8': 4,
  'V7.1': 3,
  'V7.2': 4,
  'V7.3': 2,
  'V7.4': 5,
  'V7.5': 2,
  'V7.6': 2,
  'V8.1': 2,
  'V8.2': 3,
  'V8.3': 1,
  'V8.4': 1,
  'V9.1': 3,
  'V9.2': 4,
  'V10.1': 2,
  'V10.2': 2,
  'V10.3': 4,
  'V10.4': 11,
  'V10.5': 5,
  'V10.6': 2,
  'V10.7': 3,
  'V11.1': 2,
  'V11.2': 3,
  'V11.3': 3,
  'V11.4': 4,
  'V11.5': 1,
  'V11.6': 1,
  'V12.1': 3,
  'V12.2': 2,
  'V12.3': 4,
  'V13.1': 1,
  'V13.2': 5,
  'V13.3': 2,
  'V13.4': 5,
  'V14.1': 2,
  'V14.2': 4,
  'V14.3': 3,
  'V15.1': 3,
  'V15.2': 3,
  'V15.3': 7,
  'V16.1': 1,
  'V16.2': 5,
  'V16.3': 4,
  'V16.4': 3,
  'V16.5': 3,
  'V17.1': 1,
  'V17.2': 4,
  'V17.3': 2,
}
const every = Object.entries(sections).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, i) => `${section}.${i + 1}`),
)

const rows = [...page.matchAll(/^\| (V\d[^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) ?\|$/gm)].map((row) => ({
  said: (row[1] ?? '').trim(),
  state: (row[2] ?? '').trim(),
  how: (row[3] ?? '').trim(),
  tests: [...(row[4] ?? '').matchAll(/`([^`]+)`/g)].map((one) => one[1] ?? ''),
}))

/** 'V1.2.6–V1.2.8, V2.1.1' → each of them. */
function requirementsOf(said: string): string[] {
  return said.split(',').flatMap((part) => {
    const [from = '', to = from] = part.trim().split('–')
    return every.slice(every.indexOf(from), every.indexOf(to) + 1)
  })
}

test('every test file that it names exists', () => {
  const named = [...page.matchAll(/`((?:test|src)\/[\w/.-]+\.test\.ts)`/g)].map((found) => found[1] ?? '')
  expect(named.length).toBeGreaterThan(100)
  expect([...new Set(named)].filter((path) => !existsSync(fileURLToPath(new URL(path, root))))).toEqual([])
})

test('every requirement of level 1 and 2 has one line, in order', () => {
  expect(rows.flatMap(({ said }) => requirementsOf(said)).toSorted()).toEqual(every.toSorted())
})

test('every line says how it stands, and one that holds names its test or its reason', () => {
  for (const { said, state, how, tests } of rows) {
    expect([said, ['yes', 'partly', 'no', '–'].includes(state)]).toEqual([said, true])
    expect([said, how.length > 5]).toEqual([said, true])
    if (state === 'yes' && tests.length === 0) expect([said, how.length > 10]).toEqual([said, true])
  }
})

test('every row of the threat model names a test', () => {
  const threats = /## Who could want what\n([\s\S]*?)\n## /.exec(page)?.[1] ?? ''
  const lines = threats.split('\n').filter((line) => line.startsWith('| ') && !/^\| (who|---)/.test(line))
  expect(lines.length).toBeGreaterThan(12)
  expect(lines.filter((line) => !/\.test\.ts`/.test(line))).toEqual([])
})
