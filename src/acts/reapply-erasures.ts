/** Ledger and record agree again: after a restore the record forgot erasures, after a loss of the file the ledger did. */
import type pg from 'pg'
import { type ErasingPlace, eraseAgain } from './erase.ts'
import { appendErasure, type Erasure, readErasures } from './erasure-ledger.ts'

/** Called at every start; returns how many erasures were done again. Refuses erasures_invalid, load_busy. */
export async function reapplyErasures(place: ErasingPlace): Promise<number> {
  const known = await recorded(place.owner)
  const inRecord = new Set(known.flatMap((erasure) => erasure.customerNos))
  const ledger = readErasures(place)
  const inLedger = new Set(ledger.flatMap((erasure) => erasure.customerNos))
  const forgotten = ledger.filter((erasure) => erasure.customerNos.some((no) => !inRecord.has(no)))
  for (const erasure of forgotten) await eraseAgain(place, erasure)
  for (const erasure of known) {
    if (erasure.customerNos.some((no) => !inLedger.has(no))) appendErasure(place, erasure)
  }
  return forgotten.length
}

async function recorded(owner: pg.Pool): Promise<Erasure[]> {
  const found = await owner.query<{ numbers: string[]; erased_at: Date; erased_by: string; reason: string }>(
    `select array_agg(customer_no order by customer_no) as numbers, erased_at, erased_by, reason from erasure
     group by coalesce(party_id, -id), erased_at, erased_by, reason order by min(id)`,
  )
  return found.rows.map((row) => ({
    customerNos: row.numbers,
    erasedAt: row.erased_at.toISOString(),
    by: row.erased_by,
    reason: row.reason,
  }))
}
