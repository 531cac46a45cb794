/** What a PostgreSQL started for a test leaves on the disk, and taking it away. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { movedHomes } from '../../src/machine/place.ts'

/** Removes the home of a stopped PostgreSQL, and the folder it was moved to where root runs the tests. */
export function removePostgresHome(home: string): void {
  const pointer = join(home, 'pg.where')
  if (existsSync(pointer)) rmSync(readFileSync(pointer, 'utf8').trim(), { recursive: true, force: true })
  rmSync(home, { recursive: true, force: true })
}

/** Removes moved folders whose home is gone: those of runs that were killed before they could. */
export function sweepMovedHomes(folder = movedHomes): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const base = join(folder, name)
    const owner = join(base, 'home')
    if (existsSync(owner) && !existsSync(readFileSync(owner, 'utf8').trim()))
      rmSync(base, { recursive: true, force: true })
  }
}
