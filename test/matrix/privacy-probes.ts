/** Probes of consents, a customer's own data, erasure, retention and keys. */
import type { EndpointName } from '../../src/contract/index.ts'
import { phoneOf, relations } from './bank.ts'
import { customers, each, type Probe, pageOf, record } from './probe.ts'
import { erasureSights } from './table.ts'

export const privacyProbes = {
  readConsents: customers(({ get }) =>
    each(async (relation) => (await get(pageOf('readConsents', relation))).json?.entries?.length > 0),
  ),
  recordConsent: customers(({ send }) =>
    each(async (relation) => {
      const body = { purpose: 'profiling', proof: 'form 7' }
      return (await send('POST', pageOf('recordConsent', relation), body)).json?.entries?.[0]?.purpose === 'profiling'
    }),
  ),
  withdrawConsent: customers(({ send, bank }) =>
    each(async (relation) => {
      await bank.query(
        `insert into consent (party_id, purpose, channel, basis, from_day)
         select party_id, 'sharing', 'any', 'consent', '2026-11-02' from customer where customer_no = $1`,
        [relations[relation].customerNo],
      )
      const body = { purpose: 'sharing', reason: '客户要求' }
      return (await send('POST', pageOf('withdrawConsent', relation), body)).json?.entries?.[0]?.kind === 'withdrawn'
    }),
  ),
  discloseCustomer: customers(({ send }) =>
    each(async (relation) => {
      const answer = await send('POST', pageOf('discloseCustomer', relation), { format: 'json', reason: '客户申请' })
      return answer.status === 200 && JSON.parse(answer.text).person.phone === phoneOf(relation)
    }),
  ),
  // Nobody checks it, and it is taken back at once: the customers of the other cells stay whole.
  proposeErasure: customers(
    ({ send, bank }) =>
      each(async (relation) => {
        const { customerNo } = relations[relation]
        const answer = await send('POST', pageOf('proposeErasure', relation), { reason: '客户申请', customerNo })
        await bank.query(`delete from approval where kind = 'erase'`)
        return answer.json?.status === 'open'
      }),
    erasureSights,
  ),
  listErasures: record(async ({ get, bank }) => {
    await bank.query(
      `insert into erasure (customer_no, erased_at, erased_by, reason) values ('gone', now(), 'login:1', '客户申请')
       on conflict do nothing`,
    )
    return (await get('/api/privacy/erasures')).json?.rows?.[0]?.customerNo === 'gone'
  }, 'top'),
  readRetention: record(async ({ get }) => (await get('/api/privacy/retention')).json?.lines?.length === 8, 'top'),
  setRetention: record(async ({ send }) => {
    const body = { noun: 'events', keep: 31, reason: '按制度' }
    const { json } = await send('POST', '/api/privacy/retention', body)
    return json?.lines?.find((line: { noun: string }) => line.noun === 'events').keep === 31
  }, 'top'),
  readKeys: record(async ({ get }) => (await get('/api/privacy/keys')).json?.generations?.length === 1, 'top'),
} satisfies Partial<Record<EndpointName, Probe>>
