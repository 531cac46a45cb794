/** The last step: the night's rows leave the lake as CSV, get their names, and are handed to publish/. */
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { to as copyTo } from 'pg-copy-streams'
import { type ValueLimits, valueStatesOfNight } from '../desk/value-states/night.ts'
import { minorUnits } from '../kit/currency.ts'
import { literal } from '../lake/engine.ts'
import { nightCustomerColumns } from '../publish/columns.ts'
import { publishNight } from '../publish/publish.ts'
import { desk, idRanges, partiesAtOnce, spansOf } from './compute.ts'
import type { IdRange } from './measure-sql.ts'
import { withLessMemory } from './run-files.ts'
import { computeInput, type NightContext, stored } from './steps.ts'
import type { Workplace } from './workplace.ts'

/** Publishes the night; returns the number of customers. */
export async function publishStep(context: NightContext, digest: string): Promise<bigint> {
  const { workplace, nightId, manifest, policy } = context
  const folder = join(workplace.tempDir, `publish-${nightId}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    const households = join(folder, 'households.csv')
    const moves = join(folder, 'moves.csv')
    await writeCsv(
      workplace,
      `select ${nightId}, household_id, household_no, unit_id, members, consenting, sum_fen, average_fen, tier
       from ${stored(workplace.lakeDir, context.files.get('household'))}`,
      households,
    )
    await writeCsv(
      workplace,
      `select party_id, from_tier, change_to, change_reason, propose_to, propose_reason, effective_on
       from ${stored(workplace.lakeDir, context.files.get('life'))} where change_to is not null or propose_to is not null`,
      moves,
    )
    return await publishNight(workplace.db.owner, {
      nightId,
      day: manifest.day,
      scheme: manifest.scheme,
      appliesTo: policy.appliesTo,
      digest,
      keys: workplace.keys,
      customers: () => Readable.from(customerRows(context, folder)),
      households: () => createReadStream(households),
      moves: () => createReadStream(moves),
      followedBy: (client, night) => valueStatesOfNight(client, night, valueLimits(context)),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function valueLimits({ workplace, policy }: NightContext): ValueLimits {
  const { dormantDays, dormantBelow, gonePercent } = workplace.config.valueStates
  return {
    dormantDays,
    gonePercent,
    dormantBelowFen: BigInt(dormantBelow) * 10n ** BigInt(minorUnits[policy.currency]),
  }
}

function writeCsv({ engine }: Workplace, query: string, file: string): Promise<void> {
  return engine.exec(`copy (${query}) to ${literal(file)} (format csv, header false, delimiter ',')`)
}

/** The rows of the customers as CSV, a range at a time: the record takes one in while the engine joins the next. */
async function* customerRows(context: NightContext, folder: string): AsyncGenerator<Buffer> {
  const { workplace, files } = context
  const assigned = stored(workplace.lakeDir, files.get('assign'))
  const ranges = await idRanges(workplace.engine, assigned, 'party_id', partiesAtOnce)
  let next = writeRange(context, folder, ranges[0])
  try {
    for (let i = 1; i <= ranges.length; i++) {
      const file = await next
      next = writeRange(context, folder, ranges[i])
      // asked for its failure only when its turn comes
      next.catch(() => undefined)
      yield* createReadStream(file, { highWaterMark: 1 << 18 })
      rmSync(file)
    }
  } finally {
    await next.catch(() => undefined)
  }
}

async function writeRange(context: NightContext, folder: string, range: IdRange | undefined): Promise<string> {
  if (!range) return ''
  const names = join(folder, `names-${range.from}.csv`)
  const customers = join(folder, `customers-${range.from}.csv`)
  await exportNames(context, range, names)
  const { workplace } = context
  await withLessMemory(workplace, () => writeCsv(workplace, customersSql(context, range, names), customers))
  rmSync(names)
  return customers
}

// Names are no part of a night: they are read when it is published and never stored in the lake.
async function exportNames(context: NightContext, { from, to }: IdRange, file: string): Promise<void> {
  const client = await context.workplace.db.owner.connect()
  try {
    const rows = client.query(
      copyTo(`copy (select id, name from party where id between ${from} and ${to}) to stdout (format csv)`),
    )
    await pipeline(rows, createWriteStream(file, { mode: 0o600 }))
  } finally {
    client.release()
  }
}

/** The rows of night_customer of a range of parties, with their names; in the order of `nightCustomerColumns`. */
function customersSql(context: NightContext, range: IdRange, names: string): string {
  const { workplace, files, nightId, manifest, policy } = context
  const { lakeDir } = workplace
  const days = spansOf(policy, manifest.day).window.days
  const from: Record<string, string> = {
    night_id: `${nightId}`,
    customer_no: 'p.customer_no',
    kind: 'p.kind',
    unit_id: 'p.unit_id',
    rm_id: 'p.rm_id',
    name: 'n.name',
    tier_in_force: 'coalesce(l.change_to, l.from_tier)',
    days: `${days}`,
    notice_count: 'l.notice_count',
    gaps: `'{' || coalesce(s.gaps, '') || '}'`,
  }
  const scored = ['recency_days', 'r_score', 'f_score', 'm_score', 'confidence']
  const assigned = [
    'qualified_tier',
    'path',
    'average_fen',
    'sum_fen',
    'sum_scaled',
    'household_id',
    'household_average_fen',
    'household_members',
    'to_next_fen',
    'to_keep_fen',
    'average_before_fen',
    'party_id',
  ]
  const column = (name: string) =>
    from[name] ?? (scored.includes(name) ? `s.${name}` : assigned.includes(name) ? `a.${name}` : `m.${name}`)
  return `select ${nightCustomerColumns.map((name) => `${column(name)} as ${name}`).join(', ')}
    from ${stored(lakeDir, files.get('assign'))} a
    join ${stored(lakeDir, files.get('measure'))} m on m.party_id = a.party_id
    join ${stored(lakeDir, files.get('score'))} s on s.party_id = a.party_id
    join ${stored(lakeDir, files.get('life'))} l on l.party_id = a.party_id
    join ${desk(computeInput(context), 'party')} p on p.party_id = a.party_id
    join read_csv(${literal(names)}, header = false, delim = ',', quote = '"', escape = '"', auto_detect = false,
      columns = {'id': 'BIGINT', 'name': 'VARCHAR'}) n on n.id = a.party_id
    where a.party_id between ${range.from} and ${range.to}`
}
