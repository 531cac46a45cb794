/** How the endpoints of signing in, users and alerts are asked for a planted record. */
import { generateSync } from 'otplib'
import { sessionCookie } from '../../src/access/session.ts'
import type { EndpointName } from '../../src/contract/index.ts'
import { password } from '../support/api.ts'
import { type Asking, record } from './probe.ts'

let planted = 0

/** A session of the person's own beside the one that asks; its cookie and id. */
async function otherSession({ bank, person }: Asking): Promise<{ cookie: string; id: number }> {
  const payload = { name: person.name, password }
  const entered = await bank.site.app.inject({
    method: 'POST',
    url: '/api/session',
    payload,
    // One address signs in 60 times a minute at most
    remoteAddress: '10.0.9.1',
  })
  const cookie = `${sessionCookie}=${entered.cookies.find((one) => one.name === sessionCookie)?.value}`
  const [row] = await bank.query<{ id: number }>('select max(id) as id from session')
  return { cookie, id: row?.id ?? 0 }
}

const isIn = async ({ bank }: Asking, cookie: string) =>
  (await bank.site.ask({ method: 'GET', url: '/api/session', headers: { cookie } })).status === 200

/** Somebody else's sign-in, with a session. */
async function plantUser({ bank }: Asking): Promise<{ id: number; session: number }> {
  const [row] = await bank.query<{ id: number; session: number }>(
    `with made as (insert into login (name, display_name, password_hash) values ($1, $1, 'none') returning id),
      session as (insert into session (token_hash, login_id, created_at, seen_at, expires_at)
        select sha256($1::text::bytea), id, $2, $2, '2099-01-01' from made returning id)
     select made.id, session.id as session from made, session`,
    [`planted-${++planted}`, bank.site.clock.now()],
  )
  return row ?? { id: 0, session: 0 }
}

async function plantLock(asking: Asking): Promise<{ id: number }> {
  const user = await plantUser(asking)
  await asking.bank.query(
    `insert into login_lock (login_id, locked_at, locked_by, reason)
     select $1, now(), min(id), 'planted' from login where id <> $1`,
    [user.id],
  )
  return user
}

async function plantAlert({ bank }: Asking): Promise<number> {
  const [row] = await bank.query<{ id: number }>(
    `insert into security_alert (kind, about, first_at, last_at) values ('signInFailures', $1, now(), now()) returning id`,
    [`planted ${++planted}`],
  )
  return row?.id ?? 0
}

/** Enrols the person, by whatever step it is, and takes it away again. */
async function enrolled<T>(asking: Asking, then: (secret: string) => Promise<T>): Promise<T> {
  const { bank, person, send } = asking
  const forget = () =>
    bank.query(`delete from totp where login_id = (select id from login where name = $1)`, [person.name])
  await forget()
  const { json } = await send('POST', '/api/my/second-factor')
  try {
    return await then(json?.secret)
  } finally {
    await forget()
    await bank.query("delete from sign_in_attempt where key like 'code:%'")
  }
}

const codeNow = ({ bank }: Asking, secret: string) =>
  generateSync({ secret, epoch: Math.floor(bank.site.clock.millis() / 1000) })

const atTop = (found: (asking: Asking) => Promise<boolean>) => record(found, 'top')

