/** What every handler works with, opened once per server. */

import { PolicyShelf } from '../desk/nights/current.ts'
import type { Workplace } from '../nightly/workplace.ts'
import type { EventHub } from './events.ts'

export interface Site {
  workplace: Workplace
  shelf: PolicyShelf
  events: EventHub
  version: string
  startedMillis: number
}

export function openSite(workplace: Workplace, events: EventHub, version: string): Site {
  return { workplace, shelf: new PolicyShelf(), events, version, startedMillis: workplace.clock.millis() }
}
