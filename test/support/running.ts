/** A Strata of its own, started as people start it, and the means to see what is left of it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Running {
  npm: ChildProcess
  /** Everything it has said so far, both streams. */
  said(): string
  /** Resolves when it says that; rejects when it ends before or takes longer. */
  until(words: RegExp, limitMs: number): Promise<RegExpExecArray>
  /** Its exit code, or 128 + signal. */
  ended: Promise<number>
}

/** `npm start` in the repository, in a process group of its own. `as`: another user, by number. */
export function npmStart(env: Record<string, string>, as?: number): Running {
  const user = as === undefined ? [] : ['setpriv', `--reuid=${as}`, `--regid=${as}`, '--clear-groups', '--']
  const [command, ...args] = [...user, 'npm', 'start', '--silent']
  const clean = Object.entries(process.env).filter(([name]) => !/^(npm_|STRATA_|VITEST|NODE_ENV|TZ)/.test(name))
  const npm = spawn(command!, args, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(clean), LANG: 'C', ...env },
  })
  let text = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (part) => (text += part))
  const ended = new Promise<number>((resolve) =>
    npm.once('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1))),
  )
  let over = false
  void ended.then(() => {
    over = true
  })
  return {
    npm,
    said: () => text,
    ended,
    until: async (words, limitMs) => {
      for (let waited = 0; waited < limitMs; waited += 50) {
        const found = words.exec(text)
        if (found) return found
        if (over) break
        await sleep(50)
      }
      throw new Error(`never said ${words}:\n${text}`)
    },
  }
}

/** Living processes that were started for a home: their environment or their command line names it. */
export function processesOf(home: string): { pid: number; command: string }[] {
  const found: { pid: number; command: string }[] = []
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one) && Number(one) !== process.pid)) {
    const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim()
    if (command === '') continue
    if (command.includes(home) || read(`/proc/${name}/environ`).includes(`STRATA_HOME=${home}`)) {
      found.push({ pid: Number(name), command })
    }
  }
  return found
}

/** What is left after at most `limitMs`; empty when all is gone. */
export async function leftOver(home: string, limitMs: number): Promise<string[]> {
  for (let waited = 0; waited < limitMs && processesOf(home).length > 0; waited += 100) await sleep(100)
  return processesOf(home).map((one) => one.command)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
