/**
 * How each endpoint is asked for a planted record. A probe about customers says which of the seven it got hold of; any
 * other says whether it got its record. An endpoint without a probe does not compile.
 */
import { sessionCookie } from '../../src/access/session.ts'
import { contract, type EndpointName } from '../../src/contract/index.ts'
import { everything } from '../../src/db/database.ts'
import { tell } from '../../src/jobs/queue.ts'
import { password } from '../support/api.ts'
import { parseCsv } from '../support/csv.ts'
import {
  accountOf,
  cardOf,
  identityOf,
  latinOf,
  type MatrixBank,
  nameOf,
  phoneOf,
  type Relation,
  readingOf,
  relationLetters,
  relations,
} from './bank.ts'
import { householdProbes } from './household-probes.ts'
import { noteProbes } from './note-probes.ts'
import { paperProbes } from './paper-probes.ts'
import { plantReveal } from './plant-approvals.ts'
import { privacyProbes } from './privacy-probes.ts'
import { type Asking, customers, each, type Probe, pageOf, record } from './probe.ts'
import { rightsProbes, waits } from './rights-probes.ts'
import { securityProbes } from './security-probes.ts'
import { grantSights, othersSights, sights } from './table.ts'
import { tagProbes } from './tag-probes.ts'
import { valueStateProbes } from './value-state-probes.ts'

/** Those whose customer number is among the rows of an answer. */
function among(rows: readonly { customerNo?: string }[] | undefined): Relation[] {
  const numbers = new Set((rows ?? []).map((row) => row.customerNo))
  return relationLetters.filter((relation) => numbers.has(relations[relation].customerNo))
}

let uploads = 0
const reason = '年度调整'
let edits = 0

/** The version after an edit; undefined when it was refused. */
async function editOf({ person, send }: Asking, relation: Relation): Promise<string | undefined> {
  const { json } = await person.get(pageOf('readFacts', relation))
  const body = { version: json?.version ?? '', reason: 'probe', occupation: `probe ${++edits}` }
  return (await send('POST', pageOf('editFacts', relation), body)).json?.version
}

