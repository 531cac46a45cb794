/**
 * `npm run bench -- identity [--parties 1000000 --seed 3 --threads 2 --checks 2000]`: parties of the Chinese demo set
 * matched against each other, from reading to clusters, and records checked at entry. Yardstick of the same run: the same
 * records normalised and joined where name and birthday are equal, which is what a bank without a matcher does.
 */
import { availableParallelism } from 'node:os'
import { type SourceRecord, sourceRecords } from '../demo/sources.ts'
import { openEntry } from '../src/identity/entry.ts'
import { normalise } from '../src/identity/normalise.ts'
import type { PartyRecord } from '../src/identity/record.ts'
import { resolveParties } from '../src/identity/resolve.ts'
import { qualityOf, qualityText } from '../test/support/identity-measure.ts'
import { mebibytes, option, printMachine, quantile } from './support.ts'

const parties = option('parties', 1_000_000)
const seed = option('seed', 3)
const threads = option('threads', availableParallelism())
printMachine()

let begun = performance.now()
const truth: string[] = []
for (const one of first(parties)) truth.push(one.truth)
const making = elapsed()
console.log(`making ${truth.length} records alone: ${making.toFixed(1)} s`)

begun = performance.now()
const resolution = await resolveParties(recordsOf(first(parties)), { threads })
const seconds = elapsed() - making
// Threads share our memory, so that this is all of it; the timer of watchMemory would not fire in long loops.
const peak = process.resourceUsage().maxRSS * 1024
begun = performance.now()
const keys = new Map<string, number>()
for (const { record } of first(parties)) {
  const { surname, given, birth } = normalise(record)
  const key = `${surname}|${given}|${birth}`
  keys.set(key, (keys.get(key) ?? 0) + 1)
}
const yardstick = elapsed() - making
console.log(`yardstick, name and birthday equal: ${yardstick.toFixed(1)} s, ${keys.size} keys`)
keys.clear()

const compared = resolution.matched.reduce((sum, one) => sum + one.compared, 0)
console.log(
  `${parties} parties against each other, ${threads} threads: ${seconds.toFixed(1)} s without making them, ratio ${(seconds / yardstick).toFixed(1)}; ${compared} pairs compared, peak ${mebibytes(peak)} resident`,
)
console.log(qualityText('  quality', qualityOf(resolution, truth)))

const check = openEntry(resolution.matched)
const times: number[] = []
let right = 0
let wrong = 0
// Records as a counter would type them: parties that are known, written once more by other hands.
for (const one of first(option('checks', 2000), 1)) {
  begun = performance.now()
  const [best] = check(one.record)
  times.push(performance.now() - begun)
  if (best && truth[best.place] === one.truth) right++
  else if (best && best.verdict !== 'possible') wrong++
}
const ms = (q: number) => `${quantile(times, q).toFixed(2)} ms`
console.log(
  `check at entry, ${times.length} records: p50 ${ms(0.5)}, p95 ${ms(0.95)}, p99 ${ms(0.99)}, worst ${ms(1)}; ${right} found their party first, ${wrong} another one`,
)

function* first(count: number, hand = 0): Generator<SourceRecord> {
  let left = count
  for (const one of sourceRecords({ parties: count, seed, hand })) {
    if (left-- === 0) return
    yield one
  }
}

function* recordsOf(sources: Iterable<SourceRecord>): Generator<PartyRecord> {
  for (const { record } of sources) yield record
}

function elapsed(): number {
  return (performance.now() - begun) / 1000
}
