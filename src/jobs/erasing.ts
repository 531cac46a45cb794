/** Goes on with approved erasures beside the queue: a night or a load that lasts must not keep the others waiting. */
import { resumeErasures } from '../acts/erase.ts'
import { erasingPlace, type Workplace } from '../nightly/workplace.ts'

const everyMs = 15_000

/** Looks again and again until closed. Faults go to `failed`; the next round tries again. */
export function keepErasing(workplace: Workplace, failed: (error: unknown) => void): { close(): Promise<void> } {
  let running: Promise<void> | undefined
  const round = () => {
    running ??= resumeErasures(erasingPlace(workplace), failed)
      .catch(failed)
      .finally(() => {
        running = undefined
      })
  }
  round()
  const timer = setInterval(round, everyMs)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      await running
    },
  }
}
