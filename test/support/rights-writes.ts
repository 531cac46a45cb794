/** Writes of what two people decide, of rights, and of who sees what, each with the audit entry that it must leave. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { EndpointName } from '../../src/contract/index.ts'
import type { Answer, TestSite } from './api.ts'
import type { SeenEntry } from './audit.ts'
import type { SmallBank } from './small-bank.ts'

/** Where writes are done. */
export interface WritingSite {
  site: TestSite
  /** A small bank that nothing was done to. */
  bank: SmallBank
  /** What a reason or a note says in place of that text. */
  said?: (text: string) => string
}

export interface Write {
  action: string
  does(): Promise<Answer>
  entry: Partial<Record<keyof SeenEntry, unknown>>
}

const personal = readFileSync(new URL('../../src/tiers/policies/personal.yaml', import.meta.url), 'utf8')
const higher = personal.replace('individual: 100,000', 'individual: 120,000')

/** In the order in which they are to be done. */
export function rightsWrites(on: () => WritingSite) {
  const as = (role: Parameters<TestSite['person']>[0]) => on().site.person(role, on().bank.units[0]?.id ?? 0)
  const said = (text: string) => on().said?.(text) ?? text
  const reason = '年度调整'
  let serial = 0

  /** By the administrator, while there is somebody else who checks. */
  async function propose(path: string, change: object): Promise<Answer> {
    await as('complianceOfficer')
    return (await as('administrator')).send('POST', path, { change, reason: said(reason) })
  }
  const proposeRole = () =>
    propose('/api/roles', {
      kind: 'role',
      code: `role${++serial}`,
      zh: '新角色',
      en: 'New role',
      customers: 'none',
      permissions: [],
    })
  const proposeReveal = async () => {
    const change = { kind: 'bulkReveal', field: 'phone', filter: { minFen: String(++serial) } }
    return (await as('analyst')).send('POST', '/api/bulk-reveals', { change, reason })
  }
  const proposed = (kind: string) => ({ noun: 'approval', reason, after: expect.objectContaining({ kind }) })

  return {
    proposeRole: { action: 'propose', does: proposeRole, entry: proposed('role') },
    proposePost: {
      action: 'propose',
      does: async () => {
        const { name } = await as('teller')
        const post = { login: name, role: 'lobbyManager', unit: 'U1', from: '2026-11-03' }
        return propose('/api/posts', { kind: 'post', action: 'give', ...post })
      },
      entry: proposed('post'),
    },
    proposeWall: {
      action: 'propose',
      does: () =>
        propose('/api/walls', {
          kind: 'wall',
          action: 'draw',
          name: '机构业务',
          around: 'U1',
          against: 'U2',
          from: '2026-11-03',
        }),
      entry: proposed('wall'),
    },
    proposeUnit: {
      action: 'propose',
      does: () =>
        propose('/api/units', {
          kind: 'unit',
          action: 'open',
          code: 'U99',
          name: '新网点',
          unitKind: 'outlet',
          parent: 'U1',
        }),
      entry: proposed('unit'),
    },
    proposeExport: {
      action: 'propose',
      does: async () => {
        const change = { kind: 'export', filter: { minFen: '1' } }
        return (await as('analyst')).send('POST', '/api/customers/export/request', { change, reason: said(reason) })
      },
      entry: proposed('export'),
    },
    proposeBulkReveal: { action: 'propose', does: proposeReveal, entry: proposed('bulkReveal') },
    fetchBulkReveal: {
      action: 'revealInBulk',
      does: async () => {
        const { id } = (await proposeReveal()).json
        await (await as('riskOfficer')).send('POST', `/api/approvals/${id}/decide`, { decision: 'approved' })
        return (await as('analyst')).send('POST', `/api/bulk-reveals/${id}`)
      },
      entry: { noun: 'bulkReveal', after: expect.objectContaining({ field: 'phone', customers: expect.any(Number) }) },
    },
    draftPolicy: {
      action: 'draftPolicy',
      does: async () => (await as('analyst')).send('POST', '/api/policies', { source: higher }),
      entry: { noun: 'policy' },
    },
    proposePolicy: {
      action: 'propose',
      does: async () => {
        const analyst = await as('analyst')
        const { rows } = (await analyst.get('/api/policies')).json
        const draft = rows.find((row: { status: string }) => row.status === 'draft')
        const change = { kind: 'policy', policy: draft.id, inForceFrom: '2027-01-01' }
        return analyst.send('POST', '/api/policies/propose', { change, reason: said(reason) })
      },
      entry: proposed('policy'),
    },
    decideApproval: {
      action: 'returnProposal',
      does: async () => {
        const { id } = (await proposeRole()).json
        const body = { decision: 'returned', note: said('理由不足') }
        return (await as('complianceOfficer')).send('POST', `/api/approvals/${id}/decide`, body)
      },
      entry: { noun: 'approval', reason: '理由不足' },
    },
    withdrawApproval: {
      action: 'withdraw',
      does: async () => {
        const { id } = (await proposeRole()).json
        return (await as('administrator')).send('DELETE', `/api/approvals/${id}`)
      },
      entry: { noun: 'approval' },
    },
    createDelegation: {
      action: 'delegate',
      does: async () => {
        const { name } = await as('riskOfficer')
        const body = { to: name, fromDay: '2026-11-02', toDay: '2026-11-09', reason: said('休假') }
        return (await as('complianceOfficer')).send('POST', '/api/delegations', body)
      },
      entry: { noun: 'delegation', reason: '休假', after: expect.objectContaining({ toDay: '2026-11-09' }) },
    },
    endDelegation: {
      action: 'endDelegation',
      does: async () => {
        const compliance = await as('complianceOfficer')
        const [given] = (await compliance.get('/api/delegations')).json.rows
        return compliance.send('DELETE', `/api/delegations/${given.id}`)
      },
      entry: { noun: 'delegation', before: expect.objectContaining({ to: expect.any(String) }) },
    },
    exportPeople: {
      action: 'exportRights',
      does: async () => (await as('auditor')).get('/api/access/people.csv'),
      entry: { noun: 'login' },
    },
    reviewPerson: {
      action: 'reviewRights',
      does: async () => {
        const { name } = await as('lobbyManager')
        return (await as('complianceOfficer')).send('POST', `/api/access/people/${name}/review`, {
          note: said('年度复审'),
        })
      },
      entry: { noun: 'login', reason: '年度复审' },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
