/** Signing in by password and code, signing out, and who one is. */
import { demoLogins } from '../../access/demo-logins.ts'
import { editsOf, fieldsOf } from '../../access/fields.ts'
import { checkPassword } from '../../access/login.ts'
import { changeOwnPassword } from '../../access/own-password.ts'
import { reenter, reenteredUntil } from '../../access/reentry.ts'
import { customersOf, permissionsAtTop, permissionsOf, type Session, sessionOf } from '../../access/session.ts'
import { closeSession, openSession } from '../../access/session-span.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { readSession } from '../../contract/session.ts'
import { baseCurrencyOf } from '../../db/base-currency.ts'
import { nobodyAs } from '../../db/database.ts'
import { currentNight } from '../../desk/nights/current.ts'
import { present } from '../../kit/assert.ts'
import { instantOf } from '../../kit/clock.ts'
import { minorUnits } from '../../kit/currency.ts'
import type { Some } from '../handler.ts'
import { sessionTokenOf, setSessionCookie } from '../register.ts'
import type { Site } from '../site.ts'
import { leaveBy } from './single-sign-on.ts'

export const sessionHandlers: Some<
  'signIn' | 'enterCode' | 'reenter' | 'readSession' | 'signOut' | 'changePassword' | 'demoSignIns' | 'signInWays'
> = {
  signIn: async ({ site, body, request, reply, address }) => {
    const { db, clock, config } = site.workplace
    const { peopleByPassword } = config.signIn
    const login = await checkPassword(db, clock, { ...body, address, peopleByPassword })
    const agent = request.headers['user-agent'] ?? ''
    const limits = config.signIn
    const entry = {
      loginId: login.id,
      address,
      agent,
      limits,
      origin: 'password',
      enteredMillis: clock.millis(),
    } as const
    const { token } = await openSession(db, clock, entry)
    setSessionCookie(request, reply, token)
    return describe(site, present(await sessionOf(db, clock, token), 'the session just opened'))
  },

  enterCode: async ({ site, session, body, request, reply, address }) => {
    const token = await site.factors.enter(session, body.code, address)
    if (token !== null) setSessionCookie(request, reply, token)
    return describe(site, await again(site, token ?? sessionTokenOf(request)))
  },

  reenter: async ({ site, session, body, request, address }) => {
    await reenter({ ...site.workplace, factors: site.factors }, session, { ...body, address })
    return describe(site, await again(site, sessionTokenOf(request)))
  },

  readSession: ({ site, session }) => describe(site, session),

  signOut: async ({ site, session, request, reply, address }) => {
    const token = sessionTokenOf(request)
    const further = await leaveBy(site, session, request)
    if (token !== undefined) await closeSession(site.workplace.db, token, session.who, address)
    setSessionCookie(request, reply, null)
    return { leaveBy: further }
  },

  changePassword: async ({ site, session, body, address }) => {
    const { db, clock, config } = site.workplace
    const context = { lengthMin: config.signIn.passwordLengthMin, names: await bankNames(site, session) }
    return { sessionsEnded: await changeOwnPassword(db, clock, session, { ...body, context, address }) }
  },

  demoSignIns: async ({ site }) => ({ logins: await demoLogins(site.workplace.db) }),

  signInWays: async ({ site }) => {
    const { signIn } = site.workplace.config
    return {
      password: signIn.peopleByPassword,
      singleSignOn: site.singleSignOn !== null,
      passwordLengthMin: signIn.passwordLengthMin,
    }
  },
}

/** The session as it is after a step was taken. */
async function again(site: Site, token: string | undefined): Promise<Session> {
  const { db, clock } = site.workplace
  return present(await sessionOf(db, clock, present(token, 'a cookie')), 'the session that asks')
}

function bankNames(site: Site, session: Session): Promise<string[]> {
  return site.workplace.db.withScope(nobodyAs(session.who), async (trx) => {
    const root = await trx
      .selectFrom('unit')
      .select(['name', 'name_en'])
      .where('parent_id', 'is', null)
      .executeTakeFirst()
    return ['strata', root?.name ?? '', root?.name_en ?? '']
  })
}

async function describe(site: Site, session: Session): Promise<Output<typeof readSession>> {
  const { db, config, clock } = site.workplace
  const bank = await db.withScope(nobodyAs(session.who), async (trx) => ({
    night: await currentNight(trx),
    currency: await baseCurrencyOf(trx, config),
    root: await trx
      .selectFrom('unit')
      .select(['name', 'name_en'])
      .where('parent_id', 'is', null)
      .orderBy('id')
      .executeTakeFirst(),
    demo: await trx.selectFrom('login').select('id').where('demo_password', 'is not', null).limit(1).execute(),
  }))
  const until = reenteredUntil(session, clock)
  return {
    name: session.name,
    displayName: session.displayName,
    awaits: session.awaits,
    kind: session.kind,
    origin: session.origin,
    hasSecondFactor: session.hasSecondFactor,
    reenteredUntil: until === null ? null : instantOf(until),
    posts: session.posts.map(({ role, unit }) => ({
      role,
      unit: { code: unit.code, name: unit.name, nameEn: unit.nameEn, kind: unit.kind },
    })),
    permissions: permissionsOf(session),
    permissionsAtTop: permissionsAtTop(session),
    customers: customersOf(session),
    fields: fieldsOf(session),
    edits: editsOf(session),
    bank: { name: bank.root?.name ?? '', nameEn: bank.root?.name_en ?? bank.root?.name ?? '' },
    baseCurrency: bank.currency,
    baseDecimals: minorUnits[bank.currency],
    scheme: bank.night?.scheme ?? 'personal',
    lastNight: bank.night ? { id: bank.night.id, day: bank.night.day } : null,
    exportRowsFree: config.exportRowsFree,
    demo: bank.demo.length > 0,
    version: site.version,
  }
}
