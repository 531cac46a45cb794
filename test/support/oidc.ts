/** A bank's own sign-on for tests: a real OpenID Connect provider on loopback, with people in groups. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { Provider } from 'oidc-provider'

export interface OidcPerson {
  preferred_username: string
  name: string
  groups: string[]
  staff_code?: string
}

export interface TestProvider {
  issuer: string
  clientId: string
  clientSecret: string
  /** By subject; changed between two sign-ins. */
  people: Map<string, OidcPerson>
  /** While set, its endpoint of who somebody is fails. */
  silent: boolean
  /** Where this system is: the provider knows its addresses from here on. */
  register(address: string): void
  /** Its signed word that a session of its own ended. */
  logoutToken(sid: string, typ?: string): Promise<string>
  close(): Promise<void>
}

const clientId = 'strata'
const clientSecret = 'the secret of the tests, long enough'

/** What a site is told of it. */
export const providerSettings = (provider: TestProvider) => ({
  STRATA_OIDC_ISSUER: provider.issuer,
  STRATA_OIDC_CLIENT_ID: provider.clientId,
  STRATA_OIDC_CLIENT_SECRET: provider.clientSecret,
})

export async function testProvider(): Promise<TestProvider> {
  const people = new Map<string, OidcPerson>()
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: 'test', alg: 'RS256', use: 'sig' }
  const server = createServer((request, response) => answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let answer: (...arrived: Parameters<ReturnType<Provider['callback']>>) => void = (_, response) => response.end()
  const made: TestProvider = {
    issuer,
    clientId,
    clientSecret,
    people,
    silent: false,
    logoutToken: (sid, typ = 'logout+jwt') =>
      new SignJWT({ sid, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ })
        .setIssuer(issuer)
        .setAudience(clientId)
        .setIssuedAt()
        .setJti(sid)
        .sign(privateKey),
    register: (address) => {
      const provider = openProvider({ issuer, address, people, key })
      const callback = provider.callback()
      answer = (request, response) => {
        if (made.silent && request.url?.startsWith('/me')) response.destroy()
        else if (request.url?.startsWith('/interaction/')) void interact(provider, request, response)
        else void callback(request, response)
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return made
}

interface Opening {
  issuer: string
  address: string
  people: Map<string, OidcPerson>
  key: JWK
}

function openProvider({ issuer, address, people, key }: Opening): Provider {
  return new Provider(issuer, {
    jwks: { keys: [key] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${address}/api/session/oidc/callback`],
        post_logout_redirect_uris: [`${address}/sign-in`],
        backchannel_logout_uri: `${address}/api/session/oidc/logout`,
        backchannel_logout_session_required: true,
        token_endpoint_auth_method: 'client_secret_post',
        require_auth_time: true,
      },
    ],
    claims: { openid: ['sub', 'sid'], profile: ['name', 'preferred_username', 'staff_code'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    findAccount: (_, sub) => {
      const person = people.get(sub)
      return person && { accountId: sub, claims: () => ({ sub, ...person }) }
    },
    // The bank trusts its own system: nobody is asked whether it may know their name
    loadExistingGrant: async (ctx) => {
      const { session, client, provider } = ctx.oidc
      const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: client?.clientId ?? '' })
      grant.addOIDCScope('openid profile email groups')
      await grant.save()
      return grant
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (ctx, form) => {
          ctx.body = page(`${form}<button form="op.logoutForm" name="logout" value="yes">Sign out there</button>`)
        },
      },
    },
    // Its own would not call an address of this machine
    fetch: (url, options) => {
      const { dispatcher: _, ...plain } = options as RequestInit & { dispatcher?: unknown }
      return globalThis.fetch(url, plain)
    },
    pkce: { required: () => true },
    cookies: { keys: ['a key of the tests'] },
  })
}

/** A page that asks who it is, and takes any password. */
async function interact(provider: Provider, ...[request, response]: Parameters<ReturnType<Provider['callback']>>) {
  if (request.method === 'POST') {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const accountId = new URLSearchParams(body).get('login') ?? ''
    await provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false })
    return
  }
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(
    page(`<form method="post"><label>Staff number <input name="login" autofocus></label><button>Go on</button></form>`),
  )
}

const page = (body: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign-on of the bank</title></head><body>${body}</body></html>`
