import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeRowTypes } from '../scripts/schema.ts'
import { settingsTable } from '../src/config.ts'
import { readCatalogue } from '../src/db/catalogue.ts'
import { refusals } from '../src/kit/refusal.ts'
import { type TestDatabase, testDatabase } from './support/database.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

test('sql/schema.sql is what the migrations give', async () => {
  expect(await readCatalogue(database.db.owner), 'npm run schema writes it').toBe(read('sql/schema.sql'))
})

test('src/db/schema.ts is generated from the migrated database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-types-'))
  writeRowTypes(database.ownerUrl, join(folder, 'schema.ts'))
  expect(readFileSync(join(folder, 'schema.ts'), 'utf8'), 'npm run schema writes it').toBe(read('src/db/schema.ts'))
  rmSync(folder, { recursive: true })
})

test('every refusal is raised by somebody', () => {
  const code = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|kit\/refusal\.ts$|^contract\//.test(name))
    .map((name) => read(`src/${name}`))
    .join('\n')
  expect(Object.keys(refusals).filter((one) => !code.includes(`'${one}'`))).toEqual([])
})

test('migrations are numbered without a double', () => {
  const numbers = readdirSync(join(root, 'sql'))
    .filter((name) => name !== 'schema.sql')
    .map((name) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1] ?? name)
  expect(numbers).toEqual([...new Set(numbers)].sort())
  expect(numbers.every((number) => /^\d{4}$/.test(number))).toBe(true)
})

interface LockEntry {
  version?: string
  integrity?: string
  resolved?: string
  optional?: boolean
  os?: string | string[]
  cpu?: string | string[]
}

test('the lock file has a checksum for every package of this system, and names no registry', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockEntry> }
  const entries = Object.entries(packages).filter(([path]) => path !== '')
  const elsewhere = (entry: LockEntry) =>
    entry.optional === true && ![entry.os ?? process.platform].flat().includes(process.platform)
  const otherCpu = (entry: LockEntry) =>
    entry.optional === true && ![entry.cpu ?? process.arch].flat().includes(process.arch)
  const bare = entries
    .filter(([path, entry]) => !entry.integrity && !elsewhere(entry) && !otherCpu(entry) && !path.endsWith('-musl'))
    .map(([path]) => path)
  expect(entries.length).toBeGreaterThan(400)
  expect(bare).toEqual([])
  expect(entries.filter(([, entry]) => entry.resolved).map(([path]) => path)).toEqual([])
})

test('package.json and the lock agree, and every version is exact', () => {
  const wanted = JSON.parse(read('package.json')) as Record<string, Record<string, string>>
  const locked = (JSON.parse(read('package-lock.json')) as { packages: Record<string, Record<string, unknown>> })
    .packages['']!
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    expect(locked[kind]).toEqual(wanted[kind])
    for (const [name, version] of Object.entries(wanted[kind]!))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
  }
})

function documents(): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)
  return [...readdirSync(root), ...inDocs].filter((name) => name.endsWith('.md'))
}

test('every link of the documents leads somewhere', () => {
  const broken: string[] = []
  for (const name of documents()) {
    for (const match of read(name).matchAll(/!?\[[^\]]*\]\(([^)\s]+)\)/g)) {
      const [path = '', anchor] = match[1]!.split('#')
      if (/^[a-z]+:/.test(path)) continue
      const target = path === '' ? join(root, name) : resolve(root, dirname(name), path)
      const headings = () =>
        readFileSync(target, 'utf8')
          .split('\n')
          .filter((line) => line.startsWith('#'))
          .map(slug)
      if (!existsSync(target) || (anchor && !headings().includes(anchor))) broken.push(`${name}: ${match[1]}`)
    }
  }
  expect(broken).toEqual([])
})

test('npm run names of the documents exist', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const unknown = documents().flatMap((name) =>
    [...read(name).matchAll(/npm run ([a-z:-]+)/g)]
      .filter((match) => !scripts[match[1]!])
      .map((match) => `${name}: ${match[0]}`),
  )
  expect(unknown).toEqual([])
})

test.each([
  ['README.md', 'en'],
  ['README.zh-CN.md', 'zh'],
] as const)('%s has the table of settings as src/config.ts has it', (name, language) => {
  expect(read(name), 'npm run readme writes it').toContain(settingsTable(language))
})

// As GitHub names the anchor of a heading.
function slug(heading: string): string {
  const text = heading.replace(/^#+\s*/, '').toLowerCase()
  return text
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}
