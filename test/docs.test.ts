/** What the documents speak of exists: verbs and options, endpoints, settings; and both languages say the same things. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { shippedRoles } from '../src/access/roles.ts'
import { settings } from '../src/config.ts'
import { contract } from '../src/contract/index.ts'
import { refusals } from '../src/kit/refusal.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const documents = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md') && !name.startsWith('docs/decisions/'))

/** Every match of `pattern` in the documents that `known` does not know, as 'document: match'. */
function unknown(pattern: RegExp, known: (match: RegExpMatchArray) => boolean): string[] {
  const matches = documents.flatMap((name) => [...read(name).matchAll(pattern)].map((match) => ({ name, match })))
  expect(matches.length, 'a pattern that finds nothing proves nothing').toBeGreaterThan(20)
  return matches.filter(({ match }) => !known(match)).map(({ name, match }) => `${name}: ${match[0]}`)
}

const helps = new Map<string, string>()
function helpOf(verb: string): string {
  const known = helps.get(verb)
  if (known !== undefined) return known
  let help = ''
  try {
    const env = { ...process.env, LANG: 'C', LC_ALL: 'C' }
    help = execFileSync(process.execPath, [join(root, 'src/main.ts'), verb, '--help'], { env, encoding: 'utf8' })
  } catch {
    // No such verb: its help stays empty.
  }
  helps.set(verb, help)
  return help
}

test('every verb and every option of the command exists', () => {
  // In code only, as `strata verb …` or as an indented line; prose says "strata" too.
  const wrong = unknown(/(?:`|^ {4})(?:npx --no )?strata ([a-z-]+)([^`\n]*)/gm, ([, verb = '', rest = '']) => {
    const help = helpOf(verb)
    const options = rest.split('#')[0]?.match(/--[a-z-]+/g) ?? []
    return help.startsWith(`Usage: strata ${verb}`) && options.every((option) => help.includes(`${option} `))
  })
  expect(wrong).toEqual([])
  // A process per verb, on a machine that runs other tests too
}, 120_000)

test('every endpoint is one of the contract', () => {
  const places = Object.values(contract).map(({ method, path }) => ({ method, path: path as string }))
  const served = ['/api/docs', '/api/openapi.json']
  const sameShape = (said: string, path: string) => {
    const [a, b] = [said.split('/'), path.split('/')]
    return a.length === b.length && a.every((part, i) => part === b[i] || (b[i] ?? '').startsWith(':'))
  }
  const wrong = unknown(/(?:\b(GET|POST|DELETE) )?(\/api\/[\w/:.-]*[\w])/g, ([, method, path = '']) => {
    if (served.includes(path)) return true
    return places.some((place) => sameShape(path, place.path) && (method === undefined || method === place.method))
  })
  expect(wrong).toEqual([])
})

test('every setting is in src/config.ts', () => {
  const names = new Set<string>(settings.map(({ name }) => name))
  expect(unknown(/\b(?:STRATA|DATABASE)_[A-Z_]+\b/g, ([name]) => names.has(name))).toEqual([])
})

const guides = (language: string) => readdirSync(join(root, 'docs', language)).sort()

describe('the guides in both languages', () => {
  test('are the same', () => expect(guides('zh-CN')).toEqual(guides('en')))

  test.each([
    ...guides('en').map((name) => [`docs/en/${name}`, `docs/zh-CN/${name}`] as const),
    ['docs/operations.md', 'docs/operations.zh-CN.md'] as const,
  ])('%s has the same structure', (english, chinese) => {
    const shape = (path: string) => {
      const lines = read(path).split('\n')
      return {
        headings: lines.filter((line) => line.startsWith('#')).map((line) => line.match(/^#+/)?.[0]),
        rows: lines.filter((line) => line.startsWith('| ')).length,
        code: lines.filter((line) => line.startsWith('    ') && !/[\u4e00-\u9fff]/.test(line)),
      }
    }
    expect(shape(chinese)).toEqual(shape(english))
  })

  test('programmers find every code of refusal as it is', () => {
    const codes = [...read('docs/en/programmer.md').matchAll(/^\| (\d{3}) \| (.*) \|$/gm)].flatMap((row) =>
      [...(row[2] ?? '').matchAll(/`([a-z_]+)`/g)].map((code) => [code[1], Number(row[1])]),
    )
    expect(codes.length).toBeGreaterThan(15)
    for (const [code, status] of codes)
      expect([code, refusals[code as keyof typeof refusals]?.status]).toEqual([code, status])
  })

  test.each(['en', 'zh-CN'])('%s: administrators find every role', (language) => {
    const said = [...read(`docs/${language}/administrator.md`).matchAll(/^\| (`\w+`.*?) \|/gm)]
      .flatMap((row) => [...(row[1] ?? '').matchAll(/`(\w+)`/g)].map((role) => role[1]))
      .sort()
    expect(said).toEqual(Object.keys(shippedRoles).sort())
  })
})
