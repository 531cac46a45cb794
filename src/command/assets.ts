/**
 * The web page's files, built on the first start and after a change: the name of their folder is a hash of everything
 * they are made from, so nothing is ever built twice and nothing old is served.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const keptBuilds = 3
const keptMs = 24 * 3600 * 1000

/** The folder with index.html. Builds it when it is not there; refuses `machine_unfit` with the builder's own words. */
export async function webAssets(home: string): Promise<string> {
  const cache = writable(join(root, 'node_modules')) ? join(root, 'node_modules/.cache/strata') : join(home, 'web')
  const folder = join(cache, sourceHash())
  if (existsSync(join(folder, 'index.html'))) {
    const now = systemClock().millis() / 1000
    utimesSync(folder, now, now)
    return folder
  }
  mkdirSync(cache, { recursive: true })
  const fresh = `${folder}.${process.pid}`
  await build(fresh)
  try {
    renameSync(fresh, folder)
  } catch (error) {
    // Another start built the same thing meanwhile.
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(join(folder, 'index.html'))) throw error
  }
  sweep(cache, folder)
  return folder
}

/** Hash over names and contents of all that the page is built from. */
export function sourceHash(): string {
  const hash = createHash('sha256')
  for (const path of [...sources('web'), ...sources('src/kit'), ...sources('src/contract'), 'package-lock.json']) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .filter((path) => !/^web\/(dist|e2e)\//.test(path))
    .sort()
}

// In a process of its own: the builder's memory is given back, and the event loop stays free. Its configuration is loaded
// by Node itself: the builder's own loader writes into node_modules, which may be closed to us.
function build(folder: string): Promise<void> {
  const args = [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'web', '--outDir', folder, '--emptyOutDir']
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, '--configLoader', 'native', '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part))
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0 && existsSync(join(folder, 'index.html'))) return resolve()
      rmSync(folder, { recursive: true, force: true })
      try {
        refuse('machine_unfit', { reason: `the web page could not be built: ${said.trim().slice(-2000)}` })
      } catch (refused) {
        reject(refused)
      }
    })
    process.once('exit', () => child.kill('SIGKILL'))
  })
}

function sweep(cache: string, current: string): void {
  const builds = readdirSync(cache)
    .filter((name) => /^[0-9a-f]{16}$/.test(name) && join(cache, name) !== current)
    .map((name) => ({ name, at: statSync(join(cache, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  // A younger one may be what another server of this machine serves.
  for (const { name, at } of builds.slice(keptBuilds)) {
    if (systemClock().millis() - at > keptMs) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
