/** The bank's tags, and putting them on customers and off. */
import { mayDo, scopeOf } from '../../access/session.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import { nobodyAs, type Scope } from '../../db/database.ts'
import { partyByNo } from '../../desk/customers/page.ts'
import { mustCurrentNight } from '../../desk/nights/current.ts'
import { previewTagging, tagCustomer, tagCustomers } from '../../desk/tags/put.ts'
import { editTag, makeTag, postsFor, type StoredTag, tagById, tags, tagsOf } from '../../desk/tags/store.ts'
import { refuse } from '../../kit/refusal.ts'
import { readIfChanged } from '../etag.ts'
import type { Ask, Some } from '../handler.ts'
import { listContext } from './customers.ts'

export const tagHandlers: Some<
  'listTags' | 'makeTag' | 'editTag' | 'readCustomerTags' | 'tagCustomer' | 'previewTagging' | 'tagCustomers'
> = {
  listTags: (ask) =>
    readIfChanged(ask, async (trx) => ({
      rows: await tags(trx, ask.session, mayDo(ask.session, 'tags.manage')),
    })),

  makeTag: ({ site, scope, session, body, address }) =>
    site.workplace.db.withScope(scope, async (trx) => ({
      id: await makeTag(trx, body, { who: session.who, address, now: site.workplace.clock.now() }),
    })),

  editTag: ({ site, scope, session, params, body, address }) =>
    site.workplace.db.withScope(scope, async (trx) => {
      await editTag(trx, params.id, body, { who: session.who, address, now: site.workplace.clock.now() })
      return { id: params.id }
    }),

  readCustomerTags: ({ site, scope, params }) =>
    site.workplace.db.reading(scope, async (trx) => ({
      tags: await tagsOf(trx, (await partyByNo(trx, params.no)).id),
    })),

  tagCustomer: async (ask) => {
    const put = await Promise.all(ask.body.put.map((id) => usable(ask, id)))
    const take = await Promise.all(ask.body.take.map((id) => usable(ask, id, true)))
    // Each tag reaches as far as the posts that may use it: the customer must be within the reach of every one
    for (const tag of [...put, ...take]) {
      await ask.site.workplace.db.reading(scopeOfTag(ask, tag), (trx) => partyByNo(trx, ask.params.no))
    }
    return ask.site.workplace.db.withScope(ask.scope, async (trx) => ({
      changed: await tagCustomer(trx, await partyByNo(trx, ask.params.no), { put, take }, taggerOf(ask)),
    }))
  },

  previewTagging: async (ask) => {
    const { act, ...filter } = ask.query
    const tag = await usable(ask, ask.params.id, act === 'take')
    const scope = scopeOfTag(ask, tag)
    return ask.site.workplace.db.withScope(scope, async (trx) => {
      const context = await listContext({ ...ask, scope }, trx, await mustCurrentNight(trx))
      return previewTagging(trx, context, tag, { act, filter })
    })
  },

  tagCustomers: async (ask) => {
    const tag = await usable(ask, ask.params.id, ask.body.act === 'take')
    const scope = scopeOfTag(ask, tag)
    return ask.site.workplace.db.withScope(scope, async (trx) => {
      const context = await listContext({ ...ask, scope }, trx, await mustCurrentNight(trx))
      return { changed: await tagCustomers(trx, context, tag, ask.body, taggerOf(ask)) }
    })
  },
}

type Asking = Pick<Ask<Endpoint>, 'site' | 'session' | 'address'>

/** Refuses not_found, tag_not_yours, and tag_retired unless it is to be taken off. */
async function usable({ site, session }: Asking, id: number, retired = false): Promise<StoredTag> {
  const tag = await site.workplace.db.reading(nobodyAs(session.who), (trx) => tagById(trx, id))
  if (postsFor(session, tag).length === 0) refuse('tag_not_yours', { name: tag.zh })
  if (tag.retired && !retired) refuse('tag_retired', { name: tag.zh })
  return tag
}

const scopeOfTag = ({ session }: Asking, tag: StoredTag): Scope =>
  scopeOf({ ...session, posts: postsFor(session, tag) }, 'tags.use')

const taggerOf = ({ session, address }: Asking) => ({ who: session.who, loginId: session.loginId, address })
