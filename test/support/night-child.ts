/** A night in a process of its own, to be killed: prints each step as it begins. Arguments: home, owner URL, app URL. */
import { readConfig } from '../../src/config.ts'
import { fixedClock } from '../../src/kit/clock.ts'
import { runNight } from '../../src/nightly/night.ts'
import { openWorkplace } from '../../src/nightly/workplace.ts'
import { storyDay } from './story-day.ts'

const [home = '', ownerUrl = '', appUrl = ''] = process.argv.slice(2)
const config = readConfig({ STRATA_HOME: home, DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl })
const workplace = await openWorkplace(config, {
  clock: fixedClock('2026-07-01T02:00:00.000Z'),
  report: ({ step, done }) => process.stdout.write(`${step} ${done ?? 0}\n`),
})
await runNight(workplace, { day: storyDay })
await workplace.close()
