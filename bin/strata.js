#!/usr/bin/env node
/**
 * The `strata` command. Any Node from 20 on may start it: it installs what is missing and goes on under the pinned Node,
 * which runs src/main.ts as it stands. `internal proof|bench NAME` runs a file of test/proof or bench.
 */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, giveUp, pinnedNode, root } from './install.js'

const given = process.argv.slice(2)
const internal = given[0] === 'internal'
ensureInstalled({ dev: internal })
const [file, ...rest] = internal ? script(given[1], given[2], given.slice(3)) : [join(root, 'src/main.ts'), ...given]

// The channel is how the child learns that we are gone, whatever killed us.
const child = spawn(pinnedNode(), [file, ...rest], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, STRATA_LAUNCHER_PID: String(process.pid) },
})
child.on('error', (error) => giveUp(`Node 26 cannot be started: ${error.message}`))
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)))
// Ctrl-C goes to every process of the terminal: the child ends in its own order, and we wait for it.
process.on('SIGINT', () => undefined)
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))

function script(kind, name, args) {
  const folder = { proof: 'test/proof', bench: 'bench' }[kind]
  if (!folder) giveUp('internal takes proof or bench')
  const path = join(root, folder, `${name}.ts`)
  if (name && existsSync(path)) return [path, ...args]
  const known = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []
  const names = known
    .filter((one) => one.endsWith('.ts') && !/\.test\.|^support/.test(one))
    .map((one) => one.slice(0, -3))
  return giveUp(`npm run ${kind} -- NAME, where NAME is one of: ${names.join(', ') || 'none yet'}`)
}
