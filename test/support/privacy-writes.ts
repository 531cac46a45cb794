/** Writes of consents, a customer's own data, erasure and retention, each with the audit entry that it must leave. */
import { expect } from 'vitest'
import type { EndpointName } from '../../src/contract/index.ts'
import type { Answer } from './api.ts'
import type { Write, WritingSite } from './rights-writes.ts'

const reason = '客户申请'
const about = (no: string) => ({ noun: 'customer', nounId: no, partyId: BigInt(Number(no) - 200_000_000) })

export function privacyWrites(on: () => WritingSite) {
  const said = (text: string) => on().said?.(text) ?? text
  const officer = () => on().site.person('complianceOfficer', on().bank.units[0]?.id ?? 0)
  const post = async (url: string, body: object) => (await officer()).send('POST', url, body)
  /** The made-up nights of a small bank have no files from which a tier could be explained. */
  async function withoutNights(work: () => Promise<Answer>): Promise<Answer> {
    const { owner } = on().site.database.db
    const { rows } = await owner.query('delete from published_night returning scheme, night_id')
    const answer = await work()
    for (const { scheme, night_id } of rows) {
      await owner.query('insert into published_night (scheme, night_id) values ($1, $2)', [scheme, night_id])
    }
    return answer
  }
  return {
    recordConsent: {
      action: 'recordConsent',
      does: () => post('/api/customers/200000002/consents', { purpose: 'marketing', proof: said('授权书 7 号') }),
      entry: { ...about('200000002'), after: expect.objectContaining({ purpose: 'marketing', basis: 'consent' }) },
    },
    withdrawConsent: {
      action: 'withdrawConsent',
      does: () => post('/api/customers/200000002/consents/withdrawal', { purpose: 'marketing', reason: said(reason) }),
      entry: { ...about('200000002'), reason, after: expect.objectContaining({ purpose: 'marketing' }) },
    },
    discloseCustomer: {
      action: 'discloseCustomer',
      does: () =>
        withoutNights(() => post('/api/customers/200000002/disclosure', { format: 'json', reason: said(reason) })),
      entry: { ...about('200000002'), reason, after: expect.objectContaining({ format: 'json' }) },
    },
    proposeErasure: {
      action: 'propose',
      does: () => post('/api/customers/200000002/erasure', { customerNo: '200000002', reason: said(reason) }),
      entry: { noun: 'approval', reason, after: expect.objectContaining({ kind: 'erase' }) },
    },
    setRetention: {
      action: 'setRetention',
      does: () => post('/api/privacy/retention', { noun: 'events', keep: 45, reason: said(reason) }),
      entry: { noun: 'retention', nounId: 'events', reason, before: { keep: 30 }, after: { keep: 45 } },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
