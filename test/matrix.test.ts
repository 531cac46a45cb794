/**
 * Every endpoint × every shipped role × every way a customer can stand to the person who asks, against the table written
 * by hand (test/matrix/table.ts). A cell that is allowed must bring the planted record; one that is not must be refused
 * or bring nothing. Then once more without the application: row-level security alone, table by table, and the search
 * functions.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scopeOf, sessionCookie, sessionOf } from '../src/access/session.ts'
import type { EndpointName } from '../src/contract/index.ts'
import { nobodyAs } from '../src/db/database.ts'
import {
  accountOf,
  cardOf,
  householdOf,
  identityOf,
  latinOf,
  type MatrixBank,
  matrixBank,
  nameOf,
  phoneOf,
  type Relation,
  readingOf,
  relationLetters,
  relations,
} from './matrix/bank.ts'
import { plantInvitations } from './matrix/household-probes.ts'
import { probes, searches } from './matrix/probes.ts'
import { otherApproval } from './matrix/rights-probes.ts'
import { allowed, columns, everyApproval, sights } from './matrix/table.ts'
import { plantTag } from './matrix/tag-probes.ts'
import type { Answer } from './support/api.ts'

let bank: MatrixBank

beforeAll(async () => {
  bank = await matrixBank()
}, 120_000)
afterAll(() => bank.close())

const names = Object.keys(probes) as EndpointName[]
const lettersOf = (relationsSeen: readonly Relation[]) =>
  relationLetters.map((relation) => (relationsSeen.includes(relation) ? relation : '.')).join('')

describe.each(columns)('%s %s', (letter, role) => {
  test.each(names)('%s', { timeout: 60_000 }, async (name) => {
    const probe = probes[name]
    const person = await bank.person(role, probe.about === 'record' ? probe.at : 'outlet')
    const answers: Answer[] = []
    const noted = async (asked: Promise<Answer>) => {
      const answer = await asked
      answers.push(answer)
      return answer
    }
    const asking = {
      bank,
      letter,
      person,
      get: (url: string) => noted(person.get(url)),
      send: (method: 'POST' | 'DELETE', url: string, body?: unknown, headers?: Record<string, string>) =>
        noted(person.send(method, url, body, headers)),
    }
    const mayPass = allowed[name] === '*' || allowed[name].includes(letter)
    if (probe.about === 'customers') {
      expect(lettersOf(await probe.seen(asking))).toBe(mayPass ? probe.sights[letter] : '.......')
    } else {
      expect(Boolean(await probe.found(asking))).toBe(mayPass)
    }
    if (!mayPass)
      for (const answer of answers) {
        expect(answer.status).toBe(403)
        expect(answer.json?.code).toMatch(/^(permission_missing|field_hidden)$/)
      }
    for (const answer of answers) expect(answer.status).toBeLessThan(500)
  })

  test('every approval', async () => {
    const person = await bank.person(role, 'top')
    const get = (url: string) => person.get(url)
    const send = (method: 'POST' | 'DELETE', url: string, body?: unknown) => person.send(method, url, body)
    expect(await otherApproval({ bank, letter, person, get, send })).toBe(everyApproval.includes(letter))
  })

  test.each(Object.entries(searches))('search by %s', async (_way, of) => {
    const person = await bank.person(role, 'outlet')
    const seen: Relation[] = []
    for (const relation of relationLetters) {
      const { json } = await person.get(`/api/customers?q=${encodeURIComponent(of(relation))}`)
      if (json?.rows?.some((row: { customerNo: string }) => row.customerNo === relations[relation].customerNo))
        seen.push(relation)
    }
    const mayPass = allowed.listCustomers.includes(letter)
    expect(lettersOf(seen)).toBe(mayPass ? sights[letter] : '.......')
  })
})

/** Each table that speaks of people, with the id of the party a row speaks of. */
const tables: Record<string, string> = {
  party: 'id',
  party_key: 'party_id',
  party_reading: 'party_id',
  customer: 'party_id',
  external_identity: 'party_id',
  household: 'head_id',
  household_member: 'party_id',
  household_invitation: 'party_id',
  household_act: 'party_id',
  account: '(select o.party_id from account_owner o where o.account_id = account.id)',
  account_owner: 'party_id',
  position: '(select o.party_id from account_owner o where o.account_id = position.account_id)',
  card: 'party_id',
  assignment: 'party_id',
  consent: 'party_id',
  tier_change: 'party_id',
  value_state: 'party_id',
  value_now: 'party_id',
  note: 'party_id',
  note_edition: 'party_id',
  note_mention: 'party_id',
  party_tag: 'party_id',
  night_customer: 'party_id',
}