export const securityProbes = {
  // Nothing to enter is no refusal; with a second factor it is tried in test/second-factor.test.ts
  enterCode: record(
    async ({ send, person }) =>
      (await send('POST', '/api/session/code', { code: '000000' })).json?.name === person.name,
  ),
  reenter: record(
    async ({ send, person }) => (await send('POST', '/api/session/reenter', { password })).json?.name === person.name,
  ),
  signInWays: record(async ({ get }) => (await get('/api/session/ways')).json?.password === true),
  startSingleSignOn: record(async ({ get }) => (await get('/api/session/oidc')).json?.code === 'sso_off'),
  finishSingleSignOn: record(async ({ get }) => (await get('/api/session/oidc/callback')).json?.code === 'sso_off'),
  singleSignOut: record(async ({ bank }) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const url = '/api/session/oidc/logout'
    return (await bank.site.ask({ method: 'POST', url, headers, payload: 'logout_token=x' })).json?.code === 'sso_off'
  }),

  listOwnSessions: record(async ({ get }) =>
    (await get('/api/my/sessions')).json?.rows?.some((row: { current: boolean }) => row.current),
  ),
  endOwnSession: record(async (asking) => {
    const { cookie, id } = await otherSession(asking)
    const { json } = await asking.send('DELETE', `/api/my/sessions/${id}`)
    return json?.ended === 1 && !(await isIn(asking, cookie))
  }),
  endOtherSessions: record(async (asking) => {
    const { cookie } = await otherSession(asking)
    const { json } = await asking.send('DELETE', '/api/my/sessions')
    return json?.ended >= 1 && !(await isIn(asking, cookie)) && (await isIn(asking, asking.person.cookie))
  }),
  readSecondFactor: record(async ({ get }) => (await get('/api/my/second-factor')).json?.enrolledAt === null),
  beginSecondFactor: record((asking) => enrolled(asking, async (secret) => secret?.length >= 32)),
  confirmSecondFactor: record((asking) =>
    enrolled(asking, async (secret) => {
      const body = { code: codeNow(asking, secret) }
      return (await asking.send('POST', '/api/my/second-factor/confirm', body)).json?.recoveryCodes?.length === 10
    }),
  ),
  renewRecoveryCodes: record((asking) =>
    enrolled(asking, async (secret) => {
      await asking.send('POST', '/api/my/second-factor/confirm', { code: codeNow(asking, secret) })
      return (await asking.send('POST', '/api/my/recovery-codes')).json?.recoveryCodes?.length === 10
    }),
  ),
  removeSecondFactor: record((asking) =>
    enrolled(asking, async (secret) => {
      await asking.send('POST', '/api/my/second-factor/confirm', { code: codeNow(asking, secret) })
      await asking.send('DELETE', '/api/my/second-factor')
      return (await asking.get('/api/my/second-factor')).json?.enrolledAt === null
    }),
  ),

  makeProgram: record(async ({ send }) => {
    const body = { name: `program-${++planted}`, displayName: '核心系统', unit: '010101' }
    return (await send('POST', '/api/programs', body)).json?.kind === 'program'
  }),
  listPrograms: record(async (asking) => {
    const name = `program-${++planted}`
    await asking.bank.query(
      `with made as (insert into login (name, display_name, password_hash, kind) values ($1, $1, 'none', 'program')
         returning id)
       insert into post (login_id, role, unit_id) select made.id, 'program', unit.id from made, unit where code = '010101'`,
      [name],
    )
    return (await asking.get('/api/programs')).json?.rows?.some((row: { name: string }) => row.name === name)
  }),
  makePerson: atTop(async ({ send }) => {
    const body = { name: `person-${++planted}`, displayName: '新同事' }
    const { json } = await send('POST', '/api/users', body)
    return json?.user?.kind === 'person' && json.password.length > 12
  }),
  listUsers: atTop(async (asking) => {
    const { id } = await plantUser(asking)
    const { json } = await asking.get(`/api/users?q=planted-${planted}&limit=10`)
    return json?.rows?.some((row: { id: number }) => row.id === id)
  }),
  readUser: atTop(async (asking) => {
    const { id, session } = await plantUser(asking)
    return (await asking.get(`/api/users/${id}`)).json?.openSessions?.[0]?.id === session
  }),
  lockUser: atTop(async (asking) => {
    const { id } = await plantUser(asking)
    return (await asking.send('POST', `/api/users/${id}/lock`, { reason: 'probe' })).json?.state === 'locked'
  }),
  unlockUser: atTop(async (asking) => {
    const { id } = await plantLock(asking)
    return (await asking.send('POST', `/api/users/${id}/unlock`)).json?.state === 'active'
  }),
  resetPassword: atTop(async (asking) => {
    const { id } = await plantUser(asking)
    return (await asking.send('POST', `/api/users/${id}/password`)).json?.password?.length > 12
  }),
  takeSecondFactor: atTop(async (asking) => {
    const { id } = await plantUser(asking)
    return (await asking.send('DELETE', `/api/users/${id}/second-factor`)).json?.id === id
  }),
  endUserSessions: atTop(async (asking) => {
    const { id } = await plantUser(asking)
    return (await asking.send('DELETE', `/api/users/${id}/sessions`)).json?.ended === 1
  }),
  endUserSession: atTop(async (asking) => {
    const { id, session } = await plantUser(asking)
    return (await asking.send('DELETE', `/api/users/${id}/sessions/${session}`)).json?.ended === 1
  }),
  listRoleFactors: atTop(async ({ get }) => (await get('/api/sign-in/roles')).json?.rows?.length >= 13),
  setRoleFactor: atTop(
    async ({ send }) => (await send('POST', '/api/sign-in/roles/teller', { needed: false })).status === 200,
  ),
  listSecurityAlerts: atTop(async (asking) => {
    const id = await plantAlert(asking)
    return (await asking.get('/api/security-alerts?limit=500')).json?.rows?.some((row: { id: number }) => row.id === id)
  }),
  acknowledgeSecurityAlert: atTop(async (asking) => {
    const id = await plantAlert(asking)
    const { status } = await asking.send('POST', `/api/security-alerts/${id}/acknowledge`, { note: 'probe' })
    const rows = await asking.bank.query<{ note: string }>('select note from security_alert where id = $1', [id])
    return status === 200 && rows[0]?.note === 'probe'
  }),
} satisfies Partial<Record<EndpointName, ReturnType<typeof record>>>
