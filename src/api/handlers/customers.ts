/** Customers: list, count, export, one page, why, history; households. */
import { fieldsOf } from '../../access/fields.ts'
import { propose } from '../../acts/approvals.ts'
import { toFenText } from '../../contract/common.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import type { Trx } from '../../db/database.ts'
import { readComposition } from '../../desk/customers/composition.ts'
import type { ListContext } from '../../desk/customers/filters.ts'
import { readHousehold } from '../../desk/customers/household.ts'
import { type Counted, countCustomers, listCustomers, nightOfCursor, usualSort } from '../../desk/customers/list.ts'
import { type PageContext, readCustomer } from '../../desk/customers/page.ts'
import { searchEverywhere } from '../../desk/customers/search.ts'
import {
  mustCurrentNight,
  type NightPointer,
  nightById,
  type RecordState,
  type TierNames,
} from '../../desk/nights/current.ts'
import { Refused, refuse } from '../../kit/refusal.ts'
import { askForReveal, sendReveal } from '../bulk-reveals.ts'
import { readIfChanged } from '../etag.ts'
import { countRows, orderedBy, sendCustomers } from '../exports.ts'
import type { Ask, Some } from '../handler.ts'
import { actingAt, unnamedTiers } from '../site.ts'

export const customerHandlers: Some<
  | 'search'
  | 'listCustomers'
  | 'countCustomers'
  | 'exportCustomers'
  | 'proposeExport'
  | 'proposeBulkReveal'
  | 'fetchBulkReveal'
  | 'readCustomer'
  | 'readHousehold'
  | 'readComposition'
> = {
  search: (ask) =>
    readIfChanged(ask, async (trx) => {
      const context = await listContext(ask, trx, mustHaveNight(ask.state))
      return searchEverywhere(trx, context, ask.query)
    }),

  listCustomers: (ask) =>
    readIfChanged(ask, async (trx) => {
      const { sort, dir, limit, cursor, ...filter } = ask.query
      const night = cursor === undefined ? mustHaveNight(ask.state) : await nightOfPage(ask, trx, cursor)
      const context = await listContext(ask, trx, night)
      const page = await listCustomers(trx, context, {
        filter,
        sort: sort ?? usualSort(context.fields),
        dir,
        limit,
        cursor,
      })
      return { ...page, night: { id: night.id, day: night.day } }
    }),

  countCustomers: (ask) =>
    readIfChanged(ask, async (trx) => {
      const night = mustHaveNight(ask.state)
      const context = await listContext(ask, trx, night)
      const rows = await countCustomers(trx, context, ask.query)
      const hidden = context.fields.money === 'hidden'
      const sum = (all: readonly Counted[], of: 'assets_fen' | 'average_fen') =>
        hidden ? null : toFenText(all.reduce((total, row) => total + BigInt(row[of]), 0n))
      return {
        night: { id: night.id, day: night.day },
        customers: rows.reduce((total, row) => total + Number(row.customers), 0),
        assetsFen: sum(rows, 'assets_fen'),
        averageFen: sum(rows, 'average_fen'),
        tiers: [...Map.groupBy(rows, (row) => context.names(row.tier, row.kind).code).values()].map((same) => ({
          tier: context.names(same[0]!.tier, same[0]!.kind),
          customers: same.reduce((total, row) => total + Number(row.customers), 0),
          assetsFen: sum(same, 'assets_fen'),
          averageFen: sum(same, 'average_fen'),
        })),
      }
    }),

  exportCustomers: (ask) => sendCustomers(ask, (trx, night) => listContext(ask, trx, night)),

  proposeExport: async (ask) => {
    const { site, scope, session, body, address } = ask
    const { change, reason } = body
    const counted = await site.workplace.db.withScope(scope, async (trx) => {
      orderedBy(session, change)
      const night = await mustCurrentNight(trx)
      const rows = await countRows(trx, await listContext(ask, trx, night), change)
      return { ...change, night: night.id, day: night.day, rows }
    })
    return propose(actingAt(site), session, { change: counted, reason, address })
  },

  proposeBulkReveal: (ask) => askForReveal(ask, (trx, night) => listContext(ask, trx, night)),

  fetchBulkReveal: (ask) => sendReveal(ask, (trx, night) => listContext(ask, trx, night)),

  readCustomer: (ask) =>
    readIfChanged(ask, async (trx) => {
      return readCustomer(trx, await pageContext(ask, trx), ask.params.no)
    }),

  readHousehold: (ask) =>
    readIfChanged(ask, async (trx) => {
      const found = await readHousehold(trx, await pageContext(ask, trx), ask.params.no)
      return found ?? noHousehold(ask.params.no)
    }),

  readComposition: (ask) =>
    readIfChanged(ask, async (trx) => {
      const night = mustHaveNight(ask.state)
      const context = { night, policy: await ask.site.shelf.policy(trx, night.policyId), fields: fieldsOf(ask.session) }
      const found = await readComposition(trx, context, ask.params.no)
      return found ?? noHousehold(ask.params.no)
    }),
}

function noHousehold(no: string): never {
  refuse('not_found', { what: `household ${no}`, whatZh: `家庭 ${no}` })
}

async function pageContext(
  { site, session, state: { night } }: Pick<Ask<Endpoint>, 'site' | 'session' | 'state'>,
  trx: Trx,
): Promise<PageContext> {
  const { keys, clock } = site.workplace
  const names: TierNames = night ? await site.shelf.names(trx, night.policyId) : unnamedTiers
  return { night, scheme: night?.scheme ?? 'personal', names, keys, today: clock.today(), fields: fieldsOf(session) }
}

function mustHaveNight({ night }: RecordState): NightPointer {
  return night ?? refuse('night_missing')
}

/** What a list, a count or an act on a filtered list is read by. */
export async function listContext(
  { site, scope, session }: Pick<Ask<Endpoint>, 'site' | 'scope' | 'session'>,
  trx: Trx,
  night: NightPointer,
): Promise<ListContext> {
  const policy = await site.shelf.policy(trx, night.policyId)
  const names = await site.shelf.names(trx, night.policyId)
  return { night, policy, names, keys: site.workplace.keys, scope, fields: fieldsOf(session) }
}

/** A page stays on the night its first page was read from; gone when that night was dropped meanwhile. */
async function nightOfPage(
  { site, state: { night } }: Pick<Ask<Endpoint>, 'site' | 'state'>,
  trx: Trx,
  cursor: string,
): Promise<NightPointer> {
  const id = nightOfCursor(site.workplace.keys, cursor)
  if (night?.id === id) return night
  try {
    return await nightById(trx, id)
  } catch (error) {
    if (error instanceof Refused && error.code === 'not_found') refuse('cursor_invalid')
    throw error
  }
}