/** Arguments of the search function, a way of finding the customer each. */
function searchesOf({ site }: MatrixBank, relation: Relation) {
  const token = (of: 'phone' | 'identityNo' | 'account' | 'card', number: string) =>
    site.workplace.keys.blindIndex(of, number)
  return [
    [sql`typed => ${nameOf(relation)}`],
    [sql`typed => ${relations[relation].customerNo}`],
    [sql`typed => '?'`, sql`phone => ${token('phone', phoneOf(relation))}`],
    [sql`typed => '?'`, sql`identity => ${token('identityNo', identityOf(relation))}`],
    [sql`typed => '?'`, sql`account => ${token('account', accountOf(relation))}`],
    [sql`typed => '?'`, sql`card => ${token('card', cardOf(relation))}`],
    [sql`typed => '?'`, sql`latin => ${readingOf(relation)}`],
    [sql`typed => '?'`, sql`variants => ${[latinOf(relation).toLowerCase()]}::text[]`],
    [sql`typed => '?'`, sql`digits => ${phoneOf(relation).slice(-4)}`],
  ]
}

describe('row-level security alone', () => {
  beforeAll(async () => {
    await plantTag(bank, true)
    await plantInvitations(bank)
  })
  test.each(columns)('%s %s sees the same without a clause of the application', async (letter, role) => {
    const person = await bank.person(role, 'outlet')
    const { db, clock } = bank.site.workplace
    const session = await sessionOf(db, clock, person.cookie.replace(`${sessionCookie}=`, ''))
    if (!session) throw new Error('signed in')
    const scope = scopeOf(session, 'customers.read')
    const wanted = allowed.listCustomers.includes(letter) ? sights[letter] : '.......'
    const ids = await bank.query<{ id: bigint; customer_no: string }>('select id, customer_no from party')
    const relationOf = new Map(
      ids.map((row) => [
        String(row.id),
        relationLetters.find((relation) => relations[relation].customerNo === row.customer_no),
      ]),
    )
    const seenIn = async (query: ReturnType<typeof sql<{ party: bigint | null }>>) => {
      const { rows } = await db.withScope(scope, (trx) => query.execute(trx))
      return lettersOf(rows.flatMap((row) => relationOf.get(String(row.party)) ?? []))
    }
    for (const [table, party] of Object.entries(tables)) {
      const seen = await seenIn(sql`select ${sql.raw(party)} as party from ${sql.ref(table)}`)
      expect([table, seen]).toEqual([table, wanted])
    }
    for (const relation of relationLetters) {
      const only = wanted?.replace(new RegExp(`[^${relation}]`, 'g'), '.')
      for (const asked of searchesOf(bank, relation)) {
        const seen = await seenIn(
          sql`select distinct party_id as party from strata.find_parties(${sql.join(asked, sql`, `)})`,
        )
        expect([asked, seen]).toEqual([asked, only])
      }
      const household = await seenIn(sql`select (select id from party p where p.customer_no = f.customer_no) as party
        from strata.find_households(${householdOf(relation)}, '2026-10-31', 5) f`)
      expect(household).toBe(only)
    }
    const households =
      await seenIn(sql`select (select m.party_id from household_member m where m.household_id = s.household_id)
      as party from strata.households_seen('', '2026-10-31', 100) s`)
    expect(households).toBe(wanted)
  })

  test('no row without a scope, in any table that names a party', async () => {
    const { db } = bank.site.workplace
    const naming = await bank.query<{ name: string }>(
      `select distinct c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid
       where n.nspname = 'public' and c.relkind in ('r', 'p')
         and (a.attname in ('party_id', 'account_id', 'household_id') or c.relname in ('party', 'household', 'account'))
       order by 1`,
    )
    expect(naming.map((row) => row.name)).toEqual(expect.arrayContaining(Object.keys(tables)))
    for (const { name } of naming) {
      const [{ rows }, [all]] = [
        await db.withScope(nobodyAs('test'), (trx) => sql`select 1 from ${sql.ref(name)}`.execute(trx)),
        await bank.query<{ secured: boolean }>(
          `select relrowsecurity and relforcerowsecurity as secured from pg_class where oid = to_regclass($1)`,
          [name],
        ),
      ]
      expect([name, rows.length, all?.secured]).toEqual([name, 0, true])
    }
  })
})
