/**
 * All records of a kind as columns of numbers in shared memory: what threads compare. Rows lie in an order that follows
 * from their content alone, so that nothing after this depends on the order in which the records came.
 */
import { assert } from '../kit/assert.ts'
import { Dictionary, mixed, shared, type Texts } from './dictionary.ts'
import { type Field, fields, type Normal, type PartyKind } from './record.ts'

/** Blocking packs a row beside a hash into 53 bits. */
export const rowsMax = 2 ** 21 - 1

type DomainName = 'name' | 'sound' | 'birth' | 'identity' | 'phone' | 'email' | 'number' | 'place' | 'postcode'

// Fields that are compared crosswise share the numbers of their texts.
const domainOf: Record<Field, DomainName> = {
  given: 'name',
  surname: 'name',
  givenSound: 'sound',
  surnameSound: 'sound',
  birth: 'birth',
  identity: 'identity',
  phone: 'phone',
  email: 'email',
  number: 'number',
  street: 'place',
  building: 'place',
  district: 'place',
  postcode: 'postcode',
  region: 'place',
}

export interface Columns {
  kind: PartyKind
  rows: number
  /** The texts behind the numbers of each field. */
  texts: Record<Field, Texts>
  /** The number of the text of each row, 0 where it is missing; one place more than rows, for a record at entry. */
  ids: Record<Field, Int32Array>
  /** −log2 of the share of rows with this text, among those that have the field. */
  rarity: Record<Field, Float32Array>
  /** The chance that two different rows which have the field agree in it. */
  agreement: Record<Field, number>
  verified: Uint8Array
  /** −log2 of the share of rows at the same address, by row: all that an address, however many its parts, can tell. */
  homeRarity: Float32Array
  /** What `homeRarity` usually is where two rows share an address. */
  homeUsual: number
}

/** Columns with what it takes to find a text again. */
export interface Filled {
  columns: Columns
  dictionaries: Record<DomainName, Dictionary>
  /** For each row the place of its record in what was read. */
  origin: Int32Array
}

/** Takes records one by one, holds none of them, and gives their columns in the end. */
export class Filling {
  private readonly dictionaries = perDomain()
  private capacity = 1024
  private ids = perField(() => new Int32Array(this.capacity))
  private verified = new Uint8Array(this.capacity)
  private rows = 0
  private readonly kind: PartyKind

  constructor(kind: PartyKind) {
    this.kind = kind
  }

  add(record: Normal): void {
    assert(this.rows < rowsMax, `at most ${rowsMax} records are matched at once`)
    if (this.rows >= this.capacity) {
      this.capacity *= 2
      for (const field of fields) this.ids[field] = wider(this.ids[field], new Int32Array(this.capacity))
      this.verified = wider(this.verified, new Uint8Array(this.capacity))
    }
    for (const field of fields) this.ids[field][this.rows] = this.dictionaries[domainOf[field]].intern(record[field])
    this.verified[this.rows++] = record.verified ? 1 : 0
  }

  finish(): Filled {
    const { rows, dictionaries } = this
    const origin = contentOrder(rows, this.ids, dictionaries)
    const columns: Columns = {
      kind: this.kind,
      rows,
      texts: perField((field) => dictionaries[domainOf[field]].texts),
      ids: perField((field) => arranged(this.ids[field], origin)),
      rarity: perField(() => new Float32Array(0)),
      agreement: perField(() => 0),
      verified: new Uint8Array(shared(rows + 1)),
      homeRarity: new Float32Array(shared(4 * (rows + 1))),
      homeUsual: 0,
    }
    for (let row = 0; row < rows; row++) columns.verified[row] = this.verified[origin[row]!]!
    for (const field of fields) countValues(columns, field, dictionaries[domainOf[field]].count)
    countHomes(columns)
    return { columns, dictionaries, origin }
  }
}

/** Puts a record into the place after the last row; `done` takes its new texts out again. Its row is `columns.rows`. */
export function placeProbe({ columns, dictionaries }: Filled, record: Normal): () => void {
  const added: Dictionary[] = []
  for (const field of fields) {
    const dictionary = dictionaries[domainOf[field]]
    if (dictionary.find(record[field]) < 0) added.push(dictionary)
    columns.ids[field][columns.rows] = dictionary.intern(record[field])
    columns.texts[field] = dictionary.texts
  }
  columns.verified[columns.rows] = record.verified ? 1 : 0
  return () => {
    for (const dictionary of added.reverse()) dictionary.forgetLast()
  }
}

