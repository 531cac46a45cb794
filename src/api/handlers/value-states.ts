/** Value states and stages, what the night proposes of them, customers to win back, losses. */
import { audit } from '../../access/audit.ts'
import { fieldsOf } from '../../access/fields.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import { reasonWords } from '../../contract/value-state-words.ts'
import type { exportLosses } from '../../contract/value-states.ts'
import { baseCurrencyOf } from '../../db/base-currency.ts'
import { partyByNo } from '../../desk/customers/page.ts'
import { allLosses, losses } from '../../desk/value-states/losses.ts'
import { decide, valueProposals } from '../../desk/value-states/proposals.ts'
import { type Mover, moveValueState, valueRecordOf } from '../../desk/value-states/store.ts'
import { endWinBack, winBacks } from '../../desk/value-states/win-backs.ts'
import { minorUnits } from '../../kit/currency.ts'
import { formatAmount } from '../../kit/money.ts'
import { bom, csvLine } from '../csv.ts'
import { type Ask, type Some, sent } from '../handler.ts'

export const valueStateHandlers: Some<
  | 'readValueState'
  | 'moveValueState'
  | 'listValueProposals'
  | 'decideValueProposals'
  | 'listWinBacks'
  | 'closeWinBack'
  | 'listLosses'
  | 'exportLosses'
> = {
  readValueState: ({ site, scope, session, params }) =>
    site.workplace.db.reading(scope, async (trx) =>
      valueRecordOf(trx, await partyByNo(trx, params.no), fieldsOf(session)),
    ),

  moveValueState: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, async (trx) => {
      const party = await partyByNo(trx, ask.params.no)
      await moveValueState(trx, party, ask.body, moverOf(ask))
      return valueRecordOf(trx, party, fieldsOf(ask.session))
    }),

  listValueProposals: ({ site, scope, session, query }) =>
    site.workplace.db.withScope(scope, (trx) => valueProposals(trx, query, fieldsOf(session))),

  decideValueProposals: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, async (trx) => ({
      decided: await decide(trx, ask.site.workplace.clock, ask.body, moverOf(ask)),
    })),

  listWinBacks: ({ site, scope, session, query }) =>
    site.workplace.db.withScope(scope, (trx) =>
      winBacks(trx, query, { fields: fieldsOf(session), today: site.workplace.clock.today() }),
    ),

  closeWinBack: (ask) =>
    ask.site.workplace.db.withScope(ask.scope, (trx) =>
      endWinBack(trx, ask.params.id, ask.body, { ...moverOf(ask), fields: fieldsOf(ask.session) }),
    ),

  listLosses: ({ site, scope, session, query }) =>
    site.workplace.db.withScope(scope, (trx) =>
      losses(trx, query, { fields: fieldsOf(session), today: site.workplace.clock.today() }),
    ),

  exportLosses: (ask) => sendLosses(ask),
}

function moverOf({ site, session, address }: Pick<Ask<Endpoint>, 'site' | 'session' | 'address'>): Mover {
  const { clock, config } = site.workplace
  const { who, loginId } = session
  return { who, loginId, address, today: clock.today(), winBackDays: config.valueStates.winBackDays }
}

const heads = {
  zh: ['月份', '机构代码', '机构', '流失原因', '客户数', '流失前日均', '导出标记'],
  en: ['Month', 'Unit code', 'Unit', 'Reason', 'Customers', 'Average before', 'Exported by'],
}

/** The report as a file, audited; each row says who took it and when. */
async function sendLosses(ask: Ask<typeof exportLosses>): Promise<typeof sent> {
  const { site, scope, session, query, reply, address } = ask
  const { db, clock, config } = site.workplace
  const { language, ...filter } = query
  const { rows, currency } = await db.withScope(scope, async (trx) => {
    const rows = await allLosses(trx, filter, { fields: fieldsOf(session), today: clock.today() })
    const after = { rows: rows.length, filter }
    await audit(trx, { who: session.who, action: 'exportLosses', noun: 'losses', after, address })
    return { rows, currency: await baseCurrencyOf(trx, config) }
  })
  const mark = `${session.name} ${clock.now()}`
  const amount = (fen: string | null) => (fen === null ? null : formatAmount(BigInt(fen), minorUnits[currency]))
  const lines = rows.map(({ month, unit, reason, customers, formerAverageFen }) =>
    csvLine([month, unit.code, unit.name, reasonWords[reason][language], customers, amount(formerAverageFen), mark]),
  )
  reply.header('content-type', 'text/csv; charset=utf-8')
  reply.header('content-disposition', `attachment; filename="losses-${clock.today()}.csv"`)
  reply.send(bom + csvLine(heads[language]) + lines.join(''))
  return sent
}
