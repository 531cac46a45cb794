/**
 * Papers as they are read: that one is held, until when and where, by whoever sees the customer; the rest by those who
 * could open its file.
 */
import { type RawBuilder, sql } from 'kysely'
import { fieldsOf } from '../../access/fields.ts'
import { showPaperNumber } from '../../access/show.ts'
import type { Output } from '../../contract/endpoint.ts'
import type { PaperPurpose } from '../../contract/paper-words.ts'
import { type listPapers, papersMax, type takePaper } from '../../contract/papers.ts'
import type { Trx } from '../../db/database.ts'
import type { Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { partyByNo } from '../customers/page.ts'
import { stateOf } from './papers.ts'
import { type AtWork, paperNamed, standBy } from './places.ts'

type Paper = Output<typeof takePaper>
type More = NonNullable<Paper['more']>

interface Row {
  id: bigint
  party_id: bigint
  kind: string
  zh: string
  en: string
  unit_code: string
  unit_name: string
  valid_from: Day | null
  valid_until: Day | null
  digest: Buffer
  media: More['media']
  bytes: number
  purpose: PaperPurpose
  basis: More['basis']
  taken_by: string
  taken_at: Date
  withdrawn_by: string | null
  withdrawn_at: Date | null
  withdrawn_reason: string | null
  gone_at: Date | null
  ground: 'unit' | 'release' | null
  released_until: Date | null
  open_for: PaperPurpose[]
  asked: boolean
  number_sealed: Buffer | null
  wrapped: Buffer | null
}

/** Newest first. Refuses not_found, also outside the scope. */
export async function papersOf(trx: Trx, customerNo: string, work: AtWork): Promise<Output<typeof listPapers>> {
  const party = await partyByNo(trx, customerNo)
  return { customerNo: party.customerNo, rows: await read(trx, sql`p.party_id = ${party.id}`, work) }
}

/** As the list has it. Refuses not_found. */
export async function paperCalled(trx: Trx, id: number, work: AtWork): Promise<Paper> {
  const [row] = await read(trx, sql`p.id = ${id}`, work)
  return row ?? refuse('not_found', paperNamed(id))
}

async function read(trx: Trx, where: RawBuilder<unknown>, work: AtWork): Promise<Paper[]> {
  await standBy(trx, work, 'papers.open')
  const { loginId, byKey } = work.session
  const { rows } =
    await sql<Row>`select p.id, p.party_id, p.kind, k.name_zh as zh, k.name_en as en, u.code as unit_code,
      u.name as unit_name, p.valid_from, p.valid_until, p.digest, p.media, p.bytes, p.purpose, p.basis,
      t.display_name as taken_by, p.taken_at, w.display_name as withdrawn_by, p.withdrawn_at, p.withdrawn_reason,
      p.gone_at, strata.paper_ground(p.id) as ground, c.number_sealed, y.wrapped,
      (select max(r.until) from paper_request r where r.paper_id = p.id and r.login_id = ${loginId}
        and r.decision = 'released' and r.until > ${work.clock.now()}) as released_until,
      array(select r.purpose from paper_rule r where r.kind = p.kind and r.ended_at is null and p.withdrawn_at is null
        order by r.purpose) as open_for,
      exists (select from paper_request r where r.paper_id = p.id and r.login_id = ${loginId}
        and r.decision is null) and ${!byKey} as asked
    from paper p join paper_kind k on k.code = p.kind join unit u on u.id = p.unit_id
    join login t on t.id = p.taken_by left join login w on w.id = p.withdrawn_by
    left join paper_content c on c.paper_id = p.id left join party_key y on y.party_id = p.party_id
    where ${where} order by p.id desc limit ${papersMax}`.execute(trx)
  return rows.map((row) => asPaper(row, work))
}

function asPaper(row: Row, work: AtWork): Paper {
  const { ground } = row
  return {
    id: String(row.id),
    kind: { code: row.kind, zh: row.zh, en: row.en },
    state: stateNow(row, work),
    validUntil: row.valid_until,
    unit: { code: row.unit_code, name: row.unit_name },
    ground,
    releasedUntil: ground === 'release' ? (row.released_until?.toISOString() ?? null) : null,
    openFor: ground === null ? row.open_for : [],
    asked: row.asked,
    gone: row.gone_at !== null,
    more: ground === null ? null : moreOf(row, work),
  }
}

function moreOf(row: Row, { keys, session }: AtWork): More {
  const sealed = { partyId: row.party_id, wrapped: row.wrapped, digest: row.digest, sealed: row.number_sealed }
  return {
    number: showPaperNumber(keys, sealed, fieldsOf(session).identity),
    validFrom: row.valid_from,
    media: row.media,
    bytes: row.bytes,
    purpose: row.purpose,
    basis: row.basis,
    takenBy: row.taken_by,
    takenAt: row.taken_at.toISOString(),
    withdrawnBy: row.withdrawn_by,
    withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
    withdrawnReason: row.withdrawn_reason,
  }
}

/** Where a row of `paper` stands today. */
export function stateNow(
  row: { valid_from: Day | null; valid_until: Day | null; withdrawn_at: Date | null },
  { clock }: Pick<AtWork, 'clock'>,
) {
  const { valid_from: validFrom, valid_until: validUntil, withdrawn_at } = row
  return stateOf({ validFrom, validUntil, isWithdrawn: withdrawn_at !== null }, clock.today())
}
