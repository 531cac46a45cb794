/** Probes of what two people decide, of roles, posts, walls and units, and of who sees what. */
import type { EndpointName } from '../../src/contract/index.ts'
import type { Answer } from '../support/api.ts'
import { parseCsv } from '../support/csv.ts'
import { relations } from './bank.ts'
import { plantApproval, plantDelegation } from './plant-approvals.ts'
import { type Asking, record } from './probe.ts'

let serial = 0
const reason = '年度调整'
/** Whether a proposal was taken and waits. */
export const waits = (answer: Answer) => answer.json?.status === 'open'

/** A file that somebody else asks for, in the list of everybody's. */
export async function otherApproval(asking: Asking): Promise<boolean> {
  const id = await plantApproval(asking, { by: 'granter', kind: 'export' })
  const listed = (await asking.get('/api/approvals?view=all')).json?.rows ?? []
  return listed.some((row: { id: string }) => row.id === id)
}

export const rightsProbes = {
  draftPolicy: record(async ({ send, bank }) => {
    const [policy] = await bank.query<{ source: string }>('select source from policy order by id limit 1')
    return (await send('POST', '/api/policies', { source: policy?.source })).json?.status === 'draft'
  }, 'top'),
  proposePolicy: record(async ({ send, bank }) => {
    const [draft] = await bank.query<{ id: number }>(
      `insert into policy (scheme, version, name, source, sha256, status, recorded_by)
       select scheme, 100 + $1, name, source, sha256, 'draft', 'test' from policy order by id limit 1 returning id`,
      [++serial],
    )
    const change = { kind: 'policy', policy: draft?.id, inForceFrom: '2027-01-01' }
    return waits(await send('POST', '/api/policies/propose', { change, reason }))
  }, 'top'),

  listApprovals: record(async (asking) => {
    const id = await plantApproval(asking, { by: asking.person.name, kind: 'role' })
    return (await asking.get('/api/approvals?view=mine')).json?.rows?.some((row: { id: string }) => row.id === id)
  }),
  readApproval: record(async (asking) => {
    const id = await plantApproval(asking, { by: asking.person.name, kind: 'role' })
    return (await asking.get(`/api/approvals/${id}`)).json?.id === id
  }),
  withdrawApproval: record(async (asking) => {
    const id = await plantApproval(asking, { by: asking.person.name, kind: 'role' })
    return (await asking.send('DELETE', `/api/approvals/${id}`)).json?.status === 'withdrawn'
  }),
  decideApproval: record(async (asking) => {
    const kind = 'bk'.includes(asking.letter) ? 'export' : 'role'
    const id = await plantApproval(asking, { by: 'granter', kind })
    const body = { decision: 'returned', note: '请补充理由' }
    return (await asking.send('POST', `/api/approvals/${id}/decide`, body)).json?.status === 'returned'
  }, 'top'),
  listDelegations: record(async (asking) => {
    const id = await plantDelegation(asking)
    return (await asking.get('/api/delegations')).json?.rows?.some((row: { id: number }) => row.id === id)
  }),
  createDelegation: record(async ({ send, bank, letter }) => {
    const colleague = await bank.person(letter === 'k' ? 'complianceOfficer' : 'riskOfficer', 'top')
    const body = { to: colleague.name, fromDay: '2026-11-02', toDay: '2026-11-09', reason }
    return (await send('POST', '/api/delegations', body)).json?.to?.login === colleague.name
  }),
  endDelegation: record(async (asking) => {
    const id = await plantDelegation(asking)
    return typeof (await asking.send('DELETE', `/api/delegations/${id}`)).json?.endedAt === 'string'
  }),

  listRoles: record(async ({ get }) => (await get('/api/roles')).json?.rows?.length > 10),
  listPosts: record(async ({ get, person }) => {
    const { json } = await get(`/api/posts?login=${person.name}`)
    return json?.rows?.[0]?.person?.login === person.name
  }),
  listLogins: record(async ({ get, person }) => {
    const { json } = await get(`/api/logins?q=${person.name}`)
    return json?.rows?.[0]?.login === person.name
  }),
  listWalls: record(async ({ get }) => (await get('/api/walls')).json?.rows?.[0]?.around?.code === '01010101'),
  proposeRole: record(async ({ send }) => {
    const change = {
      kind: 'role',
      code: `probe${++serial}`,
      zh: '试',
      en: 'Probe',
      customers: 'none',
      permissions: [],
    }
    return waits(await send('POST', '/api/roles', { change, reason }))
  }, 'top'),
  proposePost: record(async ({ send, person }) => {
    const post = { login: person.name, role: 'teller', unit: '010102', from: '2026-11-03' }
    return waits(await send('POST', '/api/posts', { change: { kind: 'post', action: 'give', ...post }, reason }))
  }, 'top'),
  proposeWall: record(async ({ send }) => {
    const wall = { name: '试', around: '010201', against: '0101', from: '2026-11-03' }
    return waits(await send('POST', '/api/walls', { change: { kind: 'wall', action: 'draw', ...wall }, reason }))
  }, 'top'),
  proposeUnit: record(async ({ send }) => {
    const unit = { code: `N${++serial}`, name: '新网点', unitKind: 'outlet', parent: '0101' }
    return waits(await send('POST', '/api/units', { change: { kind: 'unit', action: 'open', ...unit }, reason }))
  }, 'top'),
  rehearseChange: record(async ({ send }) => {
    const change = { kind: 'unit', action: 'move', code: '010101', parent: '0102' }
    return Array.isArray((await send('POST', '/api/access/rehearse', { change })).json?.people)
  }, 'top'),
  // Of a customer nothing but number and unit is told, whoever asks
  explainAccess: record(async ({ get, person }) => {
    const { json } = await get(`/api/access/explain?login=${person.name}&customer=${relations.s.customerNo}`)
    return json?.customer?.unit?.code === '010101' && json.posts.length > 0
  }),
  listPeople: record(async ({ get, person }) =>
    (await get('/api/access/people')).json?.rows?.some((row: { login: string }) => row.login === person.name),
  ),
  readPerson: record(
    async ({ get, person }) => (await get(`/api/access/people/${person.name}`)).json?.keys !== undefined,
  ),
  exportPeople: record(async ({ get, person }) => {
    const answer = await get('/api/access/people.csv')
    return answer.status === 200 && parseCsv(answer.text).some((row) => row.用户名 === person.name)
  }),
  reviewPerson: record(async ({ send, bank, letter }) => {
    const colleague = await bank.person(letter === 't' ? 'lobbyManager' : 'teller', 'outlet')
    return (await send('POST', `/api/access/people/${colleague.name}/review`, {})).json?.changedSince === false
  }),
} satisfies Partial<Record<EndpointName, ReturnType<typeof record>>>
