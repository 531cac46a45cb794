/** Sign-in, sign-out, who one is, and keys for programs. */
import { createApiKey, listApiKeys, revokeApiKey } from '../../access/api-keys.ts'
import { demoLogins } from '../../access/demo-logins.ts'
import { fieldsOf } from '../../access/fields.ts'
import { checkPassword } from '../../access/login.ts'
import { changeOwnPassword } from '../../access/own-password.ts'
import {
  closeSession,
  customersOf,
  openSession,
  permissionsOf,
  type Session,
  sessionCookie,
  sessionOf,
} from '../../access/session.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { readSession } from '../../contract/session.ts'
import { baseCurrencyOf } from '../../db/base-currency.ts'
import { nobodyAs } from '../../db/database.ts'
import { currentNight } from '../../desk/nights/current.ts'
import { present } from '../../kit/assert.ts'
import { minorUnits } from '../../kit/currency.ts'
import type { Some } from '../handler.ts'
import { setSessionCookie } from '../register.ts'
import type { Site } from '../site.ts'

export const sessionHandlers: Some<
  'signIn' | 'readSession' | 'signOut' | 'changePassword' | 'demoSignIns' | 'listKeys' | 'createKey' | 'revokeKey'
> = {
  signIn: async ({ site, body, request, reply, address }) => {
    const { db, clock } = site.workplace
    const login = await checkPassword(db, clock, { ...body, address })
    const agent = request.headers['user-agent'] ?? ''
    const { token } = await openSession(db, clock, { loginId: login.id, address, agent })
    setSessionCookie(request, reply, token)
    return describe(site, present(await sessionOf(db, clock, token), 'the session just opened'))
  },

  readSession: ({ site, session }) => describe(site, session),

  signOut: async ({ site, session, request, reply, address }) => {
    const token = request.cookies[sessionCookie]
    if (token !== undefined) await closeSession(site.workplace.db, token, session.who, address)
    setSessionCookie(request, reply, null)
    return {}
  },

  changePassword: async ({ site, session, body, request, address }) => {
    const { db, clock } = site.workplace
    const token = request.cookies[sessionCookie]
    return { sessionsEnded: await changeOwnPassword(db, clock, session, { ...body, token, address }) }
  },

  demoSignIns: async ({ site }) => ({ logins: await demoLogins(site.workplace.db) }),

  listKeys: async ({ site, session }) => ({ rows: await listApiKeys(site.workplace.db, session) }),

  createKey: ({ site, session, body, address }) =>
    createApiKey(site.workplace.db, site.workplace.clock, session, { ...body, address }),

  revokeKey: ({ site, session, params, address }) =>
    revokeApiKey(site.workplace.db, site.workplace.clock, session, { ...params, address }),
}

async function describe(site: Site, session: Session): Promise<Output<typeof readSession>> {
  const { db, config } = site.workplace
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
  return {
    name: session.name,
    displayName: session.displayName,
    posts: session.posts.map(({ role, unit }) => ({
      role,
      unit: { code: unit.code, name: unit.name, kind: unit.kind },
    })),
    permissions: permissionsOf(session),
    customers: customersOf(session),
    fields: fieldsOf(session),
    bank: { name: bank.root?.name ?? '', nameEn: bank.root?.name_en ?? bank.root?.name ?? '' },
    baseCurrency: bank.currency,
    baseDecimals: minorUnits[bank.currency],
    scheme: bank.night?.scheme ?? 'personal',
    lastNight: bank.night ? { id: bank.night.id, day: bank.night.day } : null,
    demo: bank.demo.length > 0,
    version: site.version,
  }
}
