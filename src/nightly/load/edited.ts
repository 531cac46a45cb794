/** What a load does to facts that staff have edited: the newer wins, and a conflict is kept to be seen. */
import type pg from 'pg'
import { type Edit, type Facts, openEdit, outcomeOf, sealEdit } from '../../access/edits.ts'
import { knowGenerations } from '../../access/keys.ts'
import { openFacts, partyKey } from '../../access/seal.ts'
import { factsOf, writtenFacts } from '../../desk/customers/written.ts'
import type { Merge } from './merge.ts'

interface Staged {
  party_id: bigint
  kind: 'person' | 'company'
  occupation: string | null
  sealed: Buffer
  missing: string[]
  wrapped: Buffer
  edits: { field: keyof Facts; sealed: string }[]
}

/** Puts edited values into `stage_party` where the edit is newer than the file. Few customers have any. */
export async function keepEdits({ client, loadId, workplace: { keys } }: Merge): Promise<void> {
  const found = await client.query<Staged>(
    `select s.id as party_id, s.kind, s.occupation, s.sealed, s.missing, k.wrapped, e.edits
     from (select party_id, json_agg(json_build_object('field', field, 'sealed', encode(sealed, 'hex')) order by field)
         as edits from party_edit where conflict_load_id is null group by party_id) e
     join stage_party s on s.id = e.party_id join party_key k on k.party_id = e.party_id order by s.id`,
  )
  await knowGenerations(
    keys,
    found.rows.map((row) => row.wrapped),
  )
  for (const { party_id: id, kind, occupation, sealed, missing, wrapped, edits } of found.rows) {
    const key = partyKey(keys, id, wrapped)
    const personal = openFacts(key, id, sealed)
    const brought = factsOf(personal, occupation)
    const after = { ...brought }
    for (const { field, sealed: stored } of edits) {
      const edit = openEdit<Edit>(key, id, field, Buffer.from(stored, 'hex'))
      const outcome = outcomeOf(edit, brought[field])
      if (outcome === 'kept') after[field] = edit.is
      else if (outcome === 'settled') await settle(client, id, field)
      else await noteConflict(client, { id, field, loadId, brought: sealEdit(key, id, field, brought[field]) })
    }
    const row = writtenFacts(keys, { id, kind, key, personal, missing }, after)
    await client.query(
      `update stage_party set sealed = $2, occupation = $3, phone_last4 = $4, phone_token = $5, missing = $6, quality = $7
       where id = $1`,
      [id, row.sealed, row.occupation, row.phoneLast4, row.phoneToken, row.missing, row.quality],
    )
  }
}

async function settle(client: pg.PoolClient, id: bigint, field: keyof Facts): Promise<void> {
  await client.query('delete from party_edit where party_id = $1 and field = $2', [id, field])
}

async function noteConflict(
  client: pg.PoolClient,
  { id, field, loadId, brought }: { id: bigint; field: keyof Facts; loadId: number; brought: Buffer },
): Promise<void> {
  await client.query(
    `update party_edit set conflict_load_id = $3, conflict_at = now(), conflict_sealed = $4
     where party_id = $1 and field = $2`,
    [id, field, loadId, brought],
  )
}
