/** The bank's own sign-on: going there, coming back, and signing out on both sides. */
import type { FastifyRequest } from 'fastify'
import { mustBeSamePerson, noteReentry } from '../../access/reentry.ts'
import type { Session } from '../../access/session.ts'
import { openSession, tokenOfProvider } from '../../access/session-span.ts'
import { type Identity, journeyCookie, journeyMinutes } from '../../access/single-sign-on.ts'
import { endSingleSignOnSessions, enterBySingleSignOn } from '../../access/single-sign-on-login.ts'
import { finishSingleSignOn } from '../../contract/session.ts'
import { Refused, refuse } from '../../kit/refusal.ts'
import { type Ask, type Some, sent } from '../handler.ts'
import { cookieAttributes, cookieName, setSessionCookie, whoAsks } from '../register.ts'
import type { Site } from '../site.ts'

export const singleSignOnHandlers: Some<'startSingleSignOn' | 'finishSingleSignOn' | 'singleSignOut'> = {
  startSingleSignOn: async ({ site, query, request, reply }) => {
    const journey = { to: query.to, reenter: query.reenter === 'true' }
    const { url, kept } = await signOnOf(site).begin({ ...journey, callback: callbackOf(request) })
    reply.setCookie(cookieName(request, journeyCookie), kept, {
      ...cookieAttributes(request),
      maxAge: journeyMinutes * 60,
    })
    reply.redirect(url, 302)
    return sent
  },

  // A person looks at the answer, so a refusal goes to the sign-in page, which says it in their language
  finishSingleSignOn: async (ask) => {
    const { site, request, reply } = ask
    const signOn = signOnOf(site)
    reply.clearCookie(cookieName(request, journeyCookie), cookieAttributes(request))
    try {
      const answer = new URL(request.raw.url ?? '', callbackOf(request))
      const { identity, journey } = await signOn.finish(answer, request.cookies[cookieName(request, journeyCookie)])
      await (journey.reenter ? proveAgain(ask, identity) : enter(ask, identity))
      reply.redirect(journey.to, 302)
    } catch (failure) {
      if (!(failure instanceof Refused)) throw failure
      reply.redirect(`/sign-in?${new URLSearchParams({ refused: failure.code })}`, 302)
    }
    return sent
  },

  singleSignOut: async ({ site, body, address }) => {
    const ended = await signOnOf(site).signedOutBy(body.logout_token)
    await endSingleSignOnSessions(site.workplace.db, ended, address)
    return {}
  },
}

type Answering = Ask<typeof finishSingleSignOn>

async function enter({ site, request, reply, address }: Answering, identity: Identity): Promise<void> {
  const { db, clock, config } = site.workplace
  const rules = config.signIn.oidc?.groups ?? []
  const { loginId } = await enterBySingleSignOn(db, clock, identity, { rules, address })
  const { token } = await openSession(db, clock, {
    loginId,
    address,
    agent: request.headers['user-agent'] ?? '',
    limits: config.signIn,
    origin: 'oidc',
    enteredMillis: identity.enteredMillis,
    oidc: { session: identity.session, token: signOnOf(site).sealToken(identity.token) },
  })
  setSessionCookie(request, reply, token)
}

/** Re-entry of a session that goes on: the person who came back must be the one who is signed in. */
async function proveAgain({ site, request, address }: Answering, identity: Identity): Promise<void> {
  const { db, clock } = site.workplace
  const session = (await whoAsks(site, request)) ?? refuse('not_signed_in')
  await mustBeSamePerson(db, session, identity.subject)
  await noteReentry(db, clock, session, address)
}

/** Where the browser goes on to when it signs out here; null when the session did not come from there. */
export async function leaveBy(site: Site, session: Session, request: FastifyRequest): Promise<string | null> {
  if (session.origin !== 'oidc' || !site.singleSignOn) return null
  const token = await tokenOfProvider(site.workplace.db, session)
  // A provider that is down must not keep anybody from signing out here
  return token && site.singleSignOn.leaveBy(token, new URL('/sign-in', callbackOf(request)).href).catch(() => null)
}

function signOnOf(site: Site) {
  return site.singleSignOn ?? refuse('sso_off')
}

function callbackOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}${finishSingleSignOn.path}`
}
