/** Scoring all pairs of all passes, here or in threads that read the same memory. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { eachPair, type Groups } from './blocking.ts'
import type { Edges } from './cluster.ts'
import type { Columns } from './columns.ts'
import type { Model } from './learn.ts'
import { scorer, threshold } from './score.ts'

/** What a thread is given at its start. */
export interface Shared {
  columns: Columns
  groups: Groups[]
  model: Model
}

/** Groups of one pass, about as many pairs as in any other job. */
export interface Job {
  id: number
  pass: number
  from: number
  to: number
}

/** What came of a job. */
export interface Scored extends Edges {
  id: number
  compared: number
}

const jobPairs = 400_000
/** Below this many rows a thread takes longer to start than the work. */
const threadsFromRows = 20_000

/** The pairs above the threshold, in the same order whatever the number of threads, and how many were compared. */
export async function scorePairs(input: Shared, wanted?: number): Promise<Edges & { compared: number }> {
  const usual = input.columns.rows < threadsFromRows ? 1 : availableParallelism()
  const threads = wanted ?? usual
  const jobs = jobsOf(input.groups)
  const done = threads < 2 ? jobs.map((job) => scoreJob(input, job)) : await inThreads(input, jobs, threads)
  const total = done.reduce((sum, { a }) => sum + a.length, 0)
  const edges = { a: new Int32Array(total), b: new Int32Array(total), bits: new Float32Array(total) }
  let at = 0
  let compared = 0
  for (const part of done) {
    edges.a.set(part.a, at)
    edges.b.set(part.b, at)
    edges.bits.set(part.bits, at)
    at += part.a.length
    compared += part.compared
  }
  return { ...edges, compared }
}

/** Scores the pairs of one job. */
export function scoreJob({ columns, groups, model }: Shared, job: Job): Scored {
  const score = scorer(columns, model)
  const a: number[] = []
  const b: number[] = []
  const bits: number[] = []
  let compared = 0
  eachPair(groups, job.pass, job.from, job.to, (x, y) => {
    compared++
    const found = score(x, y, threshold)
    if (found < threshold) return
    a.push(x)
    b.push(y)
    bits.push(found)
  })
  return { id: job.id, compared, a: Int32Array.from(a), b: Int32Array.from(b), bits: Float32Array.from(bits) }
}

function jobsOf(groups: readonly Groups[]): Job[] {
  const jobs: Job[] = []
  for (const [pass, { starts }] of groups.entries()) {
    let from = 0
    let pairs = 0
    for (let g = 0; g + 1 < starts.length; g++) {
      const rows = starts[g + 1]! - starts[g]!
      pairs += (rows * (rows - 1)) / 2
      if (pairs < jobPairs && g + 2 < starts.length) continue
      jobs.push({ id: jobs.length, pass, from, to: g + 1 })
      from = g + 1
      pairs = 0
    }
  }
  return jobs
}

function inThreads(input: Shared, jobs: readonly Job[], threads: number): Promise<Scored[]> {
  const done: Scored[] = []
  let next = 0
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./pairs-thread.ts', import.meta.url), { workerData: input })
      const give = () => {
        if (next < jobs.length) worker.postMessage(jobs[next++]!)
        else worker.terminate().then(() => resolve(), reject)
      }
      worker.on('message', (scored: Scored) => {
        done[scored.id] = scored
        give()
      })
      worker.on('error', reject)
      give()
    })
  return Promise.all(Array.from({ length: threads }, work)).then(() => done)
}
