/** Customers: list, count, export, one page, why, history; households. */
import { toFenText } from '../../contract/common.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import type { Trx } from '../../db/database.ts'
import { householdOf } from '../../desk/customers/household.ts'
import {
  type Counted,
  countCustomers,
  type ListContext,
  listCustomers,
  nightOfCursor,
} from '../../desk/customers/list.ts'
import { type PageContext, readCustomer } from '../../desk/customers/page.ts'
import {
  currentNight,
  mustCurrentNight,
  type NightPointer,
  nightById,
  type TierNames,
} from '../../desk/nights/current.ts'
import { Refused, refuse } from '../../kit/refusal.ts'
import { unchanged } from '../etag.ts'
import { sendCustomers } from '../exports.ts'
import { type Ask, type Some, sent } from '../handler.ts'
import type { Site } from '../site.ts'

export const customerHandlers: Some<
  'listCustomers' | 'countCustomers' | 'exportCustomers' | 'readCustomer' | 'readHousehold'
> = {
  listCustomers: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, async (trx) => {
      if (await unchanged(ask, trx)) return sent
      const { sort, dir, limit, cursor, ...filter } = ask.query
      const night = cursor === undefined ? await mustCurrentNight(trx) : await nightOfPage(ask.site, trx, cursor)
      const context = await listContext(ask, trx, night)
      const page = await listCustomers(trx, context, { filter, sort, dir, limit, cursor })
      return { ...page, night: { id: night.id, day: night.day } }
    }),

  countCustomers: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, async (trx) => {
      if (await unchanged(ask, trx)) return sent
      const night = await mustCurrentNight(trx)
      const context = await listContext(ask, trx, night)
      const rows = await countCustomers(trx, context, ask.query)
      const sum = (of: (row: Counted) => bigint) => rows.reduce((total, row) => total + of(row), 0n)
      return {
        night: { id: night.id, day: night.day },
        customers: Number(sum((row) => row.customers)),
        assetsFen: toFenText(sum((row) => BigInt(row.assets_fen))),
        averageFen: toFenText(sum((row) => BigInt(row.average_fen))),
        tiers: [...Map.groupBy(rows, (row) => context.names(row.tier, row.kind).code).values()].map((same) => ({
          tier: context.names(same[0]!.tier, same[0]!.kind),
          customers: same.reduce((total, row) => total + Number(row.customers), 0),
          assetsFen: toFenText(same.reduce((total, row) => total + BigInt(row.assets_fen), 0n)),
          averageFen: toFenText(same.reduce((total, row) => total + BigInt(row.average_fen), 0n)),
        })),
      }
    }),

  exportCustomers: (ask) => sendCustomers(ask, (trx, night) => listContext(ask, trx, night)),

  readCustomer: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, async (trx) => {
      if (await unchanged(ask, trx)) return sent
      return readCustomer(trx, await pageContext(ask.site, trx), ask.params.no)
    }),

  readHousehold: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, async (trx) => {
      if (await unchanged(ask, trx)) return sent
      const found = await householdOf(trx, await pageContext(ask.site, trx), { householdNo: ask.params.no })
      return found ?? refuse('not_found', { what: `household ${ask.params.no}`, whatZh: `家庭 ${ask.params.no}` })
    }),
}

async function pageContext(site: Site, trx: Trx): Promise<PageContext> {
  const { keys, clock } = site.workplace
  const night = await currentNight(trx)
  const names: TierNames = night ? await site.shelf.names(trx, night.policyId) : unnamed
  return { night, scheme: night?.scheme ?? 'personal', names, keys, today: clock.today() }
}

/** Before the first night there is no policy to name tiers by. */
const unnamed: TierNames = (ordinal) => ({ ordinal, code: ordinal === 0 ? 'none' : `tier${ordinal}` })

async function listContext(
  { site, scope }: Pick<Ask<Endpoint>, 'site' | 'scope'>,
  trx: Trx,
  night: NightPointer,
): Promise<ListContext> {
  const policy = await site.shelf.policy(trx, night.policyId)
  const names = await site.shelf.names(trx, night.policyId)
  return { night, policy, names, keys: site.workplace.keys, scope }
}

/** A page stays on the night its first page was read from; gone when that night was dropped meanwhile. */
async function nightOfPage(site: Site, trx: Trx, cursor: string): Promise<NightPointer> {
  try {
    return await nightById(trx, nightOfCursor(site.workplace.keys, cursor))
  } catch (error) {
    if (error instanceof Refused && error.code === 'not_found') refuse('cursor_invalid')
    throw error
  }
}
