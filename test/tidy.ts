/**
 * The house rules that a program can check: who imports whom (from the table of ARCHITECTURE.md), sizes, banned words and
 * calls. Texts in, faults out; tidy.test.ts feeds it the repository and planted faults.
 */
import { posix } from 'node:path'

export interface Source {
  /** From the root, with slashes. */
  path: string
  text: string
}

export interface Permission {
  /** Folders, or every folder but these. */
  folders: string[]
  allBut: boolean
  /** npm packages; null = any. */
  packages: string[] | null
  /** Node's own modules. */
  node: boolean
}

const linesMax = 400
/** Generated, and two that are longer until they are split. */
const longer = new Set(['src/db/schema.ts', 'src/nightly/load/load.ts', 'test/load.test.ts'])
const functionLinesMax = 60
/** A component holds its markup too. */
const componentLinesMax = 110

/** The table "folder | may import" of ARCHITECTURE.md. */
export function importTable(markdown: string): Map<string, Permission> {
  const table = new Map<string, Permission>()
  const lines = markdown.split('\n')
  const head = lines.findIndex((line) => /^\|\s*folder\s*\|\s*may import\s*\|/.test(line))
  for (const line of lines.slice(head + 2)) {
    const [folders, allowed] = line.split('|').slice(1, 3)
    if (head < 0 || folders === undefined || allowed === undefined) break
    for (const folder of folders.split(',')) table.set(folder.trim(), permission(allowed.trim()))
  }
  return table
}