export const probes: Record<EndpointName, Probe> = {
  ...securityProbes,
  signIn: record(async ({ bank, person }) => {
    const payload = { name: person.name, password }
    const answer = await bank.site.ask({ method: 'POST', url: '/api/session', payload })
    return answer.json.name === person.name
  }),
  readSession: record(async ({ get, person }) => (await get('/api/session')).json?.name === person.name),
  signOut: record(async ({ bank, person }) => {
    const payload = { name: person.name, password }
    const entered = await bank.site.app.inject({ method: 'POST', url: '/api/session', payload })
    const cookie = `${sessionCookie}=${entered.cookies.find((one) => one.name === sessionCookie)?.value}`
    const left = await bank.site.ask({ method: 'DELETE', url: '/api/session', headers: { cookie } })
    const after = await bank.site.ask({ method: 'GET', url: '/api/session', headers: { cookie } })
    return left.status === 200 && after.status === 401
  }),
  changePassword: record(async ({ bank, person, send }) => {
    const path = '/api/session/password'
    const newPassword = `another ${password}`
    const changed = await send('POST', path, { password, newPassword })
    // Back again: the other probes sign in too
    await bank.site.ask({
      method: 'POST',
      url: path,
      headers: { cookie: person.cookie },
      payload: { password: newPassword, newPassword: password },
    })
    return changed.json?.sessionsEnded >= 0
  }),
  demoSignIns: record(async ({ get }) => (await get('/api/session/demo')).json?.logins?.length === 0),
  readHealth: record(async ({ get }) => (await get(contract.readHealth.path)).status === 200),
  followEvents: record(followEvents),
  currentPolicy: record(async ({ get }) => (await get('/api/policies/current')).json?.tiers?.length > 0),

  listKeys: record(async (asking) => {
    const name = await plantKey(asking)
    return (await asking.get('/api/keys')).json?.rows?.some((row: { name: string }) => row.name === name)
  }),
  createKey: record(async ({ send }) =>
    String((await send('POST', '/api/keys', { name: 'probe', days: 1 })).json?.token).startsWith('strata_'),
  ),
  revokeKey: record(async (asking) => {
    const name = await plantKey(asking)
    const [key] = await asking.bank.query<{ id: number }>('select id from api_key where name = $1', [name])
    return (await asking.send('DELETE', `/api/keys/${key?.id}`)).json?.revokedAt !== undefined
  }),

  search: customers(({ get }) =>
    each(async (relation) => {
      const { json } = await get(`/api/search?q=${encodeURIComponent(nameOf(relation))}`)
      return json?.customers?.some((hit: { customerNo: string }) => hit.customerNo === relations[relation].customerNo)
    }),
  ),
  listCustomers: customers(async ({ get }) => among((await get('/api/customers?limit=500')).json?.rows)),
  countCustomers: record(async ({ get, letter }) => {
    const wanted = sights[letter]?.replaceAll('.', '').length
    return (await get('/api/customers/count')).json?.customers === wanted
  }),
  exportCustomers: customers(async ({ get }) => {
    const answer = await get('/api/customers/export')
    return answer.status === 200 ? among(parseCsv(answer.text).map((row) => ({ customerNo: row.客户号 ?? '' }))) : []
  }),
  proposeExport: record(async ({ send }) => {
    const change = { kind: 'export', filter: { minFen: String(++uploads) } }
    return waits(await send('POST', '/api/customers/export/request', { change, reason }))
  }),
  proposeBulkReveal: record(async ({ send }) => {
    const change = { kind: 'bulkReveal', field: 'phone', filter: { minFen: String(++uploads) } }
    return waits(await send('POST', '/api/bulk-reveals', { change, reason }))
  }),
  fetchBulkReveal: customers(async (asking) => {
    const answer = await asking.send('POST', `/api/bulk-reveals/${await plantReveal(asking)}`)
    const rows = answer.status === 200 ? parseCsv(answer.text) : []
    return each(async (relation) => {
      const row = rows.find((one) => one.客户号 === relations[relation].customerNo)
      return row?.电话 === phoneOf(relation)
    })
  }),
  readCustomer: customers(({ get }) =>
    each(async (relation) => {
      const { json } = await get(pageOf('readCustomer', relation))
      return json?.customerNo === relations[relation].customerNo && json.accounts.length === 1
    }),
  ),
  explainCustomer: customers(({ get }) =>
    each(async (relation) => (await get(pageOf('explainCustomer', relation))).json?.sentences !== undefined),
  ),
  readHistory: customers(({ get }) =>
    each(async (relation) => (await get(pageOf('readHistory', relation))).json?.days?.length > 0),
  ),
  readFacts: customers(({ get }) =>
    each(async (relation) => (await get(pageOf('readFacts', relation))).json?.facts?.phone?.includes('****') === true),
  ),
  editFacts: customers((asking) => each(async (relation) => (await editOf(asking, relation)) !== undefined)),
  restoreFact: customers((asking) =>
    each(async (relation) => {
      await editOf(asking, relation)
      const { json } = await asking.person.get(pageOf('readFacts', relation))
      const body = {
        version: json?.version ?? '',
        reason: 'probe',
        field: 'occupation',
        entry: json?.changes?.[0]?.entry ?? '0',
      }
      return (await asking.send('POST', pageOf('restoreFact', relation), body)).json?.version !== undefined
    }),
  ),
  findElsewhere: customers(
    ({ get }) =>
      each(async (relation) => (await get(`/api/elsewhere?q=${phoneOf(relation)}`)).json?.rows?.length === 1),
    othersSights,
  ),
  blindCheck: record(async ({ send }) => {
    const { json } = await send('POST', '/api/elsewhere/check', { identityNo: identityOf('x') })
    return json?.exists === true && json.unit.code === relations.x.unit
  }),
  requestAccess: customers(async ({ send, bank }) => {
    await bank.query('delete from access_request')
    return each(async (relation) => {
      const body = { customerNo: relations[relation].customerNo, reason: '客户来访' }
      return (await send('POST', '/api/access-requests', body)).status === 201
    })
  }, othersSights),
  listAccessRequests: record(async ({ get, bank, person }) => {
    await plantRequests(bank, person.name)
    // All but the one behind the wall
    return (await get('/api/access-requests')).json?.rows?.length === relationLetters.length - 1
  }),
  endAccess: record(async ({ send, bank, person }) => {
    const ids = await plantRequests(bank, person.name)
    return (
      (await send('DELETE', `/api/access-requests/${ids.get(relations.x.customerNo)}`)).json?.status === 'withdrawn'
    )
  }),
  decideAccessRequest: customers(async ({ send, bank }) => {
    const ids = await plantRequests(bank, 'granter')
    return each(async (relation) => {
      const url = `/api/access-requests/${ids.get(relations[relation].customerNo)}/decide`
      return (await send('POST', url, { decision: 'declined' })).json?.status === 'declined'
    })
  }, grantSights),
  revealField: customers(({ send }) =>
    each(async (relation) => {
      const answer = await send('POST', pageOf('revealField', relation), { field: 'phone', reason: '回访核实' })
      return answer.json?.value === phoneOf(relation)
    }),
  ),

  listUnits: record(async ({ get }) => {
    const codes = (await get('/api/units')).json?.units?.map((unit: { code: string }) => unit.code)
    return codes?.includes('010101') && !codes.includes('0102')
  }),
  // Sums have no person in them: the outlet's three; whoever has a book only counts that
  readPyramid: record(async ({ get, bank, letter }) => {
    const { json } = await get(`/api/nights/${bank.nights.current}/pyramid`)
    return json?.total?.customers === (letter === 'r' ? 2 : 3)
  }),
  readFlows: record(async ({ get, bank, letter }) => {
    const { json } = await get(`/api/nights/${bank.nights.current}/flows`)
    return json !== undefined && json.rises + json.falls + json.same === (letter === 'r' ? 2 : 3)
  }),

  listNights: record(async ({ get, bank }) => {
    const { json } = await get('/api/nights')
    return json?.rows?.some((row: { id: number }) => row.id === bank.nights.before)
  }),
  readNight: record(
    async ({ get, bank }) => (await get(`/api/nights/${bank.nights.before}`)).json?.id === bank.nights.before,
  ),
  startNight: record(async ({ send }) => (await send('POST', '/api/nights', { day: '2026-10-31' })).status === 202),
  listWouldHaveBeen: customers(async ({ get, bank }) => {
    await plantDifferences(bank)
    return among((await get(`/api/nights/${bank.nights.current}/would-have-been`)).json?.rows)
  }),
  decideWouldHaveBeen: customers(async ({ send, bank }) => {
    await plantDifferences(bank)
    const url = `/api/nights/${bank.nights.current}/would-have-been/decide`
    return each(async (relation) => {
      const body = { decision: 'declined', customerNos: [relations[relation].customerNo] }
      return (await send('POST', url, body)).json?.decided === 1
    })
  }),

  listLoads: record(async ({ get, bank }) => {
    const { json } = await get('/api/loads?limit=500')
    return json?.rows?.some((row: { id: number }) => row.id === bank.dirtyLoad)
  }),
  readLoad: record(async ({ get, bank }) => (await get(`/api/loads/${bank.dirtyLoad}`)).json?.id === bank.dirtyLoad),
  listFeeds: record(async ({ get }) => (await get('/api/feeds')).json?.rows?.length > 10),
  uploadFeed: record(async ({ person, bank }) => {
    const answer = await bank.site.ask({
      method: 'POST',
      url: `/api/feeds/exchange-rates?file=rates-${++uploads}.csv`,
      headers: { cookie: person.cookie, 'content-type': 'text/csv' },
      payload: `currency,day,rate\nUSD,2026-10-31,7.1${uploads}\n`,
    })
    return answer.json?.load?.rowsAccepted === '1' || answer.json?.load?.rowsAccepted === 1
  }),
  listQuarantine: record(
    async ({ get, bank }) => (await get(`/api/loads/${bank.dirtyLoad}/quarantine`)).json?.rows?.length === 1,
    'top',
  ),
  exportQuarantine: record(async ({ get, bank }) => {
    const answer = await get(`/api/loads/${bank.dirtyLoad}/quarantine.csv`)
    return answer.status === 200 && parseCsv(answer.text).length === 1
  }, 'top'),
  dismissQuarantine: record(async ({ send, bank }) => {
    const found = await bank.site.database.db.owner.query('select line from quarantine where load_id = $1 limit 1', [
      bank.dirtyLoad,
    ])
    const body = { lines: [String(found.rows[0].line)], reason: '测试' }
    const answer = await send('POST', `/api/loads/${bank.dirtyLoad}/quarantine/dismiss`, body)
    // The first role settles it; the others are let through and told so.
    return answer.json?.dismissed === 1 || answer.json?.code === 'quarantine_row_settled'
  }, 'top'),
  readQuality: record(async ({ get }) => (await get('/api/quality')).json?.columns?.length > 0),
  mendFirst: record(async ({ get }) => Array.isArray((await get(contract.mendFirst.path)).json?.rows)),

  listProposals: customers(async ({ get, bank }) => {
    await plantProposals(bank)
    return among((await get('/api/proposals?limit=500')).json?.rows)
  }),
  decideProposals: customers(async ({ send, bank }) => {
    const ids = await plantProposals(bank)
    return each(async (relation) => {
      const body = { decision: 'declined', ids: [ids.get(relations[relation].customerNo)] }
      return (await send('POST', '/api/proposals/decide', body)).json?.decided === 1
    })
  }),
  listPolicies: record(async ({ get }) => (await get('/api/policies')).json?.rows?.length > 0),
  ...rightsProbes,
  ...privacyProbes,
  ...valueStateProbes,
  ...noteProbes,
  ...tagProbes,
  ...householdProbes,
  ...paperProbes,
  listAudit: record(
    async ({ get, person }) => (await get(`/api/audit?who=${person.name}&action=signIn`)).json?.rows?.length > 0,
    'top',
  ),
  readAuditEntry: record(async ({ get, person }) => {
    const [entry] = (await get(`/api/audit?who=${person.name}&action=signIn`)).json?.rows ?? []
    return (await get(`/api/audit/entries/${entry?.id ?? 1}`)).json?.whoName === person.name
  }, 'top'),
  readAuditState: record(async ({ get }) => (await get('/api/audit/state')).json?.actions?.includes('signIn'), 'top'),
  exportAudit: record(async ({ get }) => {
    const answer = await get('/api/audit/export')
    return answer.status === 200 && answer.text.includes('"action":"signIn"')
  }, 'top'),
  exportAuditList: record(async ({ get, person }) => {
    const answer = await get(`/api/audit/list.csv?who=${person.name}&action=signIn`)
    return answer.status === 200 && answer.text.includes(`,${person.name},login:`)
  }, 'top'),
  simulate: record(async ({ send }) => (await send('POST', '/api/simulate', {})).json?.tiers?.length > 0, 'top'),
}

