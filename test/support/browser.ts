/** Chromium for the browser tests: STRATA_BROWSER, else a usual place of the system; without one they are NOT RUN. */
import { existsSync } from 'node:fs'
import { test } from 'vitest'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

/** Path of the browser, or null: none found, or STRATA_BROWSER=none. */
export function browserPath(): string | null {
  const wanted = process.env.STRATA_BROWSER
  if (wanted === 'none') return null
  if (wanted) return existsSync(wanted) ? wanted : null
  return usual.find((path) => existsSync(path)) ?? null
}

/** A test that needs a browser. With STRATA_BROWSER=none it is skipped as wished, without a browser it is NOT RUN. */
export function browserTest(title: string, run: (path: string) => Promise<void> | void, timeoutMs = 60_000): void {
  const path = browserPath()
  if (path) test(title, { timeout: timeoutMs }, () => run(path))
  else if (process.env.STRATA_BROWSER === 'none') test.skip(title)
  else test.skip(`NOT RUN (no browser): ${title}`)
}
