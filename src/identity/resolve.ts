/** The whole run: records of several source systems in, parties out. */
import { blockingGroups, type Groups } from './blocking.ts'
import { cluster } from './cluster.ts'
import { type Filled, Filling } from './columns.ts'
import { learn, type Model } from './learn.ts'
import { normalise } from './normalise.ts'
import { scorePairs } from './pairs.ts'
import type { PartyKind, PartyRecord } from './record.ts'
import { scorer } from './score.ts'

export interface Resolution {
  /** For each record, in the order given, the place of the record that stands for its party. */
  partyOf: Int32Array
  /** What each kind was matched with, to check a record at entry and to explain. */
  matched: Matched[]
}

/** One kind of party after a run. */
export interface Matched {
  kind: PartyKind
  filled: Filled
  /** For each record of this kind its place among all records. */
  places: number[]
  groups: Groups[]
  model: Model
  /** Pairs that were compared. */
  compared: number
}

export interface ResolveOptions {
  /** Unless set, one for few records and as many as the machine has processors for many. The result is the same. */
  threads?: number
}

/** Finds the records of the same person or company. Persons and companies are never compared with each other. */
export async function resolveParties(
  records: Iterable<PartyRecord>,
  options: ResolveOptions = {},
): Promise<Resolution> {
  const places: Record<PartyKind, number[]> = { person: [], company: [] }
  const fillings = { person: new Filling('person'), company: new Filling('company') }
  let count = 0
  for (const record of records) {
    fillings[record.kind].add(normalise(record))
    places[record.kind].push(count++)
  }
  const partyOf = new Int32Array(count)
  const matched: Matched[] = []
  for (const kind of ['person', 'company'] as const) {
    if (places[kind].length === 0) continue
    const filled = fillings[kind].finish()
    const { clusterOf, ...rest } = await matchKind(filled, options)
    matched.push({ kind, filled, places: places[kind], ...rest })
    const { origin } = filled
    for (const [row, leader] of clusterOf.entries())
      partyOf[places[kind][origin[row]!]!] = places[kind][origin[leader]!]!
  }
  return { partyOf, matched }
}

async function matchKind(filled: Filled, options: ResolveOptions) {
  const { columns } = filled
  const groups = blockingGroups(columns)
  const model = learn(columns, groups)
  const edges = await scorePairs({ columns, groups, model }, options.threads)
  const clusterOf = cluster(columns.rows, edges, scorer(columns, model))
  return { groups, model, compared: edges.compared, clusterOf }
}