/** Ways to search, each of which must find only whom one sees. */
export const searches: Record<string, (relation: Relation) => string> = {
  'a whole name': nameOf,
  'a part of a name': (relation) => nameOf(relation).slice(2),
  'a phone number': phoneOf,
  'a customer number': (relation) => relations[relation].customerNo,
  'an account number': accountOf,
  'a card number': cardOf,
  'a reading of a name': readingOf,
  'a name with an error': (relation) => `${latinOf(relation)}x`,
  'the end of a phone number behind a name': (relation) => `${nameOf(relation)} ${phoneOf(relation).slice(-4)}`,
}

async function followEvents({ bank, person, letter }: Asking): Promise<boolean> {
  const leaving = new AbortController()
  const reply = await fetch(`${bank.address}/api/events`, {
    headers: { cookie: person.cookie },
    signal: leaving.signal,
  })
  const reader = reply.body?.getReader()
  await bank.site.workplace.db.withScope(everything, (trx) => tell(trx, 'night', { state: 'running', day: letter }))
  // Whoever may not know of nights is connected all the same, and told nothing.
  const told = 'tlc'.includes(letter) ? true : await heard(reader, `"${letter}"`)
  leaving.abort()
  return reply.status === 200 && told
}

async function heard(reader: ReadableStreamDefaultReader<Uint8Array> | undefined, text: string): Promise<boolean> {
  let all = ''
  for (;;) {
    const read = await reader?.read()
    if (!read || read.done) return false
    all += Buffer.from(read.value).toString()
    if (all.includes(text)) return true
  }
}

