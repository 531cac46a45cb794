/**
 * Identity proof: the Chinese demo set over many seeds, each of them matched in another order of its records and with another
 * number of threads, and judged by its truth, which the matcher is never given; where the febrl sets are on the machine, these too.
 * `npm run proof -- identity [--seeds 10 --parties 20000]`; `npm test` runs it short.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sourceRecords } from '../../demo/sources.ts'
import { resolveParties } from '../../src/identity/resolve.ts'
import { type Labelled, qualityOf, qualityText, readFebrl } from '../support/identity-measure.ts'

export interface IdentityResult {
  sets: number
  faults: string[]
}

/** Matches every set three times; a fault is a missed mark or a result that depends on order or threads. */
export async function proveIdentity(options: {
  seeds: number
  parties: number
  febrl: string | null
  say: (line: string) => void
}): Promise<IdentityResult> {
  const result: IdentityResult = { sets: 0, faults: [] }
  const prove = async (name: string, set: Labelled, mark: number) => {
    result.sets++
    const usual = await resolveParties(set.records, { threads: 1 })
    const quality = qualityOf(usual, set.truth)
    options.say(qualityText(name, quality))
    if (quality.f1 < mark) result.faults.push(`${name}: F1 ${quality.f1}, below ${mark}`)
    const expected = parties(usual.partyOf)
    const threaded = await resolveParties(set.records, { threads: 2 })
    if (parties(threaded.partyOf) !== expected) result.faults.push(`${name}: other parties with two threads`)
    const order = turned(set.records.length)
    const moved = await resolveParties(order.map((place) => set.records[place]!))
    const back = new Int32Array(order.length)
    for (const [i, place] of order.entries()) back[place] = order[moved.partyOf[i]!]!
    if (parties(back) !== expected) result.faults.push(`${name}: other parties in another order`)
  }
  for (let seed = 1; seed <= options.seeds; seed++) {
    const all = [...sourceRecords({ parties: options.parties, seed })]
    const set = { records: all.map(({ record }) => record), truth: all.map(({ truth }) => truth) }
    await prove(`Chinese demo set, seed ${seed}`, set, 0.98)
  }
  for (const set of options.febrl ? [1, 2, 3] : [])
    await prove(`febrl set ${set}`, readFebrl(join(options.febrl!, `dataset${set}.csv`)), 0.998)
  return result
}

/** Which records are together, whatever record stands for them: each record's party by its first member. */
function parties(partyOf: Int32Array): string {
  const first = new Map<number, number>()
  for (const [i, party] of partyOf.entries()) if (!first.has(party)) first.set(party, i)
  return [...partyOf].map((party) => first.get(party)).join()
}

/** Places in another order: backwards by steps that have no factor in common with their number. */
function turned(count: number): number[] {
  let step = Math.floor(count * 0.618)
  while (divisor(step, count) > 1) step++
  return Array.from({ length: count }, (_, i) => count - 1 - ((i * step) % count))
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}

if (import.meta.main) {
  const at = (name: string, fallback: number) => {
    const i = process.argv.indexOf(`--${name}`)
    return i < 0 ? fallback : Number(process.argv[i + 1])
  }
  const folder = join(process.env.STRATA_PUBLIC_DATA || join(import.meta.dirname, '../../../shared/data'), 'febrl')
  const febrl = existsSync(folder) ? folder : null
  if (!febrl) console.log('NOT RUN (no febrl in STRATA_PUBLIC_DATA): the febrl sets')
  const result = await proveIdentity({
    seeds: at('seeds', 10),
    parties: at('parties', 20_000),
    febrl,
    say: (line) => console.log(line),
  })
  for (const fault of result.faults) console.log(fault)
  console.log(`${result.sets} sets, ${result.faults.length} faults`)
  process.exit(result.faults.length === 0 ? 0 : 1)
}
