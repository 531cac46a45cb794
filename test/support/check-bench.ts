/** A place to check files in: an engine, known numbers, and bytes written to disk. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Reference } from '../../src/feeds/feed.ts'
import { feedNamed } from '../../src/feeds/index.ts'
import { present } from '../../src/kit/assert.ts'
import { day } from '../../src/kit/day.ts'
import { Refused } from '../../src/kit/refusal.ts'
import { type CheckedFile, type CheckRequest, checkFile, type ReferenceMap } from '../../src/lake/check.ts'
import { type Engine, openEngine } from '../../src/lake/engine.ts'

/** Units 01, 02; customers C1 to C9; products DEP, USD; accounts A1 to A9, of which A9 is in USD. */
const references: Partial<Record<Reference, ReferenceMap>> = {
  unit: { relation: `(select '0' || i as no, i as id from range(1, 3) t(i))` },
  staff: { relation: `(select 'S' || i as no, i as id from range(1, 3) t(i))` },
  customer: { relation: `(select 'C' || i as no, i as id from range(1, 10) t(i))` },
  product: { relation: `(select * from (values ('DEP', 1), ('USD', 2)) t(no, id))` },
  account: {
    relation: `(select md5_number_upper('secretA' || i) as token_hi, md5_number_lower('secretA' || i) as token_lo, i as id,
      case when i = 9 then 'USD' else 'CNY' end as currency from range(1, 10) t(i))`,
  },
}

export interface CheckBench {
  engine: Engine
  /** Writes the bytes and checks them as a file of the feed. */
  check(feed: string, name: string, bytes: string | Buffer, more?: Partial<CheckRequest>): Promise<CheckedFile>
  /** The same for a file that has to be refused; gives the refusal. */
  refused(feed: string, name: string, bytes: string | Buffer, more?: Partial<CheckRequest>): Promise<Refused>
  /** Writes a side file for the next check of `name`. */
  beside(name: string, text: string): void
  rows(checked: CheckedFile): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

export function openCheckBench(): CheckBench {
  const dir = mkdtempSync(join(tmpdir(), 'strata-check-'))
  const engine = openEngine({ threads: 2, memoryLimitMb: 512, tempDir: join(dir, 'engine') })
  const inbox = join(dir, 'inbox')
  mkdirSync(inbox)
  const check: CheckBench['check'] = (feed, name, bytes, more = {}) => {
    const path = join(inbox, name)
    writeFileSync(path, bytes)
    return checkFile(engine, {
      feed: present(feedNamed(feed), feed),
      path,
      logicalName: name,
      outDir: mkdtempSync(join(dir, 'out-')),
      baseCurrency: 'CNY',
      today: day('2026-06-30'),
      references,
      accountSecret: 'secret',
      badRowLimit: 1,
      ...more,
    })
  }
  return {
    engine,
    check,
    refused: async (feed, name, bytes, more) => {
      try {
        await check(feed, name, bytes, more)
      } catch (error) {
        if (error instanceof Refused) return error
        throw error
      }
      throw new Error(`${name} was taken`)
    },
    beside: (name, text) => writeFileSync(join(inbox, name), text),
    rows: (checked) => engine.rows(`select * from read_parquet('${present(checked.acceptedPath, 'accepted rows')}')`),
    close: async () => {
      await engine.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
