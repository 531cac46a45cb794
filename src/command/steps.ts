/** What a long command does, step by step: one line per finished step, and a progress line while one runs. */
import type { Progress } from '../nightly/workplace.ts'
import { say } from './print.ts'
import { progressLine } from './progress.ts'

export interface Steps {
  /** Runs `work` under this title and says how long it took. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  /** Progress of the step that runs. */
  report(progress: Progress): void
}

/** On a terminal the running step shows its bar; elsewhere only the finished ones are said. */
export function openSteps(): Steps {
  const line = progressLine()
  return {
    report: line.report,
    step: async (title, work) => {
      const started = performance.now()
      line.report({ step: title })
      try {
        const result = await work()
        line.clear()
        say(`✓ ${title} (${seconds(performance.now() - started)})`)
        return result
      } catch (error) {
        line.clear()
        say(`✗ ${title}`)
        throw error
      }
    },
  }
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 1 : 0)} s`
}
