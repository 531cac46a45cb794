/** How well records were resolved: pairs within found parties against pairs within true ones, which the matcher never sees. */
import { readFileSync } from 'node:fs'
import type { PartyRecord } from '../../src/identity/record.ts'
import type { Resolution } from '../../src/identity/resolve.ts'

export interface Labelled {
  records: PartyRecord[]
  /** For each record the entity it belongs to. */
  truth: string[]
}

export interface Quality {
  f1: number
  precision: number
  recall: number
  /** Share of the true pairs that were compared in some pass. */
  blockingRecall: number
  truePairs: number
}

/** A febrl data set as records; `rec_id` gives the truth and `soc_sec_id` is left out. */
export function readFebrl(path: string): Labelled {
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  const names = cellsOf(head!)
  const rows = lines.map((line) => {
    const cells = cellsOf(line)
    return (name: string) => cells[names.indexOf(name)] ?? ''
  })
  return {
    records: rows.map((cell) => ({
      kind: 'person',
      givenName: cell('given_name'),
      surname: cell('surname'),
      birthOn: cell('date_of_birth'),
      addressParts: {
        number: cell('street_number'),
        street: cell('address_1'),
        building: cell('address_2'),
        district: cell('suburb'),
        postcode: cell('postcode'),
        region: cell('state'),
      },
    })),
    truth: rows.map((cell) => cell('rec_id').split('-')[1]!),
  }
}

function cellsOf(line: string): string[] {
  return line.split(',').map((cell) => cell.trim())
}

/** Pairwise precision, recall and F1 after clustering, and the recall of blocking. */
export function qualityOf({ partyOf, matched }: Resolution, truth: readonly string[]): Quality {
  const rowOf = new Int32Array(truth.length)
  const kindOf = new Int32Array(truth.length)
  for (const [kind, { filled, places }] of matched.entries())
    for (const [row, at] of filled.origin.entries()) {
      rowOf[places[at]!] = row
      kindOf[places[at]!] = kind
    }
  let found = 0
  for (const members of grouped([...partyOf])) found += pairs(members.length)
  let truePairs = 0
  let hits = 0
  let compared = 0
  for (const members of grouped(truth)) {
    truePairs += pairs(members.length)
    for (const [i, a] of members.entries())
      for (const b of members.slice(i + 1)) {
        if (partyOf[a] === partyOf[b]) hits++
        if (kindOf[a] !== kindOf[b]) continue
        const groups = matched[kindOf[a]!]!.groups
        if (groups.some(({ groupOf: of }) => of[rowOf[a]!]! >= 0 && of[rowOf[a]!] === of[rowOf[b]!])) compared++
      }
  }
  const precision = hits / found
  const recall = hits / truePairs
  const f1 = (2 * precision * recall) / (precision + recall)
  return { f1, precision, recall, blockingRecall: compared / truePairs, truePairs }
}

/** One line for a person to read. */
export function qualityText(name: string, quality: Quality): string {
  const share = (value: number) => value.toFixed(5)
  return `${name}: F1 ${share(quality.f1)}, precision ${share(quality.precision)}, recall ${share(quality.recall)}, blocking recall ${share(quality.blockingRecall)}, ${quality.truePairs} true pairs`
}

function grouped<T>(keys: readonly T[]): number[][] {
  const groups = new Map<T, number[]>()
  for (const [i, key] of keys.entries()) {
    const group = groups.get(key)
    if (group) group.push(i)
    else groups.set(key, [i])
  }
  return [...groups.values()]
}

function pairs(count: number): number {
  return (count * (count - 1)) / 2
}
