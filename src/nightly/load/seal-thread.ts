/** A thread that seals batches. See seal-threads.ts, its only caller. */
import { parentPort, workerData } from 'node:worker_threads'
import { openKeys } from '../../access/keys.ts'
import { present } from '../../kit/assert.ts'
import type { KeySource } from './seal-threads.ts'
import { type Batch, sealBatch } from './sealed-rows.ts'

const keys = openKeys(workerData as KeySource)
const port = present(parentPort, 'the thread that asks')

port.on('message', (batch: Batch) => {
  const sealed = sealBatch(keys, batch)
  port.postMessage(sealed)
})
