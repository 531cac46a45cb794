/** Erases customers one after the other, to be killed: `node erase-child.ts NO NO …`, the place in the environment. */
import { erase } from '../../src/acts/erase.ts'
import { readConfig } from '../../src/config.ts'
import { openWorkplace } from '../../src/nightly/workplace.ts'

const { db, keys, clock, config, close } = await openWorkplace(readConfig(process.env))
for (const customerNo of process.argv.slice(2)) {
  await erase({ owner: db.owner, keys, clock, home: config.home }, { customerNo, by: 'login:1', reason: 'proof' })
  process.stdout.write(`${customerNo}\n`)
}
await close()
