/**
 * Who may call what: the table written by hand (test/matrix/table.ts), tried over HTTP for every role. A role that is
 * wrongly let in, or wrongly kept out, turns this red, whatever access/roles.ts says.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shippedRoleCodes, shippedRoles } from '../src/access/roles.ts'
import { contract, type EndpointName } from '../src/contract/index.ts'
import { headOfficePermissions } from '../src/contract/permission.ts'
import { present } from '../src/kit/assert.ts'
import { allowed, columns } from './matrix/table.ts'
import { type TestSite, testSite } from './support/api.ts'
import { type SmallBank, smallBank } from './support/small-bank.ts'

/** Whose page is asked for; the others, which would need a lake, ask for nobody's. */
const known: Partial<Record<EndpointName, string>> = {
  readCustomer: '200000001',
  readHousehold: 'H1',
  readComposition: 'H1',
}

/** Session 1 is the one that asks. */
const unknownIds = new Set<EndpointName>(['endOwnSession'])

let site: TestSite
let bank: SmallBank

beforeAll(async () => {
  site = await testSite()
  bank = await smallBank(site.workplace.db, site.workplace.keys, { customers: 8 })
})
afterAll(() => site.close())

test('every endpoint has a line and every role a column', () => {
  expect(Object.keys(allowed).sort()).toEqual(Object.keys(contract).sort())
  expect(columns.map(([, role]) => role).sort()).toEqual([...shippedRoleCodes].sort())
  for (const line of Object.values(allowed).filter((one) => one !== '*')) {
    expect(line).toHaveLength(columns.length)
    for (const [index, letter] of [...line].entries()) expect(['.', columns[index]?.[0]]).toContain(letter)
  }
})

// Streams stay open; it is tried on a real port in api-events.test.ts
const names = (Object.keys(contract) as EndpointName[]).filter((name) => name !== 'followEvents')

describe.each(columns)('%s %s', (letter, role) => {
  // Signing out last, as it ends the session
  test.each(names.toSorted((a) => (a === 'signOut' ? 1 : -1)))('%s', async (name) => {
    const staff = role === 'relationshipManager' ? (bank.managers[0] ?? null) : null
    const person = await site.person(role, bank.units[0]?.id ?? 0, staff)
    const { method, path } = contract[name]
    const url = path.replace(':no', known[name] ?? '0').replace(/:\w+/g, unknownIds.has(name) ? '999999' : '1')
    const answer = method === 'GET' ? await person.get(url) : await person.send(method, url, { policy: 0 })
    const mayPass = allowed[name] === '*' || allowed[name].includes(letter)
    const refused = answer.json?.code === 'permission_missing' || answer.json?.code === 'field_hidden'
    expect(answer.status === 403 && refused).toBe(!mayPass)
    expect(answer.status === 401 && name !== 'signIn').toBe(false)
    expect(answer.status).not.toBe(500)
  })
})

test.each(names)('%s without a session', async (name) => {
  const { method, path } = contract[name]
  const url = path.replace(/:\w+/, '1')
  const answer = await site.ask({ method, url, ...(method === 'POST' && { payload: {} }) })
  if (allowed[name] === '*') expect(answer.json?.code).not.toBe('not_signed_in')
  else expect([answer.status, answer.json?.code]).toEqual([401, 'not_signed_in'])
})

test('a branch sees its own part of the bank and nothing that speaks of all of it', async () => {
  const counting: ReadonlySet<unknown> = headOfficePermissions
  const ofHeadOffice = names.filter((name) => counting.has(contract[name].permission))
  expect(ofHeadOffice.length).toBeGreaterThan(20)
  for (const name of ofHeadOffice) {
    const { method, path, permission } = contract[name]
    const role = shippedRoleCodes.find((code) => shippedRoles[code].permissions.some((one) => one === permission))
    const person = await site.person(present(role, `a role with ${permission}`), bank.units[1]?.id ?? 0)
    const url = path.replace(/:\w+/g, '1')
    const { status, json } = method === 'GET' ? await person.get(url) : await person.send(method, url, {})
    expect([name, status, json.code, json.params]).toEqual([name, 403, 'head_office_only', { permission }])
  }
  const steward = await site.person('dataSteward', bank.units[1]?.id ?? 0)
  const dismissed = await steward.send('POST', '/api/loads/1/quarantine/dismiss', { lines: ['2'], reason: '已核实' })
  expect(dismissed.json.code).toBe('head_office_only')
})
