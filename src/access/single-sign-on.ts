/**
 * The bank's own sign-on by OpenID Connect: discovery, authorization code with PKCE, state and nonce, signing out at the
 * provider, and the provider's word that somebody signed out there. What must be remembered between going and coming
 * back is sealed into a cookie, so that any server can take the answer.
 */
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import type { Clock } from '../kit/clock.ts'
import { Refused, refuse } from '../kit/refusal.ts'
import type { Keys } from './keys.ts'
import { openBytes, sealBytes } from './seal.ts'

export interface Provider {
  issuer: string
  clientId: string
  clientSecret: string
  groupsClaim: string
  staffClaim: string
}

/** Who came back, as the provider says. */
export interface Identity {
  /** Issuer and subject: what never changes. */
  subject: string
  /** Wanted as sign-in name. */
  name: string
  displayName: string
  groups: readonly string[]
  staffCode: string | null
  /** When the person last gave a secret to the provider, in milliseconds; null when it does not say. */
  enteredMillis: number | null
  /** The provider's session. */
  session: string | null
  token: string
}

export interface Journey {
  /** Where the browser comes back to, of ours. */
  to: string
  /** To prove once more who it is, in the session that goes on. */
  reenter: boolean
}

interface Sealed extends Journey {
  state: string
  nonce: string
  verifier: string
  madeMillis: number
}

export interface SingleSignOn {
  /** Where the browser goes, and what it keeps meanwhile. Refuses sso_unreachable. */
  begin(journey: Journey & { callback: string }): Promise<{ url: string; kept: string }>
  /** Takes the provider's answer. Refuses sso_failed. */
  finish(answer: URL, kept: string | undefined): Promise<{ identity: Identity; journey: Journey }>
  /** Where the browser signs out at the provider; null when the provider has no such place. */
  leaveBy(token: Buffer, after: string): Promise<string | null>
  /** Whose sessions end, by the provider's word. Refuses sso_failed. */
  signedOutBy(logoutToken: string): Promise<{ session: string | null; subject: string | null }>
  sealToken(token: string): Buffer
}

export const journeyCookie = 'strata_journey'
/** A journey to the provider and back takes no longer. */
export const journeyMinutes = 10
const timeoutSeconds = 10
const logoutAgeSecondsMax = 300

export function openSingleSignOn(provider: Provider, { keys, clock }: { keys: Keys; clock: Clock }): SingleSignOn {
  const key = keys.of('singleSignOn')
  const configuration = discovered(provider)

  return {
    begin: async ({ to, reenter, callback }) => {
      const config = await configuration()
      const state = client.randomState()
      const nonce = client.randomNonce()
      const verifier = client.randomPKCECodeVerifier()
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: 'openid profile email groups',
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(reenter && { prompt: 'login', max_age: '0' }),
      })
      const sealed: Sealed = { to, reenter, state, nonce, verifier, madeMillis: clock.millis() }
      return { url: url.href, kept: sealBytes(key, 'journey', JSON.stringify(sealed)).toString('base64url') }
    },

    finish: async (answer, kept) => {
      const journey = openJourney(key, clock, kept)
      const config = await configuration()
      const tokens = await client
        .authorizationCodeGrant(config, answer, {
          pkceCodeVerifier: journey.verifier,
          expectedState: journey.state,
          expectedNonce: journey.nonce,
          ...(journey.reenter && { maxAge: 60 }),
        })
        .catch((failure: unknown) => refuse('sso_failed', { reason: reasonOf(failure) }))
      const claims = tokens.claims()
      if (!claims || !tokens.id_token) refuse('sso_failed', { reason: 'no id_token' })
      // A provider without it says everything in the token. One that fails must not seem to name no groups.
      const told = config.serverMetadata().userinfo_endpoint
        ? await client
            .fetchUserInfo(config, tokens.access_token, claims.sub)
            .catch((failure: unknown) => refuse('sso_failed', { reason: reasonOf(failure) }))
        : {}
      const identity = identityOf({ ...claims, ...told, auth_time: claims.auth_time, sid: claims.sid }, provider)
      return { identity: { ...identity, token: tokens.id_token }, journey }
    },

    leaveBy: async (token, after) => {
      const config = await configuration()
      if (!config.serverMetadata().end_session_endpoint) return null
      const id_token_hint = openBytes(key, 'token', token).toString('utf8')
      return client.buildEndSessionUrl(config, { post_logout_redirect_uri: after, id_token_hint }).href
    },

    signedOutBy: async (logoutToken) => readLogoutToken(await configuration(), provider, logoutToken),

    sealToken: (token) => sealBytes(key, 'token', token),
  }
}

