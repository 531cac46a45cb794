/** Own sessions and second factor, keys, users, and alerts. */

import { createApiKey, listApiKeys, revokeApiKey } from '../../access/api-keys.ts'
import { listPrograms, makeProgram } from '../../access/programs.ts'
import { acknowledgeSecurityAlert, listSecurityAlerts } from '../../access/security-alerts.ts'
import type { Session } from '../../access/session.ts'
import { endSessions, openSessionsOf } from '../../access/sessions.ts'
import { listUsers, type User, userById } from '../../access/user-list.ts'
import {
  listRoleFactors,
  lockUser,
  makePerson,
  resetPassword,
  setRoleFactor,
  takeSecondFactor,
  unlockUser,
} from '../../access/users.ts'
import { nobodyAs } from '../../db/database.ts'
import { encodeCursor, idOfCursor, pairOfCursor } from '../../desk/cursor.ts'
import { refuse } from '../../kit/refusal.ts'
import type { Some } from '../handler.ts'
import type { Site } from '../site.ts'

export const ownSecurityHandlers: Some<
  | 'listOwnSessions'
  | 'endOwnSession'
  | 'endOtherSessions'
  | 'readSecondFactor'
  | 'beginSecondFactor'
  | 'confirmSecondFactor'
  | 'renewRecoveryCodes'
  | 'removeSecondFactor'
  | 'listKeys'
  | 'createKey'
  | 'revokeKey'
> = {
  listOwnSessions: async ({ site, session }) => {
    const { db, clock } = site.workplace
    return { rows: await openSessionsOf(db, clock, session, session.loginId) }
  },

  endOwnSession: async ({ site, session, params, address }) => {
    const ended = { loginId: session.loginId, only: params.id, address }
    return { ended: await endSessions(site.workplace.db, session, ended) }
  },

  endOtherSessions: async ({ site, session, address }) => {
    const ended = { loginId: session.loginId, butNot: session.sessionId, address }
    return { ended: await endSessions(site.workplace.db, session, ended) }
  },

  readSecondFactor: ({ site, session }) => site.factors.state(session),

  beginSecondFactor: ({ site, session, address }) => site.factors.begin(session, address),

  confirmSecondFactor: async ({ site, session, body, address }) => ({
    recoveryCodes: await site.factors.confirm(session, body.code, address),
  }),

  renewRecoveryCodes: async ({ site, session, address }) => ({
    recoveryCodes: await site.factors.renew(session, address),
  }),

  removeSecondFactor: async ({ site, session, address }) => {
    await site.factors.remove(session, address)
    return {}
  },

  listKeys: async ({ site, session, query }) => ({ rows: await listApiKeys(site.workplace.db, session, query.login) }),

  createKey: ({ site, session, body, address }) =>
    createApiKey(site.workplace.db, site.workplace.clock, session, { ...body, address }),

  revokeKey: ({ site, session, params, address }) =>
    revokeApiKey(site.workplace.db, site.workplace.clock, session, { ...params, address }),
}

export const userHandlers: Some<
  | 'listUsers'
  | 'readUser'
  | 'lockUser'
  | 'unlockUser'
  | 'resetPassword'
  | 'takeSecondFactor'
  | 'endUserSessions'
  | 'endUserSession'
  | 'makePerson'
  | 'listPrograms'
  | 'makeProgram'
  | 'listRoleFactors'
  | 'setRoleFactor'
> = {
  listUsers: async ({ site, session, query }) => {
    const { cursor, ...asked } = query
    const after = pairOfCursor(cursor)
    const page = await listUsers(site.workplace.db, site.workplace.clock, session, { ...asked, after })
    return { rows: page.rows, total: page.total, next: page.after && encodeCursor([page.after.value, page.after.id]) }
  },

  readUser: async ({ site, session, params }) => {
    const { db, clock } = site.workplace
    const user = await userOf(site, session, params.id)
    return { ...user, openSessions: await openSessionsOf(db, clock, session, user.id) }
  },

  lockUser: async ({ site, session, params, body, address }) => {
    await lockUser(site.workplace.db, site.workplace.clock, session, { ...params, ...body, address })
    return userOf(site, session, params.id)
  },

  unlockUser: async ({ site, session, params, address }) => {
    await unlockUser(site.workplace.db, site.workplace.clock, session, { ...params, address })
    return userOf(site, session, params.id)
  },

  resetPassword: async ({ site, session, params, address }) => ({
    password: await resetPassword(site.workplace.db, site.workplace.clock, session, { ...params, address }),
  }),

  takeSecondFactor: async ({ site, session, params, address }) => {
    await takeSecondFactor(site.workplace.db, site.workplace.clock, session, { ...params, address })
    return userOf(site, session, params.id)
  },

  endUserSessions: async ({ site, session, params, address }) => {
    const user = await userOf(site, session, params.id)
    return { ended: await endSessions(site.workplace.db, session, { loginId: user.id, address }) }
  },

  endUserSession: async ({ site, session, params, address }) => {
    const ended = { loginId: params.id, only: params.session, address }
    return { ended: await endSessions(site.workplace.db, session, ended) }
  },

  makePerson: async ({ site, session, body, address }) => {
    const { db, clock, config } = site.workplace
    if (body.way === 'singleSignOn' && !site.singleSignOn) refuse('sso_off')
    if (body.way === 'password' && !config.signIn.peopleByPassword) refuse('local_sign_in_off')
    const { id, password } = await makePerson(db, clock, session, { ...body, address })
    return { user: await userOf(site, session, id), password }
  },

  listPrograms: async ({ site, session }) => ({
    rows: await listPrograms(site.workplace.db, site.workplace.clock, session),
  }),

  makeProgram: async ({ site, session, body, address }) => {
    const { db, clock } = site.workplace
    const made = await makeProgram(db, clock, session, { ...body, address })
    return userOf(site, session, made.id)
  },

  listRoleFactors: async ({ site, session }) => ({
    rows: await listRoleFactors(site.workplace.db, site.workplace.clock, session),
  }),

  setRoleFactor: async ({ site, session, params, body, address }) => {
    await setRoleFactor(site.workplace.db, site.workplace.clock, session, { ...params, ...body, address })
    return {}
  },
}

export const alertHandlers: Some<'listSecurityAlerts' | 'acknowledgeSecurityAlert'> = {
  listSecurityAlerts: async ({ site, session, query }) => {
    const { state, limit, cursor } = query
    const before = idOfCursor(cursor)
    const page = await listSecurityAlerts(site.workplace.db, session, {
      state,
      limit,
      before: before === null ? null : Number(before),
    })
    return { ...page, next: page.next === null ? null : encodeCursor([String(page.next)]) }
  },

  acknowledgeSecurityAlert: async ({ site, session, params, body, address }) => {
    await acknowledgeSecurityAlert(site.workplace.db, site.workplace.clock, session, { ...params, ...body, address })
    return {}
  },
}

function userOf(site: Site, session: Session, id: number): Promise<User> {
  return site.workplace.db.withScope(nobodyAs(session.who), (trx) => userById(trx, site.workplace.clock, id))
}
