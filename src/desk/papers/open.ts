/** Opening the file of a paper: by the unit that holds it, a release, or a rule; on record each time. */
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import { mustRead } from '../../access/fields.ts'
import { showPaperFile } from '../../access/show.ts'
import type { PaperMedia, PaperPurpose } from '../../contract/paper-words.ts'
import type { Trx } from '../../db/database.ts'
import { refuse } from '../../kit/refusal.ts'
import { type AtWork, paperNamed, standBy } from './places.ts'

interface Row {
  party_id: bigint
  kind: string
  unit: string
  media: PaperMedia
  digest: Buffer
  gone_at: Date | null
  ground: 'unit' | 'release' | 'rule' | null
  request_id: bigint | null
  rule_id: number | null
  basis: string | null
  sealed: Buffer | null
  wrapped: Buffer | null
}

/**
 * The bytes as they were handed in. Refuses not_found, paper_elsewhere for whoever may not open it, paper_gone,
 * field_hidden for a role that reads no identities, key_needs_person. Audited with the ground.
 */
export async function openFile(
  trx: Trx,
  id: number,
  purpose: PaperPurpose | undefined,
  work: AtWork,
): Promise<{ bytes: Buffer; media: PaperMedia }> {
  const { session, keys, clock, address } = work
  if (session.byKey) refuse('key_needs_person')
  mustRead(session, 'identity')
  await standBy(trx, work, 'papers.open', purpose)
  const { rows } = await sql<Row>`select p.party_id, p.kind, u.name as unit, p.media, p.digest, p.gone_at,
      strata.paper_ground(p.id) as ground, c.sealed, y.wrapped, q.id as request_id, r.id as rule_id, r.basis
    from paper p join unit u on u.id = p.unit_id left join paper_content c on c.paper_id = p.id
    left join party_key y on y.party_id = p.party_id
    left join paper_rule r on r.kind = p.kind and r.purpose = ${purpose ?? ''} and r.ended_at is null
    left join lateral (select q.id from paper_request q where q.paper_id = p.id and q.login_id = ${session.loginId}
      and q.decision = 'released' and q.until > ${clock.now()} order by q.until desc limit 1) q on true
    where p.id = ${id}`.execute(trx)
  const row = rows[0] ?? refuse('not_found', paperNamed(id))
  if (row.ground === null) refuse('paper_elsewhere', { unit: row.unit })
  if (row.gone_at !== null || row.sealed === null) refuse('paper_gone')
  const { party_id: partyId, wrapped, digest, sealed } = row
  const bytes = showPaperFile(keys, { partyId, wrapped, digest, sealed }) ?? refuse('paper_gone')
  await audit(trx, {
    who: session.who,
    action: 'openPaper',
    noun: 'paper',
    nounId: String(id),
    partyId,
    after: {
      kind: row.kind,
      ground: row.ground,
      ...(row.ground === 'release' && { request: String(row.request_id) }),
      ...(row.ground === 'rule' && { rule: row.rule_id, basis: row.basis, purpose }),
    },
    address,
  })
  return { bytes, media: row.media }
}