/** Whom the provider speaks of. The machine's own clock says how old its word is, as for its other tokens. */
async function readLogoutToken(
  config: client.Configuration,
  provider: Provider,
  logoutToken: string,
): Promise<{ session: string | null; subject: string | null }> {
  const { jwks_uri, issuer } = config.serverMetadata()
  if (!jwks_uri) refuse('sso_failed', { reason: 'no jwks_uri' })
  // As OpenID Connect Back-Channel Logout 1.0, section 2.6, says
  const { payload } = await jwtVerify(logoutToken, createRemoteJWKSet(new URL(jwks_uri)), {
    issuer,
    audience: provider.clientId,
    typ: 'logout+jwt',
    maxTokenAge: logoutAgeSecondsMax,
    clockTolerance: logoutAgeSecondsMax,
  }).catch((failure: unknown) => refuse('sso_failed', { reason: reasonOf(failure) }))
  const events = payload.events as Record<string, unknown> | undefined
  const isLogout = events?.['http://schemas.openid.net/event/backchannel-logout'] !== undefined
  if (!isLogout || payload.nonce !== undefined) refuse('sso_failed', { reason: 'no logout token' })
  return {
    session: typeof payload.sid === 'string' ? payload.sid : null,
    subject: payload.sub === undefined ? null : subjectOf(issuer, payload.sub),
  }
}

/** Asked once and kept; asked again after a failure. */
function discovered(provider: Provider): () => Promise<client.Configuration> {
  let known: Promise<client.Configuration> | undefined
  const insecure = provider.issuer.startsWith('http:')
  return () => {
    known ??= client
      .discovery(new URL(provider.issuer), provider.clientId, provider.clientSecret, undefined, {
        timeout: timeoutSeconds,
        execute: insecure ? [client.allowInsecureRequests] : [],
      })
      .catch(() => {
        known = undefined
        refuse('sso_unreachable')
      })
    return known
  }
}

function openJourney(key: Buffer, clock: Clock, kept: string | undefined): Sealed {
  const tooLate = () => refuse('sso_failed', { reason: 'begin again', reasonZh: '请重新开始' })
  if (kept === undefined) return tooLate()
  let journey: Sealed
  try {
    journey = JSON.parse(openBytes(key, 'journey', Buffer.from(kept, 'base64url')).toString('utf8')) as Sealed
  } catch {
    return tooLate()
  }
  return clock.millis() - journey.madeMillis > journeyMinutes * 60_000 ? tooLate() : journey
}

function identityOf(claims: Record<string, unknown>, provider: Provider): Omit<Identity, 'token'> {
  const text = (name: string) => {
    const value = claims[name]
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
  }
  const subject = text('sub') ?? refuse('sso_failed', { reason: 'no sub' })
  const name = (text('preferred_username') ?? text('email') ?? subject).toLowerCase().slice(0, 80)
  const groups = claims[provider.groupsClaim]
  return {
    subject: subjectOf(provider.issuer, subject),
    name,
    displayName: (text('name') ?? name).slice(0, 80),
    groups: Array.isArray(groups) ? groups.map(String) : typeof groups === 'string' ? [groups] : [],
    staffCode: text(provider.staffClaim) ?? null,
    enteredMillis: typeof claims.auth_time === 'number' ? claims.auth_time * 1000 : null,
    session: text('sid') ?? null,
  }
}

const subjectOf = (issuer: string, subject: string) => `${issuer.replace(/\/$/, '')}#${subject}`

/** What the provider or the library says, without a token in it. */
function reasonOf(failure: unknown): string {
  if (failure instanceof Refused) throw failure
  if (failure instanceof client.AuthorizationResponseError) return failure.error
  if (failure instanceof client.ResponseBodyError) return failure.error
  return failure instanceof Error ? ((failure as { code?: string }).code ?? failure.name) : 'unknown'
}
