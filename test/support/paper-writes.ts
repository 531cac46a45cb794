/** Writes of papers, requests for them and rules on them, each with the audit entry that it must leave. */
import { expect } from 'vitest'
import type { EndpointName } from '../../src/contract/index.ts'
import { file, take } from './paper-form.ts'
import type { Write, WritingSite } from './rights-writes.ts'

const customerNo = '200000005'
const about = { noun: 'paper', partyId: 5n }

/** Held at head office; the customer is at home at the outlet of the lobby manager who asks. */
export function paperWrites(on: () => WritingSite) {
  const said = (text: string) => on().said?.(text) ?? text
  const holder = () => on().site.person('outletManager', on().bank.units[0]?.id ?? 0)
  const officer = () => on().site.person('complianceOfficer', on().bank.units[0]?.id ?? 0)
  const lobby = () => on().site.person('lobbyManager', on().bank.units[4]?.id ?? 0)
  const taken = async () => take(await holder(), customerNo, { number: 'G12345678' }, file.png())
  const held = async () => (await taken()).json.id as string
  const asked = async () => {
    const body = { purpose: 'lending', reason: said('客户申请贷款') }
    return (await lobby()).send('POST', `/api/papers/${await held()}/requests`, body)
  }
  const rule = async (purpose: string) => {
    const body = { kind: 'businessLicence', purpose, basis: 'law', reason: said('税务核查') }
    return (await officer()).send('POST', '/api/paper-rules', body)
  }
  return {
    addPaperKind: {
      action: 'addPaperKind',
      does: async () =>
        (await officer()).send('POST', '/api/paper-kinds', {
          code: 'pensionBook',
          zh: '养老金手册',
          en: 'Pension book',
        }),
      entry: { noun: 'paperKind', nounId: 'pensionBook', after: expect.objectContaining({ zh: '养老金手册' }) },
    },
    takePaper: {
      action: 'takePaper',
      does: taken,
      // What it says is sealed under the customer's own key
      entry: about,
    },
    withdrawPaper: {
      action: 'withdrawPaper',
      does: async () => {
        const body = { reason: said('客户更名') }
        return (await holder()).send('POST', `/api/papers/${await held()}/withdraw`, body)
      },
      entry: { ...about, reason: '客户更名', after: { kind: 'identityDocument' } },
    },
    openPaper: {
      action: 'openPaper',
      does: async () => (await holder()).get(`/api/papers/${await held()}/file`),
      entry: { ...about, after: { kind: 'identityDocument', ground: 'unit' } },
    },
    reusePaper: {
      action: 'reusePaper',
      does: async () => (await lobby()).send('POST', `/api/papers/${await held()}/reuse`, { purpose: 'card' }),
      entry: { ...about, after: { kind: 'identityDocument', purpose: 'card' } },
    },
    requestPaper: {
      action: 'requestPaper',
      does: asked,
      entry: { noun: 'paperRequest', partyId: 5n, reason: '客户申请贷款', after: expect.objectContaining({ days: 7 }) },
    },
    decidePaperRequest: {
      action: 'decidePaperRequest',
      does: async () => {
        const { id } = (await asked()).json
        const body = { decision: 'refused', note: said('请客户本人到柜') }
        return (await holder()).send('POST', `/api/paper-requests/${id}/decide`, body)
      },
      entry: { noun: 'paperRequest', partyId: 5n, reason: '请客户本人到柜', after: { decision: 'refused' } },
    },
    endPaperRequest: {
      action: 'endPaperRequest',
      does: async () => (await lobby()).send('DELETE', `/api/paper-requests/${(await asked()).json.id}`),
      entry: { noun: 'paperRequest', partyId: 5n },
    },
    makePaperRule: {
      action: 'makePaperRule',
      does: () => rule('tax'),
      entry: { noun: 'paperRule', reason: '税务核查', after: expect.objectContaining({ purpose: 'tax' }) },
    },
    endPaperRule: {
      action: 'endPaperRule',
      does: async () => (await officer()).send('DELETE', `/api/paper-rules/${(await rule('card')).json.id}`),
      entry: { noun: 'paperRule', before: expect.objectContaining({ purpose: 'card' }) },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
