/** Writes of households, each with the audit entry that it must leave. */
import { expect } from 'vitest'
import type { EndpointName } from '../../src/contract/index.ts'
import type { Write, WritingSite } from './rights-writes.ts'

export function householdWrites(on: () => WritingSite) {
  const said = (text: string) => on().said?.(text) ?? text
  const manager = () => on().site.person('branchManager', on().bank.units[0]?.id ?? 0)
  return {
    openHousehold: {
      action: 'openHousehold',
      does: async () =>
        (await manager()).send('POST', '/api/households', { head: '200000009', proof: said('家庭服务协议') }),
      entry: { noun: 'household', partyId: 9n, after: { head: '200000009', proof: '家庭服务协议' } },
    },
    changeHousehold: {
      action: 'changeHousehold',
      does: async () => {
        const person = await manager()
        const [{ householdNo }] = (await person.get('/api/households?q=HS')).json.rows
        const { version } = (await person.get(`/api/households/${householdNo}/record`)).json
        const change = { kind: 'withdrawConsent', customerNo: '200000009', reason: said('客户来电') }
        return person.send('POST', `/api/households/${householdNo}`, { version, change })
      },
      entry: {
        noun: 'household',
        partyId: 9n,
        after: expect.objectContaining({ change: 'withdrawConsent', reason: '客户来电' }),
      },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
