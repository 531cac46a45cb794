/** `strata night`: runs a night, or computes an old one again and compares. */
import type { Day } from '../kit/day.ts'
import { runNight } from '../nightly/night.ts'
import { schemeDefault } from '../nightly/policies.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { recomputeAllStale } from '../nightly/would-have-been.ts'
import { put, putJson, table, text } from './print.ts'
import { pyramidTable } from './pyramid.ts'

export interface NightChoices {
  day?: Day
  scheme?: string
  replay?: number
  json?: boolean
}

/** Prints the steps, the digest and the pyramid. Returns false when a replay differs from the first run. */
export async function night(workplace: Workplace, choices: NightChoices): Promise<boolean> {
  const { day, scheme, replay } = choices
  const result = await runNight(workplace, {
    ...(day !== undefined && { day }),
    ...(scheme !== undefined && { scheme }),
    ...(replay !== undefined && { replay }),
  })
  // A night is the moment when what came late is looked at: what would older nights have said?
  const stale = replay === undefined ? await recomputeAllStale(workplace) : []
  if (choices.json) putJson({ ...result, stale })
  else {
    const columns = [{ head: text('table', '表') }, { head: text('seconds', '秒'), right: true }, { head: 'SHA-256' }]
    put(
      table(
        columns,
        result.steps.map((step) => [step.name, step.seconds.toFixed(2), step.digest]),
      ),
    )
    put(`\n${text('night', '跑批')} ${result.nightId}, ${result.day}, ${result.status}, ${result.digest}`)
    if (result.differs.length > 0)
      put(
        text(
          `differs from the first run: ${result.differs.join(', ')}`,
          `与首次结果不同：${result.differs.join(', ')}`,
        ),
      )
    if (result.status === 'published') {
      const pyramid = await pyramidTable(workplace.db, scheme ?? schemeDefault, workplace.config.baseCurrency)
      if (pyramid) put(`\n${pyramid}`)
    }
    for (const { nightId, differences } of stale)
      put(
        text(
          `night ${nightId} is stale: ${differences} customers would have differed`,
          `跑批 ${nightId} 的数据已更正：${differences} 位客户的结果会不同`,
        ),
      )
  }
  return result.differs.length === 0
}
