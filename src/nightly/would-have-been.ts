/**
 * Published decisions stand. When a corrected file changes facts of a night's window, the night is stale; this says
 * what it would have said, customer by customer, and a person accepts or declines each difference.
 */
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { auditAsOwner } from '../access/audit.ts'
import { ownerTransaction } from '../db/database.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { literal } from '../lake/engine.ts'
import type { Manifest } from './freeze.ts'
import { policyById } from './policies.ts'
import { isKept } from './prune.ts'
import type { StepFile } from './run-files.ts'
import { forgetTables, stored } from './steps.ts'
import { computeInputOf, computeTiers, inputsOfNow } from './what-if.ts'
import type { Workplace } from './workplace.ts'

export interface Difference {
  nightId: number
  differences: number
}

/** Computes a published night again from the facts of now, with its own policy and desk snapshot, and lists differences. */
export async function recomputeStale(workplace: Workplace, nightId: number): Promise<Difference> {
  const found = await workplace.db.owner.query(
    `select day, policy_id, manifest, steps, stale_load_id from night where id = $1 and status = 'published'`,
    [nightId],
  )
  const night = found.rows[0] as
    | { day: Day; policy_id: number; manifest: Manifest; steps: StepFile[]; stale_load_id: number | null }
    | undefined
  if (!night) return refuse('not_found', { what: `night ${nightId}`, whatZh: `跑批 ${nightId}` })
  const { policy } = await policyById(workplace.db.owner, night.policy_id)
  const now = await inputsOfNow(workplace, night.day)
  // Positions and accounts come from the snapshot of now: a corrected file may bring positions the night did not know
  const input = computeInputOf(workplace, policy, night.day, now)
  const folder = join(workplace.tempDir, `would-${nightId}`)
  const csv = join(folder, 'differences.csv')
  mkdirSync(folder, { recursive: true })
  try {
    workplace.report({ step: 'measure', detail: night.day })
    await computeTiers(workplace.engine, 'would', input)
    const published = stored(
      workplace.lakeDir,
      night.steps.find((step) => step.name === 'assign'),
    )
    await workplace.engine.exec(`copy (
      select ${nightId}, p.party_id, p.qualified_tier, w.qualified_tier, p.average_fen, w.average_fen
      from ${published} p join would.assigned w on w.party_id = p.party_id
      where p.qualified_tier <> w.qualified_tier or p.average_fen <> w.average_fen order by p.party_id
    ) to ${literal(csv)} (format csv, header false)`)
    const differences = await store(workplace, nightId, night.stale_load_id, csv)
    return { nightId, differences }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await forgetTables(workplace.engine, 'would')
  }
}

/**
 * Every stale night that is still kept and has not been computed since it became stale, oldest first. One without a
 * difference leaves no trace and is computed again the next time; the nights that are kept bound that.
 */
export async function recomputeAllStale(workplace: Workplace): Promise<Difference[]> {
  const found = await workplace.db.owner.query(
    `select n.id from night n where ${isKept} and n.stale_since is not null
       and not exists (select 1 from would_have_been w where w.night_id = n.id and w.load_id is not distinct from n.stale_load_id)
     order by n.day, n.id`,
  )
  const done: Difference[] = []
  for (const { id } of found.rows as { id: number }[]) done.push(await recomputeStale(workplace, id))
  return done
}

// Differences that a person has decided stay as they were decided, unless the facts changed them again.
async function store(workplace: Workplace, nightId: number, loadId: number | null, csv: string): Promise<number> {
  return ownerTransaction(workplace.db.owner, async (client) => {
    await client.query(`create temporary table difference (night_id int, party_id bigint, published_tier smallint,
      would_tier smallint, published_average_fen bigint, would_average_fen bigint) on commit drop`)
    await pipeline(createReadStream(csv), client.query(copyFrom('copy difference from stdin (format csv)')))
    await client.query(
      `delete from would_have_been w where night_id = $1 and not exists (select 1 from difference d
         where d.party_id = w.party_id and d.would_tier = w.would_tier and d.would_average_fen = w.would_average_fen)`,
      [nightId],
    )
    await client.query(
      `insert into would_have_been (night_id, party_id, published_tier, would_tier, published_average_fen, would_average_fen, load_id)
       select night_id, party_id, published_tier, would_tier, published_average_fen, would_average_fen, $1 from difference
       on conflict (night_id, party_id) do update set load_id = excluded.load_id`,
      [loadId],
    )
    const counted = await client.query('select count(*)::int as n from difference')
    const differences = counted.rows[0].n as number
    await auditAsOwner(client, workplace.keys, {
      who: 'strata',
      action: 'recomputeNight',
      noun: 'night',
      nounId: String(nightId),
      after: { differences, load: loadId },
    })
    return differences
  })
}
