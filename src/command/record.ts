/**
 * The record for one command: the bank's own PostgreSQL when its addresses are set, else the embedded one of the home,
 * started here or shared with the Strata that runs there. Its schema is brought up to date.
 */
import { shipRoles } from '../access/roles.ts'
import type { Config } from '../config.ts'
import { settledBaseCurrency } from '../db/base-currency.ts'
import { openDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { installJobs } from '../jobs/work.ts'
import { assert } from '../kit/assert.ts'
import type { Currency } from '../kit/currency.ts'
import { enterHome, type HeldHome, type Holder } from '../machine/home.ts'
import { knownUrls, type Postgres, startPostgres } from '../machine/postgres.ts'

export interface OpenRecord {
  /** With the three addresses filled in. */
  config: Config
  /** The other Strata whose PostgreSQL is shared, or null when it is ours or the bank's. */
  holder: Holder | null
  /** Ours alone: says where the page is, so that a second start can tell. */
  announce(address: string): void
  /** Called when the PostgreSQL that we started ends without being told to. */
  onEnd(told: (reason: string) => void): void
  /** Files of sql/ applied now. */
  applied: string[]
  /** Ends what was started here; `limitMs` bounds the wait for other commands that still use it. */
  close(limitMs: number): Promise<void>
}

export interface RecordOptions {
  verb: string
  /** Never share another's PostgreSQL: for what serves and stays. */
  alone?: boolean
  say: (sentence: string) => void
}

/** Refuses `database_failed`, `home_busy`, `machine_unfit`, and `currency_differs` (the environment's against the record's). */
export async function openRecord(config: Config, options: RecordOptions): Promise<OpenRecord> {
  if (!config.embedded) {
    const { applied, baseCurrency } = await upToDate(config)
    return { ...unheld({ ...config, baseCurrency }), applied }
  }
  const home = await enterHome(config.home, options.verb, options.alone)
  if (home.kind === 'shared') {
    const urls = knownUrls(config.home)
    assert(urls, 'whoever holds a home has written the addresses of its PostgreSQL')
    const filled = { ...config, ...urls }
    const { applied, baseCurrency } = await upToDate(filled)
    return {
      ...unheld({ ...filled, baseCurrency }),
      holder: home.holder,
      applied,
      close: async () => home.release(),
    }
  }
  try {
    return await startHere(config, home, options)
  } catch (error) {
    home.release()
    throw error
  }
}

async function startHere(config: Config, home: HeldHome, options: RecordOptions): Promise<OpenRecord> {
  const postgres: Postgres = await startPostgres({ home: config.home, say: options.say })
  const { databaseUrl, databaseOwnerUrl, databaseDirectUrl } = postgres
  const filled = { ...config, databaseUrl, databaseOwnerUrl, databaseDirectUrl }
  let ready: Ready
  try {
    ready = await upToDate(filled)
  } catch (error) {
    await postgres.stop()
    throw error
  }
  home.announce(null)
  return {
    config: { ...filled, baseCurrency: ready.baseCurrency },
    holder: null,
    applied: ready.applied,
    announce: (address) => home.announce(address),
    onEnd: (told) => postgres.onEnd(told),
    close: async (limitMs) => {
      await home.drain(limitMs)
      await postgres.stop()
      home.release()
    },
  }
}

function unheld(config: Config): Omit<OpenRecord, 'applied'> {
  return {
    config,
    holder: null,
    announce: () => undefined,
    onEnd: () => undefined,
    close: async () => undefined,
  }
}

interface Ready {
  applied: string[]
  /** That of the installation, which its first load has settled. */
  baseCurrency: Currency
}

async function upToDate(config: Config): Promise<Ready> {
  const db = openDatabase({ appUrl: config.databaseUrl, ownerUrl: config.databaseOwnerUrl })
  try {
    const applied = await migrate(db.owner, decodeURIComponent(new URL(config.databaseUrl).username))
    if (applied.length > 0) await installJobs(config.databaseDirectUrl)
    await shipRoles(db.owner)
    return { applied, baseCurrency: await settledBaseCurrency(db.owner, config) }
  } finally {
    await db.close()
  }
}
