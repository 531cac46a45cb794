/**
 * Processes of this machine: which one a number means, whether it still lives, and who started us. A process is known by
 * its number and its start together, because numbers are used again.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ProcessMark {
  pid: number
  /** Start in clock ticks since boot (Linux) or as `ps` says it; '' when it could not be read. */
  started: string
}

interface Status {
  parent: number
  started: string
  zombie: boolean
}

/** The mark of a living process; null when there is none of this number, or only its zombie. */
export function markOf(pid: number): ProcessMark | null {
  const status = statusOf(pid)
  return status && !status.zombie ? { pid, started: status.started } : null
}

/** Whether the very process that was marked still runs. A zombie does not. */
export function lives(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.started === mark.started
}

/** Our ancestors up to and including npm; empty when npm did not start us. */
export function ancestorsToNpm(): ProcessMark[] {
  if (!process.env.npm_execpath && !process.env.npm_lifecycle_event) return []
  const marks: ProcessMark[] = []
  for (let pid = process.ppid; pid > 1 && marks.length < 12; ) {
    const status = statusOf(pid)
    if (!status || status.zombie) return []
    marks.push({ pid, started: status.started })
    if (/\bnpm\b|\bnpx\b/.test(commandOf(pid))) return marks
    pid = status.parent
  }
  return []
}

/**
 * Calls `ended` once when one of these processes is gone: a killed npm tells nobody, and its children would live on.
 * Looks three times a second, at a cost of some microseconds each. Returns the way to stop looking.
 */
export function watchProcesses(marks: readonly ProcessMark[], ended: () => void): () => void {
  if (marks.length === 0) return () => undefined
  const timer = setInterval(() => {
    if (marks.every(lives)) return
    clearInterval(timer)
    ended()
  }, 300)
  timer.unref()
  return () => clearInterval(timer)
}

/** The command line of a process, '' when it cannot be read. */
export function commandOf(pid: number): string {
  if (process.platform === 'linux') return readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
  return ps(pid, 'command=')
}

function statusOf(pid: number): Status | null {
  if (!Number.isInteger(pid) || pid <= 0) return null
  if (process.platform === 'linux') {
    const text = readText(`/proc/${pid}/stat`)
    // The name stands in brackets and may hold anything: what follows the last bracket is fields 3 and on.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    if (text === '' || fields.length < 20) return null
    return { zombie: /^[ZXx]$/.test(fields[0]!), parent: Number(fields[1]), started: fields[19]! }
  }
  const line = ps(pid, 'stat=,ppid=,lstart=')
  const found = /^(\S+)\s+(\d+)\s+(.+)$/.exec(line)
  return found ? { zombie: found[1]!.startsWith('Z'), parent: Number(found[2]), started: found[3]!.trim() } : null
}

function ps(pid: number, columns: string): string {
  return spawnSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? ''
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
