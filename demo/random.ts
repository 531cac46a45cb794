/**
 * Random numbers of the demo bank. Every customer, account and file draws from its own stream, keyed by the seed, a
 * purpose and a number, so that nothing depends on the order in which things are made: same seed, same bytes.
 */

/** Purposes keep the streams of one thing (its name, its money, its dirt) apart; any small distinct integers do. */
export const purpose = {
  block: 1,
  portfolio: 2,
  balance: 3,
  company: 4,
  organisation: 5,
  market: 6,
  dirt: 7,
  desk: 8,
  bench: 9,
  sources: 10,
  hands: 11,
} as const

/** A stream: sfc32, 128 bits of state, passes PractRand; 32-bit integer steps only, so equal on every machine. */
export class Random {
  private a = 0
  private b = 0
  private c = 0
  private counter = 1
  private spare = Number.NaN

  constructor(seed: number, stream: number, key = 0) {
    this.reset(seed, stream, key)
  }

  /** Starts the stream of (seed, stream, key); reusing an object in hot loops spares its allocation. */
  reset(seed: number, stream: number, key: number): this {
    this.a = mix(seed ^ 0x9e3779b9)
    this.b = mix(this.a ^ Math.imul(stream + 1, 0x85ebca6b))
    this.c = mix(this.b ^ Math.imul(key | 0, 0xc2b2ae35) ^ (key / 4294967296))
    this.counter = 1
    this.spare = Number.NaN
    for (let i = 0; i < 8; i++) this.bits()
    return this
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + t
    this.c |= 0
    return t >>> 0
  }

  /** In [0, 1). */
  unit(): number {
    return this.bits() / 4294967296
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit()
  }

  /** An integer in [0, count). */
  int(count: number): number {
    return Math.floor(this.unit() * count)
  }

  chance(probability: number): boolean {
    return this.unit() < probability
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)]!
  }

  /** Standard normal, polar method; each second value is kept. */
  normal(): number {
    if (!Number.isNaN(this.spare)) {
      const kept = this.spare
      this.spare = Number.NaN
      return kept
    }
    for (;;) {
      const u = 2 * this.unit() - 1
      const v = 2 * this.unit() - 1
      const s = u * u + v * v
      if (s === 0 || s >= 1) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      this.spare = v * factor
      return u * factor
    }
  }
}

/** A choice by weight; the cumulative table is built once. */
export function weighted<T>(table: readonly (readonly [T, number])[]): (random: Random) => T {
  const ends: number[] = []
  let total = 0
  for (const [, weight] of table) {
    total += weight
    ends.push(total)
  }
  return (random) => {
    const at = random.unit() * total
    let low = 0
    let high = ends.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! > at) high = middle
      else low = middle + 1
    }
    return table[low]![0]
  }
}

function mix(value: number): number {
  let x = value | 0
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
  return (x ^ (x >>> 15)) | 0
}
