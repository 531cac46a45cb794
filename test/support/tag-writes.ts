/** Writes of tags, each with the audit entry that it must leave. */
import { expect } from 'vitest'
import type { EndpointName } from '../../src/contract/index.ts'
import type { Write, WritingSite } from './rights-writes.ts'

const words = { zh: '出国留学', en: 'Studies abroad', colour: 'accent', roles: [] }

export function tagWrites(on: () => WritingSite) {
  const said = (text: string) => on().said?.(text) ?? text
  const steward = () => on().site.person('dataSteward', on().bank.units[0]?.id ?? 0)
  const tag = async () => (await (await steward()).get('/api/tags')).json.rows[0].id
  return {
    makeTag: {
      action: 'makeTag',
      does: async () => (await steward()).send('POST', '/api/tags', words),
      entry: { noun: 'tag', after: words },
    },
    editTag: {
      action: 'editTag',
      does: async () => {
        const body = { ...words, zh: '子女留学', edition: 1, retired: false }
        return (await steward()).send('POST', `/api/tags/${await tag()}`, body)
      },
      entry: { noun: 'tag', before: expect.objectContaining({ zh: '出国留学' }) },
    },
    tagCustomer: {
      action: 'tagCustomer',
      does: async () => (await steward()).send('POST', '/api/customers/200000007/tags', { put: [await tag()] }),
      entry: { noun: 'customer', nounId: '200000007', partyId: 7n, after: { put: ['子女留学'], taken: [] } },
    },
    tagCustomers: {
      action: 'tagCustomers',
      does: async () => {
        const { changes } = (await (await steward()).get(`/api/tags/${await tag()}/preview?kind=company&act=put`)).json
        const body = { filter: { kind: 'company' }, act: 'put', changes, reason: said('留学活动名单') }
        return (await steward()).send('POST', `/api/tags/${await tag()}/customers`, body)
      },
      entry: { noun: 'tag', reason: '留学活动名单', after: expect.objectContaining({ customers: 4 }) },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
