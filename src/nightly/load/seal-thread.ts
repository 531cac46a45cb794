/** A thread that seals batches. See seal-threads.ts, its only caller. */
import { parentPort } from 'node:worker_threads'
import { present } from '../../kit/assert.ts'
import { type Batch, sealBatch } from './sealed-rows.ts'

const port = present(parentPort, 'the thread that asks')

port.on('message', (batch: Batch) => {
  const sealed = sealBatch(batch)
  port.postMessage(sealed)
})