function permission(text: string): Permission {
  const [folderPart = '', ...rest] = text.split(';').map((part) => part.trim())
  const names = (part: string) =>
    part
      .replace(/\(.*?\)/g, '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
  const node = !/no I\/O|no Node API/.test(text)
  if (folderPart.startsWith('nothing')) return { folders: [], allBut: false, packages: [], node: false }
  if (folderPart.startsWith('everything')) {
    return { folders: names(folderPart.replace(/^everything( but)?/, '')), allBut: true, packages: null, node }
  }
  const packages = rest.filter((part) => !part.startsWith('no '))
  return {
    folders: names(folderPart),
    allBut: false,
    packages: packages.length > 0 ? packages.flatMap(names) : null,
    node,
  }
}

/** Every fault of these files, as `path:line what`. */
export function tidyFaults(sources: readonly Source[], table: Map<string, Permission>): string[] {
  const lazy = new Set(sources.flatMap(lazyTargets))
  return sources.flatMap((source) => {
    const code = /\.tsx?$/.test(source.path) && source.path !== 'src/db/schema.ts'
    return [
      ...wordFaults(source),
      ...(/\.(tsx?|js|css)$/.test(source.path) ? lengthFaults(source) : []),
      ...(code ? [...importFaults(source, table), ...functionFaults(source), ...codeFaults(source, lazy)] : []),
    ]
  })
}

/** The folder of the table that a file belongs to: `src/lake/x.ts` is lake, `src/main.ts` main, `web/pages/x.tsx` web. */
export function folderOf(path: string): string {
  const parts = path.split('/')
  if (/\.test\.tsx?$/.test(path) || path === 'vitest.config.ts') return 'test'
  if (/^web\/(e2e\/|[\w.]+\.config\.ts|compressed\.ts)/.test(path)) return 'test'
  if (parts[0] !== 'src') return parts[0]!
  return parts.length === 2 ? parts[1]!.replace(/\.ts$/, '') : parts[1]!
}

function importFaults(source: Source, table: Map<string, Permission>): string[] {
  const folder = folderOf(source.path)
  const allowed = table.get(folder)
  if (!allowed) return [`${source.path}:1 folder ${folder} is not in the table of ARCHITECTURE.md`]
  const faults: string[] = []
  for (const { line, target } of importsOf(source.text)) {
    const fault = importFault(source.path, folder, allowed, target)
    if (fault) faults.push(`${source.path}:${line} ${fault}`)
  }
  return faults
}

function importFault(path: string, folder: string, allowed: Permission, target: string): string | null {
  if (target.startsWith('node:')) return allowed.node ? null : `${folder} uses no Node API, but imports ${target}`
  if (!target.startsWith('.')) {
    const name = target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/')
    if (allowed.packages === null || allowed.packages.includes(name)) return null
    return `${folder} may not import the package ${name}`
  }
  const other = folderOf(posix.normalize(posix.join(posix.dirname(path), target)))
  if (other === folder || target.endsWith('.json')) return null
  // What ties all together is tied by nobody.
  const top =
    ['main', 'command', 'test', 'bench'].includes(other) &&
    !['main', 'command', 'test', 'bench', 'demo', 'scripts'].includes(folder)
  const file = posix.normalize(posix.join(posix.dirname(path), target)).replace(/^src\/|\.tsx?$/g, '')
  const listed = allowed.folders.includes(other) || allowed.folders.includes(file)
  if (!top && (allowed.allBut ? !listed : listed)) return null
  return `${folder} may not import ${other} (${target})`
}

/** Static and dynamic imports and re-exports with their line; comments are looked over. */
export function importsOf(text: string): { line: number; target: string }[] {
  const found: { line: number; target: string }[] = []
  const pattern = /(?:^|[\s;}])(?:import|export)\s(?:[^'";]*?\sfrom\s*)?'([^']+)'|\bimport\('([^']+)'\)/gm
  const bare = text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^\s*\/\/.*$/gm, '')
  for (const match of bare.matchAll(pattern)) {
    const target = match[1] ?? match[2]!
    found.push({ line: bare.slice(0, match.index + match[0].length).split('\n').length, target })
  }
  return found
}

function lengthFaults(source: Source): string[] {
  const lines = source.text.split('\n').length - 1
  return lines > linesMax && !longer.has(source.path) ? [`${source.path}:1 ${lines} lines, at most ${linesMax}`] : []
}

function functionFaults(source: Source): string[] {
  if (folderOf(source.path) === 'test') return []
  const lines = source.text.split('\n')
  const faults: string[] = []
  const max = source.path.endsWith('.tsx') ? componentLinesMax : functionLinesMax
  for (const { line, name, length } of functionsOf(lines)) {
    if (length > max) faults.push(`${source.path}:${line} ${name} has ${length} lines of its own, at most ${max}`)
  }
  return faults
}

/**
 * Functions with their own length: lines of functions inside are theirs. Relies on the formatter: a function ends at the
 * first line that begins with a brace at the indent of its first line.
 */
export function functionsOf(lines: readonly string[]): { line: number; name: string; length: number }[] {
  const starts =
    /^(\s*)(?:export )?(?:default )?(?:async )?(?:function\*? (\w+).*|(?:const|let) (\w+) = (?:async )?\(?.*|(\w+)\(.*)$/
  const spans: { from: number; to: number; name: string }[] = []
  for (const [from, line] of lines.entries()) {
    const match = starts.exec(line)
    if (!match || /^\s*(if|for|while|switch|return|await|expect|test|describe)\b/.test(line)) continue
    const indent = match[1]!
    // The head of a function may take several lines; its body opens on one that ends with a brace.
    let open = from
    while (open < lines.length && open < from + 14 && !/[{]$/.test(lines[open]!)) open++
    const head = lines.slice(from, open + 1).join(' ')
    if (!/(\)|>|\w|\])( =>|: [^=]+)? \{$/.test(head) || !/function|=>/.test(head)) continue
    if (lines.slice(from + 1, open + 1).some((one) => !one.startsWith(`${indent} `) && !one.startsWith(`${indent})`)))
      continue
    const to = lines.findIndex((one, at) => at > open && one !== '' && one.search(/\S/) <= indent.length)
    if (to > from && lines[to]!.startsWith(`${indent}}`))
      spans.push({ from, to, name: match[2] ?? match[3] ?? match[4] ?? '?' })
  }
  return spans.map((span) => {
    const inner = spans.filter((one) => one.from > span.from && one.to < span.to)
    const direct = inner.filter((one) => !inner.some((two) => two.from < one.from && two.to > one.to))
    const theirs = direct.reduce((sum, one) => sum + (one.to - one.from + 1), 0)
    return { line: span.from + 1, name: span.name, length: span.to - span.from + 1 - theirs }
  })
}

interface Ban {
  pattern: RegExp
  why: string
  /** Files to which it does not apply. */
  but?: RegExp
}

const codeBans: Ban[] = [
  { pattern: /\bnew Date\(/, why: 'new Date: take a Clock or a Day from kit', but: /^src\/kit\/|^test\/|\.test\.ts$/ },
  { pattern: /(:|\bas|<|\|)\s*any\b(?=\s*([=,;)>|[\]{}]|$))/, why: 'any: say what it is' },
  {
    pattern: /^export default\b/,
    why: 'a default export: name it',
    but: /^web\/pages\/|\.config\.ts$|global-setup\.ts$/,
  },
  { pattern: /^\s*(export )?(const )?enum\s/, why: 'an enum: use a union' },
  { pattern: /@ts-(ignore|nocheck)/, why: 'a silenced type error' },
  { pattern: /\b(test|describe|it)\.only\b/, why: 'a test that hides the others' },
  {
    pattern: /^export (async )?(function|class|interface|type|const) \w*(Helper|Util|Utils|Service|Impl)\b/,
    why: 'a name that says nothing',
  },
]

function codeFaults(source: Source, lazy: ReadonlySet<string>): string[] {
  // React loads a part later only when it is the default export.
  const bans = lazy.has(source.path) ? codeBans.filter((ban) => !ban.why.startsWith('a default')) : codeBans
  const faults = matches(source, bans)
  if (/(^|[/-])(helpers?|utils?|services?|misc|common-utils)\.tsx?$/.test(source.path)) {
    faults.push(`${source.path}:1 a file name that says nothing`)
  }
  return faults
}

function lazyTargets({ path, text }: Source): string[] {
  return [...text.matchAll(/\blazy\(\(\) => import\('(\.[^']+)'\)\)/g)].map((match) =>
    posix.normalize(posix.join(posix.dirname(path), match[1]!)),
  )
}

// Built from parts, so that this file does not hold what it bans.
const wordBans: Ban[] = [
  {
    pattern: new RegExp(`\\b${'TO'}${'DO'}\\b|\\bFIX${'ME'}\\b`),
    why: 'unfinished work without an issue',
  },
  {
    pattern: new RegExp(`(^|[\\s'"\`(=])/${'work'}/|/${'home'}/\\w+/|/${'Users'}/\\w+/|(^|[\\s'"\`(=])/${'tmp'}/`),
    why: 'a path of one machine',
  },
]

function wordFaults(source: Source): string[] {
  if (/^(package-lock\.json|LICENSE)$|\.(csv|svg)$|\/fixtures\//.test(source.path)) return []
  return matches(source, wordBans)
}

function matches(source: Source, bans: readonly Ban[]): string[] {
  const faults: string[] = []
  for (const ban of bans) {
    if (ban.but?.test(source.path) || source.path === 'test/tidy.test.ts') continue
    const lines = source.text.split('\n')
    for (const [at, line] of lines.entries()) {
      // Told to the linter too, with a reason.
      if (ban.why.startsWith('any') && /biome-ignore \S*noExplicitAny: \w/.test(lines[at - 1] ?? '')) continue
      const comment = /^\s*(\/\/|\*|\/\*)/.test(line) && codeBans.includes(ban)
      if (!comment && ban.pattern.test(line)) faults.push(`${source.path}:${at + 1} ${ban.why}`)
    }
  }
  return faults
}
