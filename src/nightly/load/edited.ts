/** What a load does to facts that staff have edited: the newer wins, and a conflict is kept to be seen. */
import type pg from 'pg'
import { type Edit, type EditableField, openEdit, outcomeOf, sealEdit } from '../../access/edits.ts'
import { partyKey } from '../../access/seal.ts'
import type { Merge } from './merge.ts'
import type { CustomerRow } from './record-customers.ts'

/** Puts edited values into the rows where the edit is newer than the file; `wrapped` are the keys of the rows' parties. */
export async function keepEdits(
  merge: Merge,
  rows: readonly CustomerRow[],
  wrapped: ReadonlyMap<string, Buffer>,
): Promise<void> {
  const { client, loadId, workplace } = merge
  const edits = await client.query<{ party_id: bigint; field: EditableField; sealed: Buffer }>(
    `select party_id, field, sealed from party_edit
     where party_id = any($1::bigint[]) and conflict_load_id is null order by party_id, field`,
    [[...wrapped.keys()]],
  )
  if (edits.rows.length === 0) return
  const rowOf = new Map(rows.map((row) => [row.party_id, row]))
  for (const { party_id, field, sealed } of edits.rows) {
    const row = rowOf.get(String(party_id))
    const own = wrapped.get(String(party_id))
    if (!row || !own) continue
    const key = partyKey(workplace.keys, party_id, own)
    const edit = openEdit<Edit>(key, party_id, field, sealed)
    const brought = row[field] || null
    switch (outcomeOf(edit, brought)) {
      case 'settled':
        await client.query('delete from party_edit where party_id = $1 and field = $2', [party_id, field])
        break
      case 'kept':
        row[field] = edit.is
        break
      case 'overtaken':
        await noteConflict(client, {
          partyId: party_id,
          field,
          loadId,
          brought: sealEdit(key, party_id, field, brought),
        })
    }
  }
}

async function noteConflict(
  client: pg.PoolClient,
  { partyId, field, loadId, brought }: { partyId: bigint; field: EditableField; loadId: number; brought: Buffer },
): Promise<void> {
  await client.query(
    `update party_edit set conflict_load_id = $3, conflict_at = now(), conflict_sealed = $4
     where party_id = $1 and field = $2`,
    [partyId, field, loadId, brought],
  )
}
