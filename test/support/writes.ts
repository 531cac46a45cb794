/** Every write there is, as real calls that succeed: in this order, on a small bank that nothing was done to. */
import type { EndpointName } from '../../src/contract/index.ts'
import type { TestSite } from './api.ts'
import { deskWrites } from './desk-writes.ts'
import type { TestProvider } from './oidc.ts'
import { rightsWrites, type Write } from './rights-writes.ts'
import { signInWrites } from './sign-in-writes.ts'
import type { SmallBank } from './small-bank.ts'

export interface Place {
  site: TestSite
  bank: SmallBank
  /** The bank's own sign-on, which the site was told of. */
  provider: TestProvider
}

export function allWrites(on: () => Place): Partial<Record<EndpointName, Write>> {
  return { ...deskWrites(on), ...rightsWrites(on), ...signInWrites(on) }
}
