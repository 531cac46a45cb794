/** Progress of one command: one line that is rewritten, on stderr, and only when that is a terminal. */
import type { Progress } from '../nightly/workplace.ts'
import { width } from './print.ts'

export interface ProgressLine {
  report(progress: Progress): void
  /** Takes the line away. */
  clear(): void
}

const redrawMs = 80

/** Draws on `stream`; does nothing when it is not a terminal. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let drawnAt = 0
  if (!stream.isTTY) return { report: () => undefined, clear: () => undefined }
  return {
    report: (progress) => {
      const now = performance.now()
      if (now - drawnAt < redrawMs && progress.done !== progress.total) return
      drawnAt = now
      stream.write(`\r\u001b[K${cut(progressText(progress), (stream.columns || 80) - 1)}`)
    },
    clear: () => void stream.write('\r\u001b[K'),
  }
}

/** `check      ██████░░░░  62 %  balances-2026-01.csv` */
export function progressText(progress: Progress): string {
  const { step, done, total, detail } = progress
  const share = done !== undefined && total ? Math.min(1, done / total) : null
  const filled = share === null ? 0 : Math.round(share * 20)
  const bar =
    share === null
      ? ''
      : `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`
  const count = share === null && done !== undefined ? done.toLocaleString('en') : ''
  return [step.padEnd(10), bar, count, detail ?? ''].filter((part) => part !== '').join('  ')
}

function cut(line: string, columns: number): string {
  let kept = line
  while (width(kept) > columns) kept = kept.slice(0, -1)
  return kept
}
