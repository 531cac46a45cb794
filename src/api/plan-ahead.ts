/**
 * Plans what is asked most on every connection before the first request is served. Planning a customer's page takes 18 ms
 * of a fresh connection and a list 3; left to the first requests, eight of them at once wait for one another's.
 */
import { usualFields } from '../access/fields.ts'
import { sessionOf } from '../access/session.ts'
import { type Database, everything, nobodyAs } from '../db/database.ts'
import { listCustomers } from '../desk/customers/list.ts'
import { readCustomer } from '../desk/customers/page.ts'
import { type NightPointer, PolicyShelf, recordState } from '../desk/nights/current.ts'
import { pageSizeDefault } from '../kit/page.ts'
import { Refused } from '../kit/refusal.ts'
import type { Workplace } from '../nightly/workplace.ts'

/** Rows of a first page as the web asks for them, and where nothing is asked. */
const usualLimits = [100, pageSizeDefault]

/** Asks for nobody and for a few first pages, and throws the answers away: what a connection has planned it keeps. */
export async function planAhead(workplace: Workplace): Promise<void> {
  const shelf = new PolicyShelf()
  await workplace.db.onEvery(async (db) => {
    const { night } = await db.reading(nobodyAs('strata'), recordState)
    await sessionOf(db, workplace.clock, '')
    if (night) await planReads(db, workplace, { night, shelf })
  })
}

async function planReads(
  db: Database,
  { keys, clock }: Workplace,
  { night, shelf }: { night: NightPointer; shelf: PolicyShelf },
): Promise<void> {
  await db.reading(everything, async (trx) => {
    const policy = await shelf.policy(trx, night.policyId)
    const names = await shelf.names(trx, night.policyId)
    const context = { night, policy, names, keys, scope: everything, fields: usualFields }
    const { scheme } = night
    await readCustomer(trx, { ...context, scheme, today: clock.today() }, '').catch((error) => {
      if (!(error instanceof Refused)) throw error
    })
    for (const order of [
      { sort: 'average', dir: 'desc' },
      { sort: 'name', dir: 'asc' },
    ] as const) {
      for (const limit of usualLimits) {
        await listCustomers(trx, context, { ...order, filter: {}, limit, cursor: undefined })
      }
    }
  })
}
