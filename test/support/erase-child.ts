/** Erases customers one after the other, to be killed: `node erase-child.ts NO NO …`, the place in the environment. */
import { readConfig } from '../../src/config.ts'
import { erasingPlace, openWorkplace } from '../../src/nightly/workplace.ts'
import { eraseNow } from './erasing.ts'

const workplace = await openWorkplace(readConfig(process.env))
for (const customerNo of process.argv.slice(2)) {
  await eraseNow(erasingPlace(workplace), { customerNo, reason: 'proof' })
  process.stdout.write(`${customerNo}\n`)
}
await workplace.close()
