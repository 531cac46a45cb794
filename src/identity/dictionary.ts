/**
 * Texts as small numbers. Everything lies in shared memory, so that threads read it without a copy, and a text is found
 * by an open hash table instead of a Map: a million phone numbers take 40 MB instead of 150.
 */
import { unitsMax } from './similarity.ts'

export interface Texts {
  /** Of each text, from its characters alone: the same whatever came before it. */
  hash: Uint32Array
  /** Where each text begins in `units`; the next one's beginning is its end. */
  start: Int32Array
  units: Uint16Array
}

export class Dictionary {
  /** Texts in it, the empty one (number 0) included. */
  count = 1
  texts: Texts = {
    hash: new Uint32Array(shared(4 * 1024)),
    start: new Int32Array(shared(4 * 1024)),
    units: new Uint16Array(shared(2 * 8192)),
  }
  private table = new Int32Array(4096)

  /** The number of a text, a new one if it is new; 0 for the empty text. */
  intern(text: string): number {
    const found = this.find(text)
    if (found >= 0) return found
    if (this.count + 2 > this.texts.hash.length) this.growTexts()
    if (this.count * 2 > this.table.length) this.growTable()
    const { hash, start } = this.texts
    const id = this.count++
    const from = start[id]!
    const length = Math.min(text.length, unitsMax)
    if (from + length > this.texts.units.length) this.growUnits(from + length)
    for (let i = 0; i < length; i++) this.texts.units[from + i] = text.charCodeAt(i)
    start[id + 1] = from + length
    hash[id] = hashOf(text)
    this.table[this.slot(text, hash[id]!)] = id
    return id
  }

  /** The number of a text, −1 if it is not here. */
  find(text: string): number {
    if (text === '') return 0
    return this.table[this.slot(text, hashOf(text))]! || -1
  }

  /** Takes out the newest text again, which must be number `count` − 1. */
  forgetLast(): void {
    const id = this.count - 1
    const { hash } = this.texts
    let at = hash[id]! & (this.table.length - 1)
    while (this.table[at] !== id) at = (at + 1) & (this.table.length - 1)
    // The newest was put into the first free place of its row of places, so nothing lies behind it.
    this.table[at] = 0
    this.count = id
  }

  private slot(text: string, hash: number): number {
    const mask = this.table.length - 1
    let at = hash & mask
    while (this.table[at] !== 0 && !this.is(this.table[at]!, hash, text)) at = (at + 1) & mask
    return at
  }

  private is(id: number, hash: number, text: string): boolean {
    const { texts } = this
    if (texts.hash[id] !== hash) return false
    const from = texts.start[id]!
    const length = Math.min(text.length, unitsMax)
    if (texts.start[id + 1]! - from !== length) return false
    for (let i = 0; i < length; i++) if (texts.units[from + i] !== text.charCodeAt(i)) return false
    return true
  }

  private growTexts(): void {
    const { hash, start } = this.texts
    this.texts.hash = new Uint32Array(shared(hash.byteLength * 2))
    this.texts.hash.set(hash)
    this.texts.start = new Int32Array(shared(start.byteLength * 2))
    this.texts.start.set(start)
  }

  private growUnits(least: number): void {
    const { units } = this.texts
    this.texts.units = new Uint16Array(shared(2 * Math.max(least, units.length * 2)))
    this.texts.units.set(units)
  }

  private growTable(): void {
    this.table = new Int32Array(this.table.length * 2)
    const mask = this.table.length - 1
    for (let id = 1; id < this.count; id++) {
      let at = this.texts.hash[id]! & mask
      while (this.table[at] !== 0) at = (at + 1) & mask
      this.table[at] = id
    }
  }
}

/** FNV-1a over the units of a text (of its beginning, if it is long), mixed once more; never 0. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  const length = Math.min(text.length, unitsMax)
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mixed(hash, 0) || 1
}

/** Two hashes as one; the order matters. */
export function mixed(a: number, b: number): number {
  let x = (a ^ Math.imul(b + 0x9e3779b9, 0x85ebca6b)) | 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return (x ^ (x >>> 15)) >>> 0
}

export function shared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes)
}
