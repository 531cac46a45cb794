/** Every write there is, as real calls that succeed, in this order. */
import type { EndpointName } from '../../src/contract/index.ts'
import { deskWrites } from './desk-writes.ts'
import { householdWrites } from './household-writes.ts'
import { noteWrites } from './note-writes.ts'
import type { TestProvider } from './oidc.ts'
import { paperWrites } from './paper-writes.ts'
import { privacyWrites } from './privacy-writes.ts'
import { rightsWrites, type Write, type WritingSite } from './rights-writes.ts'
import { signInWrites } from './sign-in-writes.ts'
import { tagWrites } from './tag-writes.ts'
import { valueStateWrites } from './value-state-writes.ts'

/** On a site that was told of the provider. */
export function allWrites(on: () => WritingSite & { provider: TestProvider }): Partial<Record<EndpointName, Write>> {
  return {
    ...deskWrites(on),
    ...rightsWrites(on),
    ...signInWrites(on),
    ...privacyWrites(on),
    ...valueStateWrites(on),
    ...noteWrites(on),
    ...tagWrites(on),
    ...householdWrites(on),
    ...paperWrites(on),
  }
}
