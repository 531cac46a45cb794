/** Households as staff build and change them; what the night says of one is with the customers. */
import { fieldsOf } from '../../access/fields.ts'
import { mayDo } from '../../access/session.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import type { Trx } from '../../db/database.ts'
import { type Builder, changeHousehold, openHousehold } from '../../desk/households/acts.ts'
import { listHouseholds, readRecord } from '../../desk/households/record.ts'
import type { Ask, Some } from '../handler.ts'
import { unnamedTiers } from '../site.ts'
import { listContext } from './customers.ts'

export const householdHandlers: Some<'listHouseholds' | 'readHouseholdRecord' | 'openHousehold' | 'changeHousehold'> = {
  listHouseholds: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, async (trx) => {
      const { night } = ask.state
      const context = night ? await listContext(ask, trx, night) : null
      const reader = { ...readerOf(ask), night, names: context?.names ?? unnamedTiers, context }
      return listHouseholds(trx, reader, ask.query)
    }),

  readHouseholdRecord: (ask) =>
    ask.site.workplace.db.reading(ask.scope, (trx) => readRecord(trx, readerOf(ask), ask.params.no)),

  openHousehold: (ask) => changed(ask, (trx, builder) => openHousehold(trx, ask.body, builder)),

  changeHousehold: (ask) => changed(ask, (trx, builder) => changeHousehold(trx, ask.params.no, ask.body, builder)),
}

type Asking = Pick<Ask<Endpoint>, 'site' | 'session' | 'scope' | 'address'>

/** Does it, and answers with the household as it is then. */
function changed(ask: Asking, act: (trx: Trx, builder: Builder) => Promise<string>) {
  const { site, session, scope, address } = ask
  const { clock, db } = site.workplace
  const builder = { who: session.who, loginId: session.loginId, address, today: clock.today(), now: clock.now() }
  return db.withScope(scope, async (trx) => readRecord(trx, readerOf(ask), await act(trx, builder)))
}

const readerOf = ({ site, session }: Asking) => ({
  today: site.workplace.clock.today(),
  fields: fieldsOf(session),
  edits: mayDo(session, 'households.edit'),
})
