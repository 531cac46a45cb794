/** Writes of notes, each with the audit entry that it must leave: never with the text. */
import { expect } from 'vitest'
import type { EndpointName } from '../../src/contract/index.ts'
import type { Write, WritingSite } from './rights-writes.ts'

const url = '/api/customers/200000007/notes'

export function noteWrites(on: () => WritingSite) {
  const said = (text: string) => on().said?.(text) ?? text
  const manager = () => on().site.person('branchManager', on().bank.units[0]?.id ?? 0)
  const newest = async () => (await (await manager()).get(url)).json.rows[0]
  return {
    writeNote: {
      action: 'writeNote',
      does: async () => (await manager()).send('POST', url, { channel: 'phone', text: said('想了解大额存单') }),
      entry: { noun: 'note', partyId: 7n, after: { channel: 'phone', mentioned: [] } },
    },
    editNote: {
      action: 'editNote',
      does: async () => {
        const { id, edition } = await newest()
        const body = { edition, channel: 'visit', text: said('想了解大额存单和理财') }
        return (await manager()).send('POST', `/api/notes/${id}`, body)
      },
      entry: { noun: 'note', partyId: 7n, after: expect.objectContaining({ edition: 2 }) },
    },
    pinNote: {
      action: 'pinNote',
      does: async () => (await manager()).send('POST', `/api/notes/${(await newest()).id}/pin`, { pinned: true }),
      entry: { noun: 'note', partyId: 7n },
    },
    withdrawNote: {
      action: 'withdrawNote',
      does: async () => {
        const { id } = (await (await manager()).send('POST', url, { channel: 'other', text: '写错' })).json
        return (await manager()).send('POST', `/api/notes/${id}/withdraw`, { reason: said('写错客户') })
      },
      entry: { noun: 'note', partyId: 7n, reason: '写错客户' },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
