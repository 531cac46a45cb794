/**
 * Every reply that a test of the suite gets, every log line and every event is searched for the personal values of the
 * test banks, in every form; one that gives a value away fails the test that asked, with endpoint and form.
 */
import type { EndpointName } from '../../src/contract/index.ts'
import { type Leak, patternsIn } from './canary.ts'
import { endpointOf, type Heard } from './heard.ts'

/** What the small bank and the bank of the matrix are made of, as plain text: lower case, without dots and hyphens. */
const values: Record<string, RegExp> = {
  phone: /1390000\d{4}/,
  identityNo: /1101011949123\d{4}x|e0000100\d/,
  email: /(?:somebody\d{4}|m100\d)@examplecom/,
  account: /62220202001\d{4}678|622202020000000100\d/,
  card: /62284804025600100\d{2}/,
}

/** Throws for a leak. */
export function mustTellNobody(heard: Heard): void {
  const path = heard.url.split('?')[0] ?? ''
  const text = path === '/metrics' ? withoutSamples(heard.text) : heard.text
  const leaks = patternsIn(`${JSON.stringify(heard.headers)}\n${text}`, values)
  if (leaks.length === 0 || mayBeWhole(heard)) return
  throw new Error(
    `${endpointOf(heard.method, path)?.name ?? 'no endpoint'} (${heard.method} ${path}) tells ${asText(leaks)}`,
  )
}

/** The same for the lines of a log, or for events. */
export function mustHoldNothing(where: string, text: string): void {
  const leaks = patternsIn(withoutTimes(text), values)
  if (leaks.length > 0) throw new Error(`${where} tells ${asText(leaks)}`)
}

/** Measured seconds can have the digits of a phone number; the names and labels of metrics may not. */
const withoutSamples = (metrics: string) => metrics.replace(/ [\d.e+-]+$/gm, '')

/** How long a request took has as many digits as a phone number has. */
export const withoutTimes = (log: string) => log.replace(/"responseTime":[\d.e-]+/g, '')

const asText = (leaks: readonly Leak[]) => leaks.map(({ kind, form }) => `${kind} (${form})`).join(', ')

/** On record, and with a reason: one field, of one customer or approved for many; all that is held on a customer. */
const tellsWhole: ReadonlySet<unknown> = new Set<EndpointName>(['revealField', 'fetchBulkReveal', 'discloseCustomer'])

/** Also a file's own rows, for whoever mends and loads them again. */
function mayBeWhole({ method, url, status }: Heard): boolean {
  const [path = '', query = ''] = url.split('?')
  const name = endpointOf(method, path)?.name
  if (status !== 200) return false
  return tellsWhole.has(name) || (name === 'exportQuarantine' && new URLSearchParams(query).get('rows') === 'whole')
}
