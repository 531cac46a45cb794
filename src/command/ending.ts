/**
 * The end of a process that was started by hand: Ctrl-C, a signal, or the death of npm or of the launcher. What was begun
 * is ended in order, once, within a bound; a second Ctrl-C ends it at once.
 */
import { constants } from 'node:os'
import { ancestorsToNpm, watchProcesses } from '../machine/processes.ts'

type Close = () => Promise<void> | void

/** A pool waits for ever for a query that will not come back: what does not close in time is left to the exit. */
const closeMsMax = 3000

interface Open {
  close: Close
  limitMs: number
}

const closes: Open[] = []
let ending: Promise<void> | undefined

/** Runs `close` when the process ends, last in first out, and waits for it at most `limitMs`. */
export function atEnd(close: Close, limitMs = closeMsMax): void {
  closes.push({ close, limitMs })
}

/** Starts listening for the ways in which a process ends. `told` gets the reason before anything is closed. */
export function listenForEnd(told: (reason: string) => void): void {
  const end = (reason: string, code: number) => {
    if (ending) process.exit(code)
    told(reason)
    ending = closeAll().finally(() => process.exit(code))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => end(signal, 128 + constants.signals[signal]))
  }
  // The channel to bin/strata.js breaks when that process is gone, whatever killed it.
  if (process.connected) {
    process.on('disconnect', () => end('launcher', 1))
    process.channel?.unref()
  }
  watchProcesses(ancestorsToNpm(), () => end('npm', 1))
  // A terminal that is gone makes writing fail; that must not stop the orderly end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}

/** While the process ends by a signal, whoever still works waits here: what it misses by then is no error of its own. */
export async function holdWhileEnding(): Promise<void> {
  if (ending) await new Promise(() => undefined)
}

/** Closes everything that is still open, newest first. */
export async function closeAll(): Promise<void> {
  for (let open = closes.pop(); open; open = closes.pop()) {
    const { close, limitMs } = open
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs)
    })
    try {
      await Promise.race([close(), late])
    } catch (error) {
      process.stderr.write(`strata: ${error instanceof Error ? error.message : String(error)}\n`)
    }
    clearTimeout(timer)
  }
}
