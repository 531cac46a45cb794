/** What needs the engine: reasons, histories, simulations, uploads. */
import { setTimeout as delay } from 'node:timers/promises'
import { mustRead } from '../../access/fields.ts'
import { toFenText } from '../../contract/common.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { explainCustomer as explainEndpoint } from '../../contract/why.ts'
import type { Trx } from '../../db/database.ts'
import { partyByNo, visibleNumbers } from '../../desk/customers/page.ts'
import { loadById } from '../../desk/loads/store.ts'
import { tierNames } from '../../desk/nights/current.ts'
import { present } from '../../kit/assert.ts'
import { Refused } from '../../kit/refusal.ts'
import { customerHistory, explainCustomer, mendFirst } from '../../nightly/requests.ts'
import type { Some } from '../handler.ts'
import { takeUpload } from '../upload.ts'

export const requestHandlers: Some<'explainCustomer' | 'readHistory' | 'simulate' | 'uploadFeed' | 'mendFirst'> = {
  explainCustomer: async ({ site, scope, session, params, query }) => {
    mustRead(session, 'money')
    const { db } = site.workplace
    // The engine reads past row-level security, so the scope is asked first, and again about the household.
    const { customerNo } = await db.withScope(scope, (trx) => partyByNo(trx, params.no))
    const why = await explainCustomer(site.workplace, customerNo, query.day === undefined ? {} : { day: query.day })
    return db.withScope(scope, (trx) => hideStrangers(trx, why as unknown as Output<typeof explainEndpoint>))
  },

  readHistory: async ({ site, scope, session, params, query }) => {
    mustRead(session, 'money')
    const { customerNo } = await site.workplace.db.withScope(scope, (trx) => partyByNo(trx, params.no))
    const history = await customerHistory(site.workplace, customerNo, {
      ...(query.from !== undefined && { from: query.from }),
      ...(query.to !== undefined && { to: query.to }),
    })
    return {
      customerNo,
      from: history.from,
      to: history.to,
      window: { from: history.window.from, to: history.window.to },
      days: history.days.map((one) => ({
        day: one.day,
        valueFen: toFenText(one.valueFen),
        aumFen: toFenText(one.aumFen),
        gap: one.gap,
      })),
    }
  },

  simulate: async ({ site, body }) => {
    const result = await site.simulator.simulate({
      ...(body.scheme !== undefined && { scheme: body.scheme }),
      ...(body.policy !== undefined && { policyText: body.policy }),
      ...(body.householdRule !== undefined && { householdRule: body.householdRule }),
      ...(body.bars !== undefined && {
        bars: body.bars.map(({ tier, individualFen, householdFen }) => ({
          tier,
          ...(individualFen !== undefined && { individualFen: BigInt(individualFen) }),
          ...(householdFen !== undefined && { householdFen: BigInt(householdFen) }),
        })),
      }),
    })
    const names = tierNames(result.policy)
    return {
      night: result.night,
      milliseconds: result.milliseconds,
      tiers: result.tiers.map(({ tier, before, after, assetsFen }) => ({
        tier: names(tier),
        before,
        after,
        assetsFen: toFenText(assetsFen),
      })),
      moves: result.moves.map(({ fromTier, toTier, customers, assetsFen }) => ({
        fromTier: names(fromTier),
        toTier: names(toTier),
        customers,
        assetsFen: toFenText(assetsFen),
      })),
      rises: result.rises,
      falls: result.falls,
      same: result.same,
    }
  },

  mendFirst: async ({ site, scope, query }) => {
    const faults = await mendFirst(site.workplace, { scope, limit: query.limit })
    return { rows: faults.map((fault) => ({ ...fault, assetsFen: toFenText(fault.assetsFen) })) }
  },

  uploadFeed: async ({ site, scope, session, params, query, request, address }) => {
    const asked = { feed: params.feed, file: query.file, by: session.who, address }
    const { feed, file, account: coming } = request.upload ?? (await takeUpload(site, request, asked))
    const account = await within(query.wait, coming)
    if (!account) return { outcome: 'underWay' as const, feed, file, load: null }
    if (account.refusal) throw new Refused(account.refusal.code, account.refusal.params)
    const load = await site.workplace.db.withScope(scope, (trx) => loadById(trx, present(account.loadId, 'the load')))
    const outcome = account.status === 'already' ? ('alreadyLoaded' as const) : ('loaded' as const)
    return { outcome, feed, file, load }
  },
}

/** The value when it comes within `seconds`, else undefined. */
async function within<T>(seconds: number, coming: Promise<T>): Promise<T | undefined> {
  const enough = new AbortController()
  const late = delay(seconds * 1000, undefined, { signal: enough.signal }).catch(() => undefined)
  try {
    return await Promise.race([coming, late])
  } finally {
    enough.abort()
  }
}

/** Household members whom this session may not see count without number and name. */
async function hideStrangers(trx: Trx, why: Output<typeof explainEndpoint>): Promise<Output<typeof explainEndpoint>> {
  if (!why.household) return why
  const numbers = why.household.members.flatMap((member) => member.customerNo ?? [])
  const visible = await visibleNumbers(trx, numbers)
  const members = why.household.members.map((member) =>
    member.customerNo !== null && visible.has(member.customerNo) ? member : { ...member, customerNo: null, name: null },
  )
  return { ...why, household: { ...why.household, members } }
}
