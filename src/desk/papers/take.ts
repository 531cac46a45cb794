/** Taking papers in, once; withdrawing them; using a held one instead of asking again. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import { knowGenerations } from '../../access/keys.ts'
import { paperDigest, partyKey, sealPaper } from '../../access/seal.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import { type PaperPurpose, paperStateWords } from '../../contract/paper-words.ts'
import { paperBytesMax, type takePaper } from '../../contract/papers.ts'
import type { Trx } from '../../db/database.ts'
import { present } from '../../kit/assert.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { partyByNo } from '../customers/page.ts'
import { kindCalled } from './kinds.ts'
import { isUsable, mediaOf } from './papers.ts'
import { type AtWork, actingUnit, paperNamed, standBy } from './places.ts'
import { paperCalled, stateNow } from './read.ts'

type Paper = Output<typeof takePaper>

/**
 * Seals the file under the customer's key. Refuses not_found, already_erased, paper_kind_unknown, paper_media_refused,
 * paper_expired, and paper_held for a file that is held of the customer already: there is never a second copy. Audited.
 */
export async function takeIn(
  trx: Trx,
  customerNo: string,
  given: { form: Checked<typeof takePaper>['body']; file: Buffer },
  work: AtWork,
): Promise<Paper> {
  const { form, file } = given
  const { session, clock } = work
  const party = await partyToSealFor(trx, customerNo, work)
  const kind = await kindCalled(trx, form.kind)
  const media = mediaOf(file) ?? refuse('paper_media_refused', { limit: `${paperBytesMax / 1_048_576} MiB` })
  if (form.validUntil && form.validUntil < clock.today()) refuse('paper_expired', { until: form.validUntil })
  const digest = paperDigest(party.key, file)
  const unitId = actingUnit(session, 'papers.take', party.unitId)
  const made = await sql<{ id: bigint }>`insert into paper (party_id, kind, unit_id, valid_from, valid_until, digest,
      media, bytes, purpose, basis, taken_by, taken_at)
    values (${party.id}, ${kind.code}, ${unitId}, ${form.validFrom ?? null}, ${form.validUntil ?? null}, ${digest},
      ${media}, ${file.length}, ${form.purpose}, ${form.basis}, ${session.loginId}, ${clock.now()})
    on conflict (party_id, digest) where withdrawn_at is null do nothing returning id`.execute(trx)
  const id = made.rows[0]?.id ?? (await refuseHeld(trx, party.id, digest))
  const number = form.number === undefined ? null : sealPaper(party.key, digest, 'number', form.number)
  await standBy(trx, work, 'papers.take')
  await sql`insert into paper_content (paper_id, party_id, number_sealed, sealed)
    values (${id}, ${party.id}, ${number}, ${sealPaper(party.key, digest, 'file', file)})`.execute(trx)
  await audit(trx, {
    who: session.who,
    action: 'takePaper',
    noun: 'paper',
    nounId: String(id),
    partyId: party.id,
    partyKey: party.key,
    after: {
      kind: kind.code,
      validUntil: form.validUntil ?? null,
      purpose: form.purpose,
      basis: form.basis,
      media,
      bytes: file.length,
      sha256: createHash('sha256').update(file).digest('hex'),
    },
    address: work.address,
  })
  return paperCalled(trx, Number(id), work)
}

async function partyToSealFor(trx: Trx, customerNo: string, { keys }: AtWork) {
  const party = await partyByNo(trx, customerNo)
  const { rows } = await sql<{ unit_id: number; wrapped: Buffer | null }>`select p.unit_id, k.wrapped from party p
    left join party_key k on k.party_id = p.id where p.id = ${party.id}`.execute(trx)
  const { unit_id, wrapped } = present(rows[0], 'the customer just found')
  if (wrapped === null) refuse('already_erased', { customer: customerNo })
  // The file came in as a stream, so this cannot run twice
  await knowGenerations(keys, [wrapped])
  return { id: party.id, unitId: unit_id, key: partyKey(keys, party.id, wrapped) }
}

