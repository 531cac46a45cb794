/** A server on a test database, and people who are signed in to it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { hashPassword } from '../../src/access/password.ts'
import type { ShippedRoleCode } from '../../src/access/roles.ts'
import { sessionCookie } from '../../src/access/session.ts'
import { buildServer } from '../../src/api/server.ts'
import { fixedClock } from '../../src/kit/clock.ts'
import { openWorkplace, type Workplace } from '../../src/nightly/workplace.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type TestHome, testConfig, testHome } from './home.ts'
import { mustHoldNothing, mustTellNobody } from './leak-guard.ts'
import { mustBeListed } from './refusal-guard.ts'

export const password = 'correct horse battery'

export interface Person {
  name: string
  cookie: string
  /** A request as this person. */
  get(url: string, headers?: Record<string, string>): Promise<Answer>
  send(method: 'POST' | 'DELETE', url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

export interface Answer {
  status: number
  headers: Record<string, unknown>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any
}

export interface TestSite {
  database: TestDatabase
  workplace: Workplace
  clock: ReturnType<typeof fixedClock>
  app: FastifyInstance
  /** Set while a role of the test reads in clear what all others read masked. */
  whole: { allowed: boolean }
  /**
   * Fails for a reply that gives a personal value away, as every closing does for log and events, and for a refusal that
   * the contract does not list.
   */
  ask(options: InjectOptions): Promise<Answer>
  /** Makes a login of that role at the unit and signs in; the same person when asked again. */
  person(role: ShippedRoleCode, unitId: number, staffId?: number | null): Promise<Person>
  close(): Promise<void>
}

export async function testSite(env: Record<string, string> = {}, webDir?: string): Promise<TestSite> {
  const database = await testDatabase()
  const home: TestHome = testHome()
  const config = testConfig(home.home, database, env)
  const clock = fixedClock('2026-11-02T02:00:00.000Z')
  const workplace = await openWorkplace(config, { db: database.db, clock })
  const logFile = join(home.home, 'requests.log')
  const app = await buildServer(workplace, { logFile, ...(webDir !== undefined && { webDir }) })
  const people = new Map<string, Promise<Person>>()
  const hashed = hashPassword(password)
  const whole = { allowed: false }
  const ask = async (options: InjectOptions): Promise<Answer> => {
    const reply = await app.inject(options)
    const { method = 'GET' } = options
    const url = String(options.url)
    const heard = { method, url, status: reply.statusCode, headers: reply.headers, text: reply.body }
    if (!whole.allowed) mustTellNobody(heard)
    mustBeListed(heard)
    const isJson = /\/(problem\+)?json/.test(String(reply.headers['content-type']))
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: reply.body,
      json: isJson && reply.body !== '' ? reply.json() : undefined,
    }
  }
  const signIn = async (role: ShippedRoleCode, unitId: number, staffId: number | null): Promise<Person> => {
    const name = `${role}-${unitId}-${staffId ?? 'none'}`.toLowerCase()
    await database.db.owner.query(
      `with made as (insert into login (name, display_name, password_hash, staff_id) values ($1, $1, $2, $5) returning id)
       insert into post (login_id, role, unit_id) select id, $3, $4 from made`,
      [name, await hashed, role, unitId, staffId],
    )
    const reply = await app.inject({ method: 'POST', url: '/api/session', payload: { name, password } })
    const cookie = `${sessionCookie}=${reply.cookies.find((one) => one.name === sessionCookie)?.value}`
    return {
      name,
      cookie,
      get: (url, headers = {}) => ask({ method: 'GET', url, headers: { cookie, ...headers } }),
      send: (method, url, body, headers = {}) =>
        ask({ method, url, headers: { cookie, ...headers }, ...(body !== undefined && { payload: body as object }) }),
    }
  }
  return {
    database,
    workplace,
    clock,
    app,
    whole,
    ask,
    person: (role, unitId, staffId = null) => {
      const key = `${role} ${unitId} ${staffId}`
      const known = people.get(key) ?? signIn(role, unitId, staffId)
      people.set(key, known)
      return known
    },
    close: async () => {
      await app.close()
      const log = readFileSync(logFile, 'utf8')
      const events = await database.db.owner.query<{ text: string }>('select payload::text as text from event')
      await workplace.close()
      await database.drop()
      home.remove()
      mustHoldNothing('the log', log)
      mustHoldNothing('an event', events.rows.map(({ text }) => text).join('\n'))
    },
  }
}
