/**
 * A key management service: it seals and opens small secrets, and never gives out its own key. One adapter, for the
 * "transit" interface that HashiCorp Vault and OpenBao offer, over HTTP; a bank's other service is one more function.
 */
import { refuse } from '../kit/refusal.ts'

export interface Kms {
  /** The secret as the service sealed it. Refuses kms_failed. */
  wrap(secret: Buffer): Promise<string>
  /** The inverse. Refuses kms_failed. */
  unwrap(wrapped: string): Promise<Buffer>
}

export interface TransitAddress {
  /** Of the transit engine: 'http://127.0.0.1:8200/v1/transit'. */
  url: string
  /** Name of the service's key. */
  key: string
  token: string
}

const answerMsMax = 10_000

/** A service at that address. Nothing is asked until it is used. */
export function transitKms(address: TransitAddress): Kms {
  return {
    wrap: (secret) => ask(address, 'encrypt', { plaintext: secret.toString('base64') }, 'ciphertext'),
    unwrap: async (wrapped) =>
      Buffer.from(await ask(address, 'decrypt', { ciphertext: wrapped }, 'plaintext'), 'base64'),
  }
}

async function ask(
  { url, key, token }: TransitAddress,
  act: 'encrypt' | 'decrypt',
  body: Record<string, string>,
  wanted: 'ciphertext' | 'plaintext',
): Promise<string> {
  const answer = await fetch(`${url.replace(/\/$/, '')}/${act}/${encodeURIComponent(key)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-vault-token': token },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerMsMax),
    redirect: 'error',
  }).catch((error: unknown) => failed(url, error instanceof Error ? error.message : String(error)))
  // What the service says may hold what it was sent: its status is enough.
  if (!answer.ok) failed(url, `HTTP ${answer.status}`)
  const said = (await answer.json().catch(() => undefined)) as { data?: Record<string, unknown> } | undefined
  const value = said?.data?.[wanted]
  return typeof value === 'string' ? value : failed(url, `its answer holds no ${wanted}`)
}

function failed(url: string, reason: string): never {
  return refuse('kms_failed', { url, reason })
}
