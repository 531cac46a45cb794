/** What every handler works with, opened once per server. */

import { type SecondFactors, secondFactors } from '../access/second-factor.ts'
import { openSingleSignOn, type SingleSignOn } from '../access/single-sign-on.ts'
import type { Acting } from '../acts/approvals.ts'
import { PolicyShelf, type TierNames } from '../desk/nights/current.ts'
import { openSimulator, type Simulator } from '../nightly/requests.ts'
import type { Workplace } from '../nightly/workplace.ts'
import type { EventHub } from './events.ts'
import { Uploads } from './uploads.ts'

export interface Site {
  workplace: Workplace
  shelf: PolicyShelf
  events: EventHub
  factors: SecondFactors
  /** Null where none is set. */
  singleSignOn: SingleSignOn | null
  /** Its engine starts with the first question. */
  simulator: Simulator
  uploads: Uploads
  version: string
  startedMillis: number
}

export function openSite(workplace: Workplace, events: EventHub, version: string): Site {
  const { oidc } = workplace.config.signIn
  return {
    workplace,
    factors: secondFactors({ ...workplace, issuer: 'Strata' }),
    singleSignOn: oidc && openSingleSignOn(oidc, workplace),
    shelf: new PolicyShelf(),
    events,
    simulator: openSimulator(workplace),
    uploads: new Uploads(workplace),
    version,
    startedMillis: workplace.clock.millis(),
  }
}

/** Before the first night there is no policy to name tiers by. */
export const unnamedTiers: TierNames = (ordinal) => ({ ordinal, code: ordinal === 0 ? 'none' : `tier${ordinal}` })

/** What proposing and deciding work with. */
export function actingAt({ workplace }: Site): Acting {
  return { db: workplace.db, clock: workplace.clock, fourEyes: workplace.config.fourEyes }
}
