/**
 * The end of a process that was started by hand: Ctrl-C, a signal, or the death of npm or of the launcher. What was begun
 * is ended in order, once, within a bound; a second Ctrl-C ends it at once.
 */
import { constants } from 'node:os'
import { ancestorsToNpm, watchProcesses } from '../machine/processes.ts'

type Close = () => Promise<void> | void

const closes: Close[] = []
const limitMs = 20_000
let ending: Promise<void> | undefined

/** Runs `close` when the process ends, last in first out. Returns the way to run it now instead. */
export function atEnd(close: Close): () => Promise<void> {
  closes.push(close)
  return async () => {
    const at = closes.indexOf(close)
    if (at >= 0) closes.splice(at, 1)
    await close()
  }
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

/** Closes everything that is still open, newest first. */
export async function closeAll(): Promise<void> {
  const timer = setTimeout(() => process.exit(1), limitMs)
  while (closes.length > 0) {
    try {
      await closes.pop()?.()
    } catch (error) {
      process.stderr.write(`strata: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  clearTimeout(timer)
}
