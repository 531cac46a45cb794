/** Probes of value states, what the night proposes of them, customers to win back, and losses. */
import type { EndpointName } from '../../src/contract/index.ts'
import { parseCsv } from '../support/csv.ts'
import { type MatrixBank, type Relation, relationLetters, relations } from './bank.ts'
import { customers, each, type Probe, pageOf, record } from './probe.ts'
import { sights } from './table.ts'

const among = (rows: readonly { customerNo?: string }[] | undefined): Relation[] =>
  relationLetters.filter((one) => rows?.some((row) => row.customerNo === relations[one].customerNo))
const seenBy = (letter: string) => sights[letter]?.replaceAll('.', '').length

export const valueStateProbes = {
  readValueState: customers(({ get }) =>
    each(async (relation) => (await get(pageOf('readValueState', relation))).json?.current?.state === 'actual'),
  ),
  moveValueState: customers(({ send, person }) =>
    each(async (relation) => {
      const { json } = await person.get(pageOf('readValueState', relation))
      const move = json?.moves?.find((one: { needsReason: boolean }) => !one.needsReason)
      const { state = 'actual', stage = 'keep' } = move ?? {}
      const body = { entry: json?.current?.id ?? '1', to: { state, stage } }
      return (await send('POST', pageOf('moveValueState', relation), body)).json?.current?.stage === stage
    }),
  ),
  listValueProposals: customers(async ({ get, bank }) => {
    await plantProposals(bank)
    return among((await get('/api/value-proposals?limit=500')).json?.rows)
  }),
  decideValueProposals: customers(async ({ send, bank }) => {
    const ids = await plantProposals(bank)
    return each(async (relation) => {
      const body = { decision: 'kept', ids: [ids.get(relations[relation].customerNo)], note: '已联系' }
      return (await send('POST', '/api/value-proposals/decide', body)).json?.decided === 1
    })
  }),
  listWinBacks: customers(async ({ get, bank }) => {
    await plantWinBacks(bank)
    return among((await get('/api/win-backs?limit=500')).json?.rows)
  }),
  closeWinBack: customers(async ({ send, bank }) => {
    const ids = await plantWinBacks(bank)
    return each(async (relation) => {
      const url = `/api/win-backs/${ids.get(relations[relation].customerNo)}/outcome`
      return (await send('POST', url, { outcome: 'notBack' })).json?.outcome === 'notBack'
    })
  }),
  // Counts of customers that one sees
  listLosses: record(async ({ get, bank, letter }) => {
    await plantLosses(bank)
    return (await get('/api/losses')).json?.total === seenBy(letter)
  }),
  exportLosses: record(async ({ get, bank, letter }) => {
    await plantLosses(bank)
    const answer = await get('/api/losses/export')
    if (answer.status !== 200) return false
    return parseCsv(answer.text).reduce((sum, row) => sum + Number(row.客户数), 0) === seenBy(letter)
  }),
} satisfies Partial<Record<EndpointName, Probe>>

/** Open proposals for every customer; their ids by customer number. */
async function plantProposals(bank: MatrixBank): Promise<Map<string, string>> {
  await bank.query('delete from value_proposal')
  return planted(
    bank,
    `insert into value_proposal (night_id, party_id, cause, entry_id, proposed_on, average_fen, average_before_fen)
     select ${bank.nights.current}, party_id, 'dormant', entry_id, '2026-10-31', 0, 0 from value_now returning id, party_id`,
  )
}

/** Open win-backs of every customer. */
async function plantWinBacks(bank: MatrixBank): Promise<Map<string, string>> {
  await bank.query('delete from win_back')
  return planted(
    bank,
    `insert into win_back (party_id, entry_id, reason, former_average_fen, opened_on, due_on)
     select party_id, entry_id, 'rival', 0, '2026-10-31', '2026-11-30' from value_now returning id, party_id`,
  )
}

async function planted(bank: MatrixBank, insert: string): Promise<Map<string, string>> {
  const rows = await bank.query<{ id: bigint; customer_no: string }>(
    `with made as (${insert}) select made.id, p.customer_no from made join party p on p.id = made.party_id`,
  )
  return new Map(rows.map((row) => [row.customer_no, String(row.id)]))
}

/** Every customer was lost once, and is back. */
async function plantLosses(bank: MatrixBank): Promise<void> {
  const [done] = await bank.query('select from value_state where is_loss limit 1')
  if (done) return
  await bank.query(
    `insert into value_state (party_id, previous_id, state, stage, from_day, source, made_by, reason, is_loss, unit_id,
       former_average_fen)
     select n.party_id, n.entry_id, 'lost', 'break', '2026-11-01', 'person', 'strata', 'rival', true, p.unit_id, 0
     from value_now n join party p on p.id = n.party_id`,
  )
  await bank.query(
    `insert into value_state (party_id, previous_id, state, stage, from_day, source, made_by)
     select party_id, entry_id, 'actual', 'winBack', '2026-11-01', 'person', 'strata' from value_now`,
  )
}