/** Rows by the hash of all their texts; equal hashes, which at a million rows some have, by a second one. */
function contentOrder(
  rows: number,
  ids: Record<Field, Int32Array>,
  dictionaries: Record<DomainName, Dictionary>,
): Int32Array {
  const contentHash = (row: number, seed: number) => {
    let hash = seed
    for (const field of fields) hash = mixed(hash, dictionaries[domainOf[field]].texts.hash[ids[field][row]!]!)
    return hash
  }
  const packed = new Float64Array(rows)
  for (let row = 0; row < rows; row++) packed[row] = contentHash(row, 1) * 2 ** 21 + row
  packed.sort()
  const order = new Int32Array(rows)
  for (let at = 0; at < rows; at++) order[at] = packed[at]! % 2 ** 21
  for (let from = 0, to = 1; from < rows; from = to++) {
    while (to < rows && Math.floor(packed[to]! / 2 ** 21) === Math.floor(packed[from]! / 2 ** 21)) to++
    if (to - from > 1)
      order
        .subarray(from, to)
        .sort((a, b) => contentHash(a, 2) - contentHash(b, 2) || contentHash(a, 3) - contentHash(b, 3))
  }
  return order
}

function arranged(ids: Int32Array, origin: Int32Array): Int32Array {
  const moved = new Int32Array(shared(4 * (origin.length + 1)))
  for (let row = 0; row < origin.length; row++) moved[row] = ids[origin[row]!]!
  return moved
}

function countValues(columns: Columns, field: Field, texts: number): void {
  const ids = columns.ids[field]
  const counts = new Int32Array(texts)
  for (let row = 0; row < columns.rows; row++) counts[ids[row]!]!++
  const present = columns.rows - counts[0]!
  const rarity = new Float32Array(shared(4 * texts))
  let pairs = 0
  for (let id = 1; id < texts; id++) {
    const count = counts[id]!
    pairs += count * (count - 1)
    // Two of them are there whenever two rows agree, so a text that stands once counts as two.
    rarity[id] = Math.log2(Math.max(present, 4) / Math.max(count, 2))
  }
  columns.rarity[field] = rarity
  columns.agreement[field] = present > 1 ? pairs / (present * (present - 1)) : 0
}

const within = ['street', 'number', 'building'] as const
const around = ['district', 'postcode', 'region'] as const

/** The hash of an address; 0 where too little of it is known. */
export function homeHash({ ids, texts }: Columns, row: number): number {
  let hash = 3
  let known = 0
  for (const field of within) {
    if (ids[field][row] !== 0) known++
    hash = mixed(hash, texts[field].hash[ids[field][row]!]!)
  }
  if (known >= 2) return hash || 1
  // Districts and cities are often left out, so they count only where the rest does not make an address.
  for (const field of around) {
    if (ids[field][row] !== 0) known++
    hash = mixed(hash, texts[field].hash[ids[field][row]!]!)
  }
  return known >= 3 ? hash || 1 : 0
}

function countHomes(columns: Columns): void {
  const { rows } = columns
  const packed = new Float64Array(rows)
  for (let row = 0; row < rows; row++) packed[row] = homeHash(columns, row) * 2 ** 21 + row
  packed.sort()
  let pairs = 0
  for (let from = 0, to = 1; from < rows; from = to++) {
    const hash = Math.floor(packed[from]! / 2 ** 21)
    while (to < rows && Math.floor(packed[to]! / 2 ** 21) === hash) to++
    if (hash !== 0) pairs += (to - from) * (to - from - 1)
    const rarity = Math.log2(Math.max(rows, 4) / (hash === 0 ? 2 : Math.max(to - from, 2)))
    for (let at = from; at < to; at++) columns.homeRarity[packed[at]! % 2 ** 21] = rarity
  }
  const rarest = Math.log2(Math.max(rows, 4) / 2)
  columns.homeRarity[rows] = rarest
  // Where nobody shares one, the first who do are as rare as can be.
  columns.homeUsual = pairs > 0 ? Math.min(rarest, Math.log2((rows * (rows - 1)) / pairs)) : rarest
}

function wider<T extends Int32Array | Uint8Array>(from: T, into: T): T {
  into.set(from)
  return into
}

function perField<T>(make: (field: Field) => T): Record<Field, T> {
  return Object.fromEntries(fields.map((field) => [field, make(field)])) as Record<Field, T>
}

function perDomain(): Record<DomainName, Dictionary> {
  return Object.fromEntries(Object.values(domainOf).map((name) => [name, new Dictionary()])) as Record<
    DomainName,
    Dictionary
  >
}
