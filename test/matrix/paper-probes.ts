/** Probes of papers: one of every customer, held at the unit where the customer is at home. */
import type { EndpointName } from '../../src/contract/index.ts'
import { take } from '../support/paper-form.ts'
import { type MatrixBank, type Relation, relationLetters, relations } from './bank.ts'
import { type Asking, customers, each, type Probe, pageOf, record } from './probe.ts'
import { askedSights, heldSights } from './table.ts'

let kinds = 0

export const paperProbes = {
  listPaperKinds: record(async ({ get }) => (await get('/api/paper-kinds')).json?.rows?.length > 0),
  addPaperKind: record(async ({ send }) => {
    const body = { code: `probe${++kinds}`, zh: '测试材料', en: 'Probe' }
    return (await send('POST', '/api/paper-kinds', body)).json?.code === body.code
  }, 'top'),
  listPapers: customers(async ({ get, bank }) => {
    const held = await plantPapers(bank)
    return each(async (relation) => {
      const { json } = await get(pageOf('listPapers', relation))
      return json?.rows?.some((row: { id: string }) => row.id === held[relation]) ?? false
    })
  }),
  takePaper: customers(({ person, send }) =>
    each(async (relation) => {
      const noted = { ...person, send }
      return (await take(noted, relations[relation].customerNo, { kind: 'other' })).status === 201
    }),
  ),
  withdrawPaper: customers(async ({ send, bank }) => {
    const held = await plantPapers(bank)
    const seen = await each(
      async (relation) =>
        (await send('POST', `/api/papers/${held[relation]}/withdraw`, { reason: '收错' })).json?.state === 'withdrawn',
    )
    await bank.query('update paper set withdrawn_at = null, withdrawn_by = null, withdrawn_reason = null')
    return seen
  }, heldSights),
  openPaper: customers(async ({ get, bank }) => {
    const held = await plantPapers(bank)
    return each(async (relation) => {
      const { status, text } = await get(`/api/papers/${held[relation]}/file`)
      return status === 200 && text.includes('picture')
    })
  }, heldSights),
  reusePaper: customers(async ({ send, bank }) => {
    const held = await plantPapers(bank)
    return each(
      async (relation) =>
        (await send('POST', `/api/papers/${held[relation]}/reuse`, { purpose: 'card' })).json?.counted === true,
    )
  }),
  listExpiringPapers: customers(async ({ get, bank }) => {
    await plantPapers(bank)
    const { json } = await get('/api/papers/expiring?limit=500')
    return relationLetters.filter((one) =>
      json?.rows?.some((row: { customerNo: string }) => row.customerNo === relations[one].customerNo),
    )
  }),
  // Counts of one's units, nobody in them
  listPaperReuses: record(async ({ get, bank }) => {
    const held = await plantPapers(bank)
    await bank.query(
      `insert into paper_reuse (paper_id, login_id, unit_id, purpose, day)
       select $1, l.id, u.id, 'tax', '2026-11-01' from login l, unit u where l.name = 'granter' and u.code = '010101'
       on conflict do nothing`,
      [held.o],
    )
    return (await get('/api/paper-reuses')).json?.total > 0
  }),
  requestPaper: customers(async ({ send, bank }) => {
    const held = await plantPapers(bank)
    await bank.query('delete from paper_request')
    const body = { purpose: 'lending', reason: '客户申请贷款' }
    return each(
      async (relation) => (await send('POST', `/api/papers/${held[relation]}/requests`, body)).json?.status === 'open',
    )
  }, askedSights),
  listPaperRequests: record(async (asking) => {
    const id = await plantOwnRequest(asking)
    const { json } = await asking.get('/api/paper-requests')
    return json?.rows?.some((row: { id: string }) => row.id === id) ?? false
  }),
  decidePaperRequest: customers(async ({ send, bank }) => {
    const held = await plantPapers(bank)
    await bank.query('delete from paper_request')
    return each(async (relation) => {
      const id = await plantRequest(bank, held[relation], 'granter')
      const answer = await send('POST', `/api/paper-requests/${id}/decide`, { decision: 'released' })
      return answer.json?.status === 'released'
    })
  }, heldSights),
  endPaperRequest: record(async (asking) => {
    const id = await plantOwnRequest(asking)
    return (await asking.send('DELETE', `/api/paper-requests/${id}`)).json?.status === 'withdrawn'
  }),
  listPaperRules: record(async ({ get, bank }) => {
    const id = await plantRule(bank)
    return (await get('/api/paper-rules')).json?.rows?.some((row: { id: number }) => row.id === id) ?? false
  }),
  makePaperRule: record(async ({ send, bank }) => {
    await bank.query('delete from paper_rule')
    const body = { kind: 'businessLicence', purpose: 'tax', basis: 'law', reason: '税务核查' }
    return (await send('POST', '/api/paper-rules', body)).json?.purpose === 'tax'
  }, 'top'),
  endPaperRule: record(async ({ send, bank }) => {
    const id = await plantRule(bank)
    return typeof (await send('DELETE', `/api/paper-rules/${id}`)).json?.endedAt === 'string'
  }, 'top'),
} satisfies Partial<Record<EndpointName, Probe>>

const planted = new WeakMap<MatrixBank, Promise<Record<Relation, string>>>()

/** Of every customer one that expires soon, taken by a teller where they are at home; ids by relation. */
function plantPapers(bank: MatrixBank): Promise<Record<Relation, string>> {
  const known = planted.get(bank) ?? plant(bank)
  planted.set(bank, known)
  return known
}

async function plant(bank: MatrixBank): Promise<Record<Relation, string>> {
  const held: Partial<Record<Relation, string>> = {}
  for (const relation of relationLetters) {
    const { customerNo, unit } = relations[relation]
    const [home] = await bank.query<{ id: number }>('select id from unit where code = $1', [unit])
    const person = await bank.site.person('teller', home?.id ?? 0)
    held[relation] = (await take(person, customerNo, { validUntil: '2026-11-20' })).json.id
  }
  return held as Record<Relation, string>
}

async function plantRequest(bank: MatrixBank, paperId: string, login: string): Promise<string> {
  const [row] = await bank.query<{ id: bigint }>(
    `insert into paper_request (paper_id, unit_id, login_id, purpose, reason, days, asked_at)
     select p.id, p.unit_id, l.id, 'lending', '客户申请贷款', 7, now() from paper p, login l
     where p.id = $1 and l.name = $2 returning id`,
    [paperId, login],
  )
  return String(row?.id)
}

async function plantOwnRequest({ bank, person }: Asking): Promise<string> {
  const held = await plantPapers(bank)
  await bank.query('delete from paper_request')
  return plantRequest(bank, held.g, person.name)
}

async function plantRule(bank: MatrixBank): Promise<number> {
  await bank.query('delete from paper_rule')
  const [row] = await bank.query<{ id: number }>(
    `insert into paper_rule (kind, purpose, basis, reason, made_by, made_at)
     select 'businessLicence', 'tax', 'law', '税务核查', id, now() from login where name = 'granter' returning id`,
  )
  return row?.id ?? 0
}
