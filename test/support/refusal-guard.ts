/**
 * Every refusal that a test of the suite gets must be one that the contract lists for its endpoint, or one that any
 * endpoint may give: whoever writes against the contract is told of all of them.
 */
import { refusalsOf } from '../../src/api/openapi.ts'
import type { RefusalCode } from '../../src/kit/refusal.ts'
import { endpointOf, type Heard } from './heard.ts'

/** Throws for a refusal that its endpoint does not list. */
export function mustBeListed({ method, url, headers, text }: Heard): void {
  const { 'content-type': type } = headers as { 'content-type'?: string }
  if (!type?.includes('problem+json')) return
  const endpoint = endpointOf(method, url.split('?')[0] ?? '')
  const { code } = JSON.parse(text) as { code: RefusalCode }
  if (!endpoint || refusalsOf(endpoint).includes(code)) return
  throw new Error(`${endpoint.name} refuses ${code}, which its contract does not list`)
}
