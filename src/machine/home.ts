/**
 * Who uses a home. One process holds it (its PostgreSQL is that process's child); other commands of the same home use that
 * PostgreSQL and are counted, so that a short command which began it does not stop it under them.
 */
import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refused, refuse } from '../kit/refusal.ts'
import { lives, markOf, type ProcessMark } from './processes.ts'

/** What the lock says about its holder. */
export interface Holder extends ProcessMark {
  /** The verb: 'start', 'load', … */
  verb: string
  /** Its PostgreSQL answers, and it is not on its way out. */
  ready: boolean
  /** Where the page is, once it is served. */
  address: string | null
}

export interface HeldHome {
  kind: 'held'
  /** Says that the PostgreSQL answers, and where the page is. */
  announce(address: string | null): void
  /** No newcomers from here on; waits for commands that still use the PostgreSQL, at most `limitMs`. */
  drain(limitMs: number): Promise<void>
  release(): void
}

export interface SharedHome {
  kind: 'shared'
  holder: Holder
  release(): void
}

const waitMs = 120_000

/**
 * Makes the folder of a home. Refuses `machine_unfit` in plain words when it cannot be: a file stands in the way, or its
 * nearest folder may not be written to.
 */
export function makeHome(home: string): void {
  let above = home
  while (!existsSync(above) && dirname(above) !== above) above = dirname(above)
  try {
    if (!statSync(above).isDirectory())
      refuse('machine_unfit', { reason: `STRATA_HOME: ${above} is a file, not a folder` })
    // Looked at first: on /proc Node tries for ever to make a folder that cannot be.
    accessSync(above, constants.W_OK | constants.X_OK)
    if (above.startsWith('/proc') || above.startsWith('/sys')) throw new Error('no folder can be made there')
    mkdirSync(home, { recursive: true })
  } catch (error) {
    if (error instanceof Refused) throw error
    refuse('machine_unfit', {
      reason: `STRATA_HOME ${home}: ${error instanceof Error ? error.message : String(error)}`,
    })
  }
}

/**
 * Takes the home, or joins whoever holds it. Refuses `home_busy` when the holder never becomes ready. `alone`: never
 * joins; waits for short commands to finish, and refuses at once beside a Strata that serves.
 */
export async function enterHome(home: string, verb: string, alone = false): Promise<HeldHome | SharedHome> {
  makeHome(home)
  const lock = join(home, 'running.json')
  for (let waited = 0; waited < waitMs; waited += 100) {
    if (take(lock, { ...ownMark(), verb, ready: false, address: null })) return held(home, lock)
    const holder = holderOf(home)
    if (alone && holder?.address) break
    if (holder?.ready && !alone) {
      const shared = joinHolder(home, holder)
      if (shared) return shared
    }
    if (holder === null) removeStale(lock)
    else await sleep(100)
  }
  const holder = holderOf(home)
  const verbNow = [holder?.verb ?? '?', holder?.address].filter(Boolean).join(' ')
  return refuse('home_busy', { home, verb: verbNow, pid: holder?.pid ?? 0 })
}

/** Who holds a home now; null when nobody who lives does. */
export function holderOf(home: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(join(home, 'running.json'), 'utf8')) as Holder
    return lives(holder) ? holder : null
  } catch {
    return null
  }
}

function held(home: string, lock: string): HeldHome {
  const first = JSON.parse(readFileSync(lock, 'utf8')) as Holder
  const say = (change: Partial<Holder>) => {
    writeFileSync(`${lock}.new`, JSON.stringify({ ...first, ...change }))
    renameSync(`${lock}.new`, lock)
  }
  return {
    kind: 'held',
    announce: (address) => say({ ready: true, address }),
    drain: async (limitMs) => {
      say({ ready: false })
      for (let waited = 0; waited < limitMs && users(home).length > 0; waited += 100) await sleep(100)
    },
    release: () => rmSync(lock, { force: true }),
  }
}

// Counted first, then looked again: either the holder sees us before it stops, or we see that it is on its way out.
function joinHolder(home: string, holder: Holder): SharedHome | null {
  const mark = ownMark()
  const folder = join(home, 'users')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${mark.pid}.json`)
  writeFileSync(path, JSON.stringify(mark))
  const release = () => rmSync(path, { force: true })
  const again = holderOf(home)
  if (again?.ready && again.pid === holder.pid) return { kind: 'shared', holder: again, release }
  release()
  return null
}

function users(home: string): ProcessMark[] {
  const folder = join(home, 'users')
  mkdirSync(folder, { recursive: true })
  const found: ProcessMark[] = []
  for (const name of readdirSync(folder)) {
    const mark = parse(join(folder, name))
    if (mark && lives(mark)) found.push(mark)
    else rmSync(join(folder, name), { force: true })
  }
  return found
}

// A link fails when the name is taken, and the file is whole from its first moment.
function take(lock: string, holder: Holder): boolean {
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, JSON.stringify(holder))
  try {
    linkSync(mine, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

// Two may find the same dead holder: who moved a living one's lock away by mistake puts it back.
function removeStale(lock: string): void {
  const aside = `${lock}.stale.${process.pid}`
  try {
    renameSync(lock, aside)
  } catch {
    return
  }
  const holder = parse(aside)
  if (holder && lives(holder)) {
    try {
      linkSync(aside, lock)
    } catch {
      // Somebody has taken the home meanwhile; both would start, and PostgreSQL refuses the second.
    }
  }
  rmSync(aside, { force: true })
}

function parse(path: string): ProcessMark | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessMark
  } catch {
    return null
  }
}

function ownMark(): ProcessMark {
  return markOf(process.pid) ?? { pid: process.pid, started: '' }
}
