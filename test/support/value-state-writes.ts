/** Writes of value states, proposals of them, win-backs and losses, each with the audit entry that it must leave. */
import { expect } from 'vitest'
import type { EndpointName } from '../../src/contract/index.ts'
import type { Answer } from './api.ts'
import type { Write, WritingSite } from './rights-writes.ts'

const customerNo = '200000005'

export function valueStateWrites(on: () => WritingSite) {
  const said = (text: string) => on().said?.(text) ?? text
  const manager = () => on().site.person('branchManager', on().bank.units[0]?.id ?? 0)
  async function move(to: object, more: object = {}): Promise<Answer> {
    const person = await manager()
    const { json } = await person.get(`/api/customers/${customerNo}/value-state`)
    return person.send('POST', `/api/customers/${customerNo}/value-state`, { entry: json.current.id, to, ...more })
  }
  const proposed = async () => {
    const { rows } = await on().site.database.db.owner.query<{ id: string }>(
      `insert into value_proposal (night_id, party_id, cause, entry_id, proposed_on, average_fen, average_before_fen)
       select $1, party_id, 'dormant', entry_id, '2026-10-31', 0, 0 from value_now where party_id = 6 returning id::text`,
      [on().bank.nights[1]],
    )
    return rows.map(({ id }) => id)
  }
  return {
    moveValueState: {
      action: 'moveValueState',
      does: () => move({ state: 'lost', stage: 'break' }, { reason: 'rival', note: said('转去同业') }),
      entry: {
        noun: 'customer',
        nounId: customerNo,
        partyId: 5n,
        reason: '转去同业',
        before: expect.objectContaining({ state: 'actual', stage: 'grow' }),
        after: expect.objectContaining({ state: 'lost', reason: 'rival' }),
      },
    },
    decideValueProposals: {
      action: 'decideValueProposals',
      does: async () => {
        const body = { decision: 'kept', ids: await proposed(), note: said('已电话确认') }
        return (await manager()).send('POST', '/api/value-proposals/decide', body)
      },
      entry: { reason: '已电话确认', after: expect.objectContaining({ decision: 'kept' }) },
    },
    closeWinBack: {
      action: 'closeWinBack',
      does: async () => {
        const [open] = (await (await manager()).get('/api/win-backs')).json.rows
        const body = { outcome: 'notBack', note: said('暂无意愿') }
        return (await manager()).send('POST', `/api/win-backs/${open.id}/outcome`, body)
      },
      entry: { noun: 'winBack', partyId: 5n, reason: '暂无意愿', after: { outcome: 'notBack' } },
    },
    exportLosses: {
      action: 'exportLosses',
      does: async () => (await manager()).get('/api/losses/export'),
      entry: { noun: 'losses', after: { rows: 1, filter: {} } },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
