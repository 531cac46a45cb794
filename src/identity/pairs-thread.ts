/** A thread that scores pairs. See pairs.ts, its only caller. */
import { parentPort, workerData } from 'node:worker_threads'
import { present } from '../kit/assert.ts'
import { type Job, type Shared, scoreJob } from './pairs.ts'

const port = present(parentPort, 'the thread that asks')
const input = workerData as Shared

port.on('message', (job: Job) => port.postMessage(scoreJob(input, job)))
