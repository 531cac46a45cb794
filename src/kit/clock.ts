/** Instants. Every "now" of the program comes from a `Clock`, so that a test can say what time it is. */
import { type Day, day } from './day.ts'

export interface Clock {
  /** This instant, UTC, as ISO 8601 with milliseconds. */
  now(): string
  /** Milliseconds since 1970-01-01 UTC. */
  millis(): number
  /** Today's calendar day in the bank's zone. */
  today(): Day
}

/** The instant of so many milliseconds since 1970-01-01 UTC, in the words of `now`. */
export function instantOf(millis: number): string {
  return new Date(millis).toISOString()
}

/** The instant so many hours after. */
export function hoursAfter(millis: number, hours: number): string {
  return instantOf(millis + hours * 3_600_000)
}

/** The machine's clock; `zone` (IANA name) decides where one calendar day ends. */
export function systemClock(zone = 'Asia/Shanghai'): Clock {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return {
    now: () => new Date().toISOString(),
    millis: () => Date.now(),
    today: () => day(format.format(new Date())),
  }
}

/** A clock that stands at `instant` (ISO 8601, UTC) until told otherwise. For tests and replays. */
export function fixedClock(instant: string): Clock & { set(instant: string): void } {
  let at = new Date(instant)
  return {
    now: () => at.toISOString(),
    millis: () => at.getTime(),
    today: () => day(at.toISOString().slice(0, 10)),
    set: (next) => {
      at = new Date(next)
    },
  }
}