async function plantKey({ bank, person }: Asking): Promise<string> {
  const name = `key of ${person.name} ${++uploads}`
  await bank.query(
    `insert into api_key (name, token_hash, login_id, expires_at)
     select $1::text, sha256($1::text::bytea), id, '2099-01-01' from login where name = $2`,
    [name, person.name],
  )
  return name
}

/** Open requests of a person for every customer; their ids by customer number. */
async function plantRequests(bank: MatrixBank, login: string): Promise<Map<string, string>> {
  await bank.query('delete from access_request')
  const rows = await bank.query<{ id: bigint; customer_no: string }>(
    `with made as (insert into access_request (login_id, party_id, reason, hours, asked_at)
       select l.id, p.id, '来访', 24, now() from login l, party p where l.name = $1 returning id, party_id)
     select made.id, p.customer_no from made join party p on p.id = made.party_id`,
    [login],
  )
  return new Map(rows.map((row) => [row.customer_no, String(row.id)]))
}

async function plantDifferences(bank: MatrixBank): Promise<void> {
  await bank.query('delete from would_have_been')
  await bank.query(
    `insert into would_have_been (night_id, party_id, published_tier, would_tier, published_average_fen, would_average_fen)
     select $1, id, 1, 2, 0, 0 from party`,
    [bank.nights.current],
  )
}

/** Open proposals for every customer; their ids by customer number. */
async function plantProposals(bank: MatrixBank): Promise<Map<string, string>> {
  await bank.query('delete from tier_proposal')
  const rows = await bank.query<{ id: bigint; customer_no: string }>(
    `with made as (insert into tier_proposal (night_id, party_id, scheme, from_tier, to_tier, reason)
       select $1, id, 'personal', 1, 2, 'qualified' from party returning id, party_id)
     select made.id, p.customer_no from made join party p on p.id = made.party_id`,
    [bank.nights.current],
  )
  return new Map(rows.map((row) => [row.customer_no, String(row.id)]))
}
