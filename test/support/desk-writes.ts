/** Writes of what staff do at their desks, loads and nights, each with the audit entry that it must leave. */
import { expect } from 'vitest'
import type { EndpointName } from '../../src/contract/index.ts'
import { type Answer, password, type TestSite } from './api.ts'
import type { Write, WritingSite } from './rights-writes.ts'

const units = (name: string) => `code,name,kind,parent_code\n${name},新网点,outlet,U1\n${name}x,新网点,nothing,U1\n`

/** In the order in which they are to be done. */
export function deskWrites(on: () => WritingSite) {
  const said = (text: string) => on().said?.(text) ?? text
  const head = () => on().bank.units[0]?.id ?? 0
  const as = (role: Parameters<TestSite['person']>[0]) => on().site.person(role, head())

  async function upload(name: string): Promise<Answer> {
    const { cookie } = await as('dataSteward')
    const headers = { cookie, 'content-type': 'text/csv' }
    const url = `/api/feeds/units?file=${name}.csv`
    return on().site.ask({ method: 'POST', url, headers, payload: units(name) })
  }

  async function edit(facts: object): Promise<Answer> {
    const outlet = await as('outletManager')
    const { version } = (await outlet.get('/api/customers/200000001/facts')).json
    return outlet.send('POST', '/api/customers/200000001/facts', { version, reason: said('客户来电'), ...facts })
  }

  const atOutlet = () => on().site.person('teller', on().bank.units[3]?.id ?? 0)

  /** The first customer is at home at the top, where no outlet sees them. */
  async function requestAccess(): Promise<Answer> {
    const body = { customerNo: '200000001', reason: said('客户来访'), hours: 4 }
    return (await atOutlet()).send('POST', '/api/access-requests', body)
  }

  return {
    signIn: {
      action: 'signIn',
      does: async () => {
        const { name } = await as('analyst')
        return on().site.ask({ method: 'POST', url: '/api/session', payload: { name, password } })
      },
      entry: { noun: 'session' },
    },
    signOut: {
      action: 'signOut',
      does: async () => (await on().site.person('teller', head())).send('DELETE', '/api/session'),
      entry: { noun: 'session' },
    },
    changePassword: {
      action: 'changePassword',
      does: async () => {
        const person = await as('lobbyManager')
        return person.send('POST', '/api/session/password', { password, newPassword: 'four quite unusual otters' })
      },
      entry: { noun: 'login' },
    },
    createKey: {
      action: 'createKey',
      does: async () => (await as('analyst')).send('POST', '/api/keys', { name: 'nightly', days: 30 }),
      entry: { noun: 'key', after: expect.objectContaining({ name: 'nightly' }) },
    },
    revokeKey: {
      action: 'revokeKey',
      does: async () => (await as('analyst')).send('DELETE', '/api/keys/1'),
      entry: {
        noun: 'key',
        nounId: '1',
        before: { revokedAt: null },
        after: { revokedAt: '2026-11-02T02:00:00.000Z' },
      },
    },
    exportCustomers: {
      action: 'exportCustomers',
      does: async () => (await as('analyst')).get('/api/customers/export?format=csv&language=zh'),
      entry: { noun: 'customers', after: expect.objectContaining({ format: 'csv', rows: 48 }) },
    },
    uploadFeed: {
      action: 'load',
      does: () => upload('N1'),
      entry: { noun: 'load', after: expect.objectContaining({ feed: 'units', rowsAccepted: 1 }) },
    },
    editFacts: {
      action: 'editCustomer',
      does: () => edit({ occupation: '教师' }),
      entry: { noun: 'customer', nounId: '200000001', reason: '客户来电', partyId: 1n },
    },
    restoreFact: {
      action: 'restoreCustomer',
      does: async () => {
        const outlet = await as('outletManager')
        const { version, changes } = (await outlet.get('/api/customers/200000001/facts')).json
        const body = { version, reason: said('误改'), entry: changes[0].entry, field: 'occupation' }
        return outlet.send('POST', '/api/customers/200000001/facts/restore', body)
      },
      entry: { noun: 'customer', nounId: '200000001', reason: '误改', partyId: 1n },
    },
    dismissQuarantine: {
      action: 'dismissQuarantine',
      does: async () =>
        (await as('dataSteward')).send('POST', '/api/loads/1/quarantine/dismiss', {
          lines: ['3'],
          reason: said('测试行'),
        }),
      entry: { noun: 'load', nounId: '1', reason: '测试行' },
    },
    findElsewhere: {
      action: 'findElsewhere',
      does: async () => (await atOutlet()).get('/api/elsewhere?q=13900000001'),
      entry: {},
    },
    blindCheck: {
      action: 'checkBlindly',
      does: async () => (await atOutlet()).send('POST', '/api/elsewhere/check', { identityNo: '11010119491230001X' }),
      entry: {},
    },
    requestAccess: {
      action: 'requestAccess',
      does: requestAccess,
      entry: { noun: 'accessRequest', reason: '客户来访' },
    },
    decideAccessRequest: {
      action: 'decideAccess',
      does: async () => {
        const [open] = (await (await atOutlet()).get('/api/access-requests')).json.rows
        return (await as('branchManager')).send('POST', `/api/access-requests/${open.id}/decide`, {
          decision: 'granted',
        })
      },
      entry: { noun: 'accessRequest' },
    },
    endAccess: {
      action: 'endAccess',
      does: async () => {
        const [granted] = (await (await atOutlet()).get('/api/access-requests')).json.rows
        return (await atOutlet()).send('DELETE', `/api/access-requests/${granted.id}`)
      },
      entry: { noun: 'accessRequest' },
    },
    revealField: {
      action: 'reveal',
      does: async () =>
        (await as('outletManager')).send('POST', '/api/customers/200000001/reveal', {
          field: 'phone',
          reason: said('回访核实'),
        }),
      entry: { noun: 'customer', nounId: '200000001', reason: '回访核实' },
    },
    exportAudit: {
      action: 'exportAudit',
      does: async () => (await as('auditor')).get('/api/audit/export?from=2026-01-01'),
      entry: { noun: 'audit', after: { from: '2026-01-01' } },
    },
    exportAuditList: {
      action: 'exportAuditList',
      does: async () => (await as('auditor')).get('/api/audit/list.csv?noun=load&language=en'),
      entry: { noun: 'audit', after: { rows: expect.any(Number), filter: { noun: 'load' } } },
    },
    readAuditEntry: {
      action: 'readAudit',
      does: async () => (await as('auditor')).get('/api/audit/entries/1'),
      entry: { noun: 'audit', nounId: '1' },
    },
    exportQuarantine: {
      action: 'exportQuarantine',
      does: async () => (await as('auditor')).get('/api/loads/1/quarantine.csv'),
      entry: { noun: 'load', nounId: '1' },
    },
    startNight: {
      action: 'runNight',
      does: async () => (await as('dataSteward')).send('POST', '/api/nights', { day: '2026-10-31' }),
      entry: { noun: 'night', after: { day: '2026-10-31', scheme: 'personal' } },
    },
    decideProposals: {
      action: 'decideProposals',
      does: async () => {
        const officer = await as('riskOfficer')
        const [first] = (await officer.get('/api/proposals')).json.rows
        return officer.send('POST', '/api/proposals/decide', {
          decision: 'accepted',
          ids: [first.id],
          note: said('已核实'),
        })
      },
      entry: { reason: '已核实', before: expect.objectContaining({ decision: 'open' }) },
    },
    decideWouldHaveBeen: {
      action: 'decideDifferences',
      does: async () => {
        const [customer] = on().bank.customers
        await on().site.database.db.owner.query(
          `insert into would_have_been (night_id, party_id, published_tier, would_tier, published_average_fen,
             would_average_fen) values ($1, $2, 1, 3, 0, 0)`,
          [on().bank.nights[1], customer?.id],
        )
        const asked = { decision: 'accepted', customerNos: [customer?.customerNo], note: said('更正') }
        return (await as('riskOfficer')).send(
          'POST',
          `/api/nights/${on().bank.nights[1]}/would-have-been/decide`,
          asked,
        )
      },
      entry: { reason: '更正', after: expect.objectContaining({ decision: 'accepted', tierChanges: 1 }) },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
