/**
 * Sealing in threads: the rows of a file are cut into batches of whole lines, sealed side by side and given back in
 * their order. A file of one batch is sealed here, because a thread takes longer to start than that.
 */
import { createReadStream } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Keys } from '../../access/keys.ts'
import { type Batch, type SealedBatch, type SealedNoun, sealBatch, type Wrapped } from './sealed-rows.ts'

interface SealInput {
  /** Rows as JSON, one a line. */
  path: string
  noun: SealedNoun
  keys: Keys
  wrapped: ((batch: Buffer) => Promise<Wrapped>) | undefined
}

const threadsMax = 4
const batchBytes = 1 << 20

/** The rows of a file, sealed, in their order. */
export async function* sealedBatches(input: SealInput): AsyncGenerator<SealedBatch> {
  const batches = batchesOf(input)
  const first = await batches.next()
  if (first.done) return
  const second = await batches.next()
  if (second.done) {
    yield sealBatch(first.value)
    return
  }
  const threads = Array.from({ length: Math.min(threadsMax, availableParallelism()) }, () => new Thread())
  try {
    // Each thread has one batch under way and one waiting.
    const under: Promise<SealedBatch>[] = []
    let next = 0
    const give = (batch: Batch) => under.push(threads[next++ % threads.length]!.seal(batch))
    give(first.value)
    give(second.value)
    for await (const batch of batches) {
      if (under.length >= threads.length * 2) yield await under.shift()!
      give(batch)
    }
    for (const sealed of under) yield await sealed
  } finally {
    await Promise.all(threads.map((thread) => thread.end()))
  }
}

async function* batchesOf(input: SealInput): AsyncGenerator<Batch> {
  let rest = Buffer.alloc(0)
  const batch = async (json: Buffer): Promise<Batch> => ({
    noun: input.noun,
    json,
    wrapped: (await input.wrapped?.(json)) ?? new Map(),
    // After the keys of its parties were fetched, which may need a generation that was not known before.
    keys: input.keys.material(),
  })
  for await (const read of createReadStream(input.path, { highWaterMark: batchBytes })) {
    const bytes = Buffer.concat([rest, read as Buffer])
    const cut = bytes.lastIndexOf(10) + 1
    if (cut > 0) yield await batch(bytes.subarray(0, cut))
    rest = Buffer.from(bytes.subarray(cut))
  }
  if (rest.length > 0) yield await batch(rest)
}

/** A worker that answers batches in the order in which they were given. */
class Thread {
  readonly #worker: Worker
  readonly #waiting: { resolve(sealed: SealedBatch): void; reject(error: unknown): void }[] = []

  constructor() {
    this.#worker = new Worker(new URL('./seal-thread.ts', import.meta.url), { execArgv: [] })
    this.#worker.on('message', (sealed: SealedBatch) => this.#waiting.shift()?.resolve(sealed))
    const fail = (error: unknown) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error)
    }
    this.#worker.on('error', fail)
    this.#worker.on('exit', (code) => fail(new Error(`a thread that seals ended (${code})`)))
  }

  seal(batch: Batch): Promise<SealedBatch> {
    const sealed = new Promise<SealedBatch>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    // It may fail before its turn to be waited for comes.
    sealed.catch(() => undefined)
    this.#worker.postMessage(batch)
    return sealed
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
