/** Writes of signing in, second factors, users, programs and alerts, each with the audit entry that it must leave. */
import { generateSync } from 'otplib'
import { expect } from 'vitest'
import type { ShippedRoleCode } from '../../src/access/roles.ts'
import { sessionCookie } from '../../src/access/session.ts'
import type { EndpointName } from '../../src/contract/index.ts'
import { type Answer, type Person, password } from './api.ts'
import type { TestProvider } from './oidc.ts'
import type { Write, WritingSite } from './rights-writes.ts'

/** In the order in which they are to be done, on a site that was told of the provider. */
export function signInWrites(on: () => WritingSite & { provider: TestProvider }) {
  const at = (role: ShippedRoleCode, unit: number) => on().site.person(role, on().bank.units[unit]?.id ?? 0)
  const said = (text: string) => on().said?.(text) ?? text
  const admin = () => at('administrator', 0)
  /** Who is locked and mended here, and nowhere else. */
  const user = () => at('teller', 1)
  /** Who has a second factor here. */
  const careful = () => at('auditor', 1)
  const query = async <T>(text: string, values: unknown[] = []): Promise<T | undefined> =>
    (await on().site.database.db.owner.query(text, values)).rows[0]
  const idOf = async ({ name }: Person) =>
    (await query<{ id: number }>('select id from login where name = $1', [name]))?.id ?? 0
  const lastSession = async ({ name }: Person) =>
    (
      await query<{ id: number }>(
        'select max(s.id) as id from session s join login l on l.id = login_id where l.name = $1',
        [name],
      )
    )?.id

  /** Another session of the person's. */
  async function enter(person: Person): Promise<string> {
    const payload = { name: person.name, password }
    const answer = await on().site.ask({ method: 'POST', url: '/api/session', payload })
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
    expect(cookie).toContain(sessionCookie)
    return cookie
  }

  const onUser = async (method: 'POST' | 'DELETE', path: string, body?: object): Promise<Answer> =>
    (await admin()).send(method, `/api/users/${await idOf(await user())}${path}`, body)

  let secret = ''
  /** No code is taken twice: each is of a later half minute, as far as clocks may differ. */
  const code = (offset: number) => generateSync({ secret, epoch: Math.floor(on().site.clock.millis() / 1000) + offset })

  return {
    reenter: {
      action: 'reenter',
      does: async () => (await careful()).send('POST', '/api/session/reenter', { password }),
      entry: { noun: 'session' },
    },
    beginSecondFactor: {
      action: 'beginSecondFactor',
      does: async () => {
        const begun = await (await careful()).send('POST', '/api/my/second-factor')
        secret = begun.json.secret
        return begun
      },
      entry: { noun: 'login' },
    },
    confirmSecondFactor: {
      action: 'enrolSecondFactor',
      does: async () => (await careful()).send('POST', '/api/my/second-factor/confirm', { code: code(-30) }),
      entry: { noun: 'login' },
    },
    enterCode: {
      action: 'enterSecondFactor',
      does: async () => {
        const cookie = await enter(await careful())
        const payload = { code: code(0) }
        return on().site.ask({ method: 'POST', url: '/api/session/code', headers: { cookie }, payload })
      },
      entry: { noun: 'login' },
    },
    renewRecoveryCodes: {
      action: 'renewRecoveryCodes',
      does: async () => (await careful()).send('POST', '/api/my/recovery-codes'),
      entry: { noun: 'login' },
    },
    removeSecondFactor: {
      action: 'removeSecondFactor',
      does: async () => (await careful()).send('DELETE', '/api/my/second-factor'),
      entry: { noun: 'login' },
    },
    endOwnSession: {
      action: 'endSessions',
      does: async () => {
        await enter(await careful())
        return (await careful()).send('DELETE', `/api/my/sessions/${await lastSession(await careful())}`)
      },
      entry: { noun: 'login', after: { count: 1 } },
    },
    endOtherSessions: {
      action: 'endSessions',
      does: async () => (await careful()).send('DELETE', '/api/my/sessions'),
      entry: { noun: 'login', after: { count: expect.any(Number) } },
    },
    singleSignOut: {
      action: 'endSessions',
      does: async () => {
        await enter(await user())
        await query(
          `update session set origin = 'oidc', oidc_session = 'sid-1'
           where id = (select max(s.id) from session s join login l on l.id = login_id where l.name = $1)`,
          [(await user()).name],
        )
        const payload = new URLSearchParams({ logout_token: await on().provider.logoutToken('sid-1') }).toString()
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        return on().site.ask({ method: 'POST', url: '/api/session/oidc/logout', headers, payload })
      },
      // Nobody is signed in where the provider speaks
      entry: { who: 'strata', noun: 'login', after: { count: 1, by: 'oidc' } },
    },
    endUserSession: {
      action: 'endSessions',
      does: async () => {
        await enter(await user())
        return onUser('DELETE', `/sessions/${await lastSession(await user())}`)
      },
      entry: { noun: 'login', after: { count: 1 } },
    },
    endUserSessions: {
      action: 'endSessions',
      does: () => onUser('DELETE', '/sessions'),
      entry: { noun: 'login', after: { count: expect.any(Number) } },
    },
    lockUser: {
      action: 'lockUser',
      does: () => onUser('POST', '/lock', { reason: said('离岗') }),
      entry: { noun: 'login', reason: '离岗' },
    },
    unlockUser: {
      action: 'unlockUser',
      does: () => onUser('POST', '/unlock'),
      entry: { noun: 'login', before: expect.objectContaining({ reason: '离岗' }) },
    },
    resetPassword: { action: 'resetPassword', does: () => onUser('POST', '/password'), entry: { noun: 'login' } },
    takeSecondFactor: {
      action: 'takeSecondFactor',
      does: () => onUser('DELETE', '/second-factor'),
      entry: { noun: 'login' },
    },
    makePerson: {
      action: 'makePerson',
      does: async () => (await admin()).send('POST', '/api/users', { name: 'lin.yue', displayName: '林月' }),
      entry: { noun: 'login', after: expect.objectContaining({ name: 'lin.yue', way: 'password' }) },
    },
    makeProgram: {
      action: 'makeProgram',
      does: async () =>
        (await admin()).send('POST', '/api/programs', { name: 'core', displayName: '核心系统', unit: 'U1' }),
      entry: { noun: 'login', after: expect.objectContaining({ name: 'core' }) },
    },
    setRoleFactor: {
      action: 'setRoleFactor',
      does: async () => (await admin()).send('POST', '/api/sign-in/roles/teller', { needed: true }),
      entry: { noun: 'role', nounId: 'teller', before: { secondFactor: false }, after: { secondFactor: true } },
    },
    acknowledgeSecurityAlert: {
      action: 'acknowledgeSecurityAlert',
      does: async () => {
        const alert = await query<{ id: number }>(
          `insert into security_alert (kind, about, first_at, last_at)
           values ('signInFailures', '10.9.0.9', now(), now()) returning id`,
        )
        return (await at('complianceOfficer', 0)).send('POST', `/api/security-alerts/${alert?.id}/acknowledge`, {
          note: said('已核实'),
        })
      },
      entry: { noun: 'securityAlert', reason: '已核实' },
    },
  } satisfies Partial<Record<EndpointName, Write>>
}
