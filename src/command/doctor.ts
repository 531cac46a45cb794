/** `strata doctor`: the findings about this machine, for a person or as JSON. */
import type { Config } from '../config.ts'
import { systemClock } from '../kit/clock.ts'
import { examine } from '../machine/doctor.ts'
import { language, put, putJson, text } from './print.ts'

/** Prints every finding; returns whether Strata can run here. */
export async function doctor(config: Config, json: boolean): Promise<boolean> {
  const today = systemClock(config.timeZone).today()
  const findings = await examine({ ...config, today })
  const sound = findings.every((finding) => finding.state !== 'wrong')
  if (json) putJson({ sound, findings })
  else {
    const sign = { good: '✓', look: '!', wrong: '✗' }
    for (const { state, what, detail } of findings) put(`${sign[state]} ${what[language]}: ${detail[language]}`)
    put(
      sound
        ? text('Strata can run on this machine.', '本机可以运行 Strata。')
        : text('Strata cannot run here: see ✗.', '本机不能运行：见 ✗。'),
    )
  }
  return sound
}
