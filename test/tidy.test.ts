import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { folderOf, functionsOf, importsOf, importTable, type Source, tidyFaults } from './tidy.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const table = importTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))
const texts = /\.(ts|tsx|js|json|md|sql|ya?ml|html|css|sh)$|^\.ci\//

/** What git tracks or would track; without git, all but what an installation and a build leave. */
function paths(): string[] {
  if (existsSync(join(root, '.git'))) {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    return listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)))
  }
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^(node_modules|var|web\/dist)\b/.test(path),
  )
}

test('the repository keeps its own rules', () => {
  const sources = paths()
    .filter((path) => texts.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  expect(sources.length).toBeGreaterThan(50)
  expect(tidyFaults(sources, table)).toEqual([])
})

test('every folder of src stands in the table', () => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const folder of folders.filter((one) => readdirSync(join(root, 'src', one.name)).length > 0)) {
    expect(table.has(folder.name), folder.name).toBe(true)
  }
})

describe('planted faults are found', () => {
  const faults = (path: string, text: string) => tidyFaults([{ path, text } satisfies Source], table)
  const long = (lines: number) => `function long(): void {\n${'  step()\n'.repeat(lines - 2)}}\n`

  test.each([
    ['src/kit/a.ts', "import { x } from 'zod'\n", 'kit may not import the package zod'],
    ['src/kit/a.ts', "import { readFileSync } from 'node:fs'\n", 'kit uses no Node API'],
    ['src/kit/a.ts', "import type { A } from '../lake/a.ts'\n", 'kit may not import lake'],
    ['src/tiers/a.ts', "import { b } from '../db/b.ts'\n", 'tiers may not import db'],
    ['src/tiers/a.ts', "import { b } from 'node:fs'\n", 'tiers uses no Node API'],
    ['src/tiers/a.ts', "import {\n  b,\n} from '../nightly/b.ts'\n", ':3 tiers may not import nightly'],
    ['src/lake/a.ts', "const b = await import('../nightly/b.ts')\n", 'lake may not import nightly'],
    ['src/nightly/a.ts', "export { b } from '../api/b.ts'\n", 'nightly may not import api'],
    ['src/nightly/a.ts', "import { b } from '../main.ts'\n", 'nightly may not import main'],
    ['src/nightly/a.ts', "import { b } from '../../test/support/b.ts'\n", 'nightly may not import test'],
    ['src/api/a.ts', "import { b } from '../nightly/b.ts'\n", 'api may not import nightly'],
    ['web/pages/a.tsx', "import { b } from '../../src/db/b.ts'\n", 'web may not import db'],
    ['src/unknown/a.ts', '', 'not in the table'],
    ['src/lake/a.ts', 'const now = new Date()\n', 'new Date'],
    ['src/lake/a.ts', 'const a: any = 1\n', 'any'],
    ['src/lake/a.ts', 'const a = b as any\n', 'any'],
    ['src/lake/a.ts', 'export default 1\n', 'default export'],
    ['src/lake/a.ts', 'export function rowUtils(): void {}\n', 'says nothing'],
    ['src/lake/utils.ts', 'export const a = 1\n', 'says nothing'],
    ['src/lake/a.ts', '// TODO later\n', 'unfinished'],
    ['docs/a.md', `look into ${'/wo' + 'rk'}/main for it\n`, 'path of one machine'],
    ['src/lake/a.ts', "const at = '/tmp/x'\n", 'path of one machine'],
    ['src/lake/a.ts', 'const a = 1\n'.repeat(401), '401 lines'],
    ['web/style/a.css', '.a {}\n'.repeat(401), '401 lines'],
    ['src/lake/a.ts', long(61), 'long has 61 lines'],
    ['src/lake/a.test.ts', 'test.only(() => {})\n', 'hides the others'],
  ])('$0 with a fault is told: $2', (path, text, expected) => {
    expect(faults(path, text).join('\n')).toContain(expected)
  })

  test.each([
    ['src/tiers/a.ts', "import { b } from '../kit/b.ts'\nimport { z } from 'zod'\nimport type { c } from './c.ts'\n"],
    ['src/api/a.ts', "import { b } from '../nightly/requests.ts'\n"],
    ['src/lake/a.test.ts', "import { b } from '../nightly/b.ts'\n"],
    ['src/lake/a.ts', "// import { b } from '../nightly/b.ts'\nconst many = 'in any case'\n"],
    ['src/lake/a.ts', long(60)],
    ['src/lake/a.ts', 'const a = 1\n'.repeat(400)],
    ['web/pages/a.tsx', 'export default function Page() {}\n'],
  ])('$0 is in order', (path, text) => {
    expect(faults(path, text)).toEqual([])
  })

  test('an inner function counts for itself', () => {
    const text = `function outer() {\n  const inner = () => {\n${'    a()\n'.repeat(50)}  }\n${'  b()\n'.repeat(20)}}`
    expect(functionsOf(text.split('\n')).map(({ name, length }) => [name, length])).toEqual([
      ['outer', 22],
      ['inner', 52],
    ])
  })

  test('imports of all shapes are seen', () => {
    const text = "import 'a'\nimport b from 'b'\nimport {\n  c\n} from 'c'\nexport * from 'd'\nawait import('e')\n"
    expect(importsOf(text).map((one) => one.target)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(folderOf('src/nightly/load/a.ts')).toBe('nightly')
  })
})