/** A paper behind a wall is held as well, but where and until when is not told. */
async function refuseHeld(trx: Trx, partyId: bigint, digest: Buffer): Promise<never> {
  const { rows } = await sql<{ zh: string; en: string; unit: string; until: Day | null; taken: string }>`
    select k.name_zh as zh, k.name_en as en, u.name as unit, p.valid_until as until, p.taken_at::date::text as taken
    from paper p join paper_kind k on k.code = p.kind join unit u on u.id = p.unit_id
    where p.party_id = ${partyId} and p.digest = ${digest} and p.withdrawn_at is null`.execute(trx)
  const [held] = rows
  refuse('paper_held', {
    kind: held?.en ?? '–',
    kindZh: held?.zh ?? '–',
    until: held?.until ?? (held ? 'further notice' : '–'),
    untilZh: held?.until ?? (held ? '长期' : '–'),
    unit: held?.unit ?? '–',
    taken: held?.taken ?? '–',
  })
}

interface Held {
  party_id: bigint
  home_unit_id: number
  unit: string
  kind: string
  valid_from: Day | null
  valid_until: Day | null
  withdrawn_at: Date | null
  is_over: boolean
}

/** Held until the transaction ends. `is_over`: whoever stands by papers.take stands at its unit or above. */
async function locked(trx: Trx, id: number, work: AtWork): Promise<Held> {
  await standBy(trx, work, 'papers.take')
  const { rows } = await sql<Held>`select p.party_id, c.unit_id as home_unit_id, u.name as unit, p.kind, p.valid_from,
      p.valid_until, p.withdrawn_at, strata.stands_over(p.unit_id) as is_over
    from paper p join party c on c.id = p.party_id join unit u on u.id = p.unit_id
    where p.id = ${id} for update of p`.execute(trx)
  return rows[0] ?? refuse('not_found', paperNamed(id))
}

/** By the unit that holds it, or above. Refuses not_found, paper_elsewhere, paper_withdrawn. Audited. */
export async function withdraw(trx: Trx, id: number, reason: string, work: AtWork): Promise<Paper> {
  const { session, clock, address } = work
  const held = await locked(trx, id, work)
  if (!held.is_over) refuse('paper_elsewhere', { unit: held.unit })
  if (held.withdrawn_at !== null) refuse('paper_withdrawn')
  await sql`update paper set withdrawn_at = ${clock.now()}, withdrawn_by = ${session.loginId},
    withdrawn_reason = ${reason} where id = ${id}`.execute(trx)
  await audit(trx, {
    who: session.who,
    action: 'withdrawPaper',
    noun: 'paper',
    nounId: String(id),
    partyId: held.party_id,
    after: { kind: held.kind },
    reason,
    address,
  })
  return paperCalled(trx, id, work)
}

/**
 * Counts a paper that was not asked for again; whoever sees that it is held may use it, without opening it. Refuses
 * not_found, paper_not_valid. Audited when counted: once a day for a person and a purpose.
 */
export async function reuse(trx: Trx, id: number, purpose: PaperPurpose, work: AtWork): Promise<{ counted: boolean }> {
  const { session, clock, address } = work
  const held = await locked(trx, id, work)
  const state = stateNow(held, work)
  if (!isUsable(state)) {
    refuse('paper_not_valid', { state: paperStateWords[state].en, stateZh: paperStateWords[state].zh })
  }
  const unitId = actingUnit(session, 'papers.take', held.home_unit_id)
  const made = await sql<{ id: bigint }>`insert into paper_reuse (paper_id, login_id, unit_id, purpose, day)
    values (${id}, ${session.loginId}, ${unitId}, ${purpose}, ${clock.today()})
    on conflict (paper_id, login_id, purpose, day) do nothing returning id`.execute(trx)
  if (made.rows.length === 0) return { counted: false }
  await audit(trx, {
    who: session.who,
    action: 'reusePaper',
    noun: 'paper',
    nounId: String(id),
    partyId: held.party_id,
    after: { kind: held.kind, purpose },
    address,
  })
  return { counted: true }
}
