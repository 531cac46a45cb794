/**
 * The public data sets that some tests read. They are not part of the repository: where one is missing, its tests are
 * skipped under a name that begins with NOT RUN, and the test command lists them one by one and does not call it a pass.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The folder of a data set, or null when it is not on this machine. STRATA_PUBLIC_DATA, default ../shared/data. */
export function publicData(name: string): string | null {
  const folder = join(process.env.STRATA_PUBLIC_DATA || join(root, '../shared/data'), name)
  return existsSync(folder) ? folder : null
}

/**
 * A test that reads the data set `name`. `run` gets its folder.
 *
 *     publicTest('berka', 'every client has a tier', async (folder) => { … })
 */
export function publicTest(
  name: string,
  title: string,
  run: (folder: string) => Promise<void> | void,
  timeoutMs?: number,
): void {
  const folder = publicData(name)
  if (folder) test(title, { ...(timeoutMs !== undefined && { timeout: timeoutMs }) }, () => run(folder))
  else test.skip(`NOT RUN (no ${name} in STRATA_PUBLIC_DATA): ${title}`)
}
