/**
 * Approvals (经办与复核): what one person proposed and another approves or returns. This file keeps them and says who may
 * decide; what each kind changes is in acts/.
 */
import { type RawBuilder, sql } from 'kysely'
import type { z } from 'zod'
import { type ApprovalKind, type approval, approvalKindNames, approvalKinds, subjectZh } from '../contract/approvals.ts'
import { codesIn } from '../contract/naming.ts'
import { type Database, everything, inUnits, type Trx } from '../db/database.ts'
import { present } from '../kit/assert.ts'
import { type Clock, hoursAfter } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { audit } from './audit.ts'
import { type Check, type Checkable, type Checker, checkOf } from './checking.ts'
import { absentFor } from './delegations.ts'
import { differencesOf } from './differences.ts'
import { namedIn, namesOf } from './naming.ts'
import { placesOf, type Session, seesWholeBank } from './session.ts'
import { maskFields } from './show-fields.ts'

export type Approval = z.output<typeof approval>

/** An approved file can be fetched for so long. */
export const fetchHoursMax = 24

/** An open proposal ends by itself after so long. */
const openDaysMax = 30

/** Whoever may decide, with those in whose place. */
export interface Deciding {
  session: Session
  absent: readonly Session[]
}

export interface Stored {
  id: bigint
  kind: ApprovalKind
  subject: string
  asked: Record<string, unknown>
  before: unknown
  after: unknown
  reason: string
  status: Approval['status']
  unitId: number
  proposedBy: Checkable['proposedBy'] & { login: string; name: string }
  concerns: Checkable['concerns']
  proposedAt: Date
  decidedBy: Approval['decidedBy']
  inPlaceOf: Approval['inPlaceOf']
  decidedAt: Date | null
  note: string | null
  usedAt: Date | null
}

export interface Proposal {
  kind: ApprovalKind
  subject: string
  asked: object
  before: unknown
  after: unknown
  reason: string
  unitId: number
  concernsId: number | null
}

/** The session with those for whom it stands in today. */
export async function decidingAs(trx: Trx, clock: Clock, session: Session): Promise<Deciding> {
  return { session, absent: await absentFor(trx, clock, session.loginId) }
}

/** Keeps a proposal. Refuses approval_open when one of the same subject waits. Audited; tells whoever watches. */
export async function insertApproval(
  trx: Trx,
  clock: Clock,
  session: Session,
  proposal: Proposal,
  address: string,
): Promise<Stored> {
  const { kind, subject, reason } = proposal
  const { rows } = await sql<{ id: bigint }>`insert into approval
      (kind, subject, asked, before, after, reason, unit_id, concerns_id, proposed_by, proposed_at)
    values (${kind}, ${subject}, ${JSON.stringify(proposal.asked)}::jsonb, ${JSON.stringify(proposal.before)}::jsonb,
      ${JSON.stringify(proposal.after)}::jsonb, ${reason}, ${proposal.unitId}, ${proposal.concernsId},
      ${session.loginId}, ${clock.now()})
    on conflict (kind, subject) where status = 'open' do nothing returning id`.execute(trx)
  const row = rows[0] ?? refuse('approval_open', { subject, subjectZh: subjectZh(subject) })
  await tellOf(trx, 'proposed')
  const about = { noun: 'approval', nounId: String(row.id), reason, address }
  const { before, after } = proposal
  await audit(trx, { who: session.who, action: 'propose', ...about, before, after: { kind, subject, after } })
  return present(await storedById(trx, row.id), 'the approval just written')
}

/** Decides; null as who decides: in force without a second person. Audited; tells whoever watches. */
export async function markDecided(
  trx: Trx,
  clock: Clock,
  session: Session,
  given: {
    id: bigint
    status: 'approved' | 'returned' | 'withdrawn'
    decidedBy: number | null
    inPlaceOf: number | null
    note: string | null
    address: string
  },
): Promise<void> {
  const { rows } = await sql<{ kind: string; subject: string; proposer: string }>`update approval
    set status = ${given.status}, decided_by = ${given.decidedBy}, note = ${given.note},
      in_place_of_id = ${given.inPlaceOf}, decided_at = ${clock.now()}
    where id = ${given.id} returning kind, subject,
      (select name from login where login.id = approval.proposed_by) as proposer`.execute(trx)
  await tellOf(trx, given.status)
  await audit(trx, {
    who: session.who,
    action: { approved: 'approve', returned: 'returnProposal', withdrawn: 'withdraw' }[given.status],
    noun: 'approval',
    nounId: String(given.id),
    after: {
      ...rows[0],
      alone: given.status === 'approved' && given.decidedBy === null,
      inPlaceOf: given.inPlaceOf,
    },
    reason: given.note,
    address: given.address,
  })
}

/** Ends what has waited too long, each with its audit entry, in the program's own name; returns how many. */
export function expireApprovals(db: Database, clock: Clock): Promise<number> {
  return db.withScope(everything, async (trx) => {
    const { rows } = await sql<{ id: bigint; kind: string; subject: string }>`update approval
      set status = 'expired', decided_at = ${clock.now()}
      where status = 'open' and proposed_at <= ${clock.now()}::timestamptz - ${openDaysMax} * interval '1 day'
      returning id, kind, subject`.execute(trx)
    for (const { id, kind, subject } of rows) {
      const about = { who: everything.who, noun: 'approval', nounId: String(id) }
      await audit(trx, { ...about, action: 'expireProposal', after: { kind, subject } })
    }
    if (rows.length > 0) await tellOf(trx, 'expired')
    return rows.length
  })
}

/** The approval, held until the transaction ends, so that two checkers take turns. Refuses not_found. */
export async function lockApproval(trx: Trx, id: number | bigint): Promise<Stored> {
  await sql`select 1 from approval where id = ${id} for update`.execute(trx)
  return (await storedById(trx, id)) ?? refuse('not_found', { what: `approval ${id}`, whatZh: `复核事项 ${id}` })
}

/** As `lockApproval` without holding it, for whoever may see it. Refuses not_found. */
export async function visibleApproval(trx: Trx, deciding: Deciding, id: number): Promise<Stored> {
  const stored = await storedById(trx, id)
  if (!stored || !maySee(deciding, stored)) refuse('not_found', { what: `approval ${id}`, whatZh: `复核事项 ${id}` })
  return stored
}

/** Whether this session may decide it, and in whose place. */
export function checkBy({ session, absent }: Deciding, stored: Stored): Check {
  const { check } = approvalKinds[stored.kind]
  const checker: Checker = {
    loginId: session.loginId,
    staffId: session.staffId,
    byKey: session.byKey,
    places: placesOf(session, check),
    absent: absent.map((one) => ({ loginId: one.loginId, staffId: one.staffId, places: placesOf(one, check) })),
  }
  return checkOf(checker, stored)
}

/** Its proposer, its checkers, and auditors of the whole bank, who read every one. */
export function maySee(deciding: Deciding, stored: Stored): boolean {
  return seesWholeBank(deciding.session, 'audit.read') || takesPart(deciding, stored)
}

/** Whether it is the person's own, or theirs to check. */
function takesPart(deciding: Deciding, stored: Stored): boolean {
  if (stored.proposedBy.loginId === deciding.session.loginId) return true
  const check = checkBy(deciding, stored)
  return check.may || check.why === 'own_proposal' || check.why === 'check_needs_person'
}

export type View = 'toCheck' | 'mine' | 'decided' | 'all'

/** Newest first, one more than `limit` when there are more. */
export async function listStored(
  trx: Trx,
  clock: Clock,
  deciding: Deciding,
  asked: { view: View; kind?: ApprovalKind | undefined; before: string | null; limit: number },
): Promise<Stored[]> {
  const all = [viewed(clock, deciding, asked.view)]
  if (asked.kind) all.push(sql`a.kind = ${asked.kind}`)
  if (asked.before) all.push(sql`a.id < ${asked.before}::bigint`)
  return read(trx, sql.join(all, sql` and `), asked.limit)
}

/** How many wait for this session. */
export async function countToCheck(trx: Trx, clock: Clock, deciding: Deciding): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`select count(*) as count from approval a
    where ${viewed(clock, deciding, 'toCheck')}`.execute(trx)
  return Number(rows[0]?.count ?? 0n)
}

function viewed(clock: Clock, { session, absent }: Deciding, view: View): RawBuilder<unknown> {
  if (view === 'all') return sql`true`
  if (view === 'mine') return sql`a.proposed_by = ${session.loginId}`
  const people = [session, ...absent]
  if (view === 'decided') return sql`(${sql.join(people.map(covered), sql` or `)}) and a.status <> 'open'`
  // As `checkOf` decides it, in the words of SQL
  if (session.byKey) return sql`false`
  const each = people.map((one) => sql`(${covered(one)} and not ${theirs(one)})`)
  return sql`(${sql.join(each, sql` or `)}) and not ${theirs(session)} and a.status = 'open'
    and a.proposed_at > ${clock.now()}::timestamptz - ${openDaysMax} * interval '1 day'`
}

/** Proposed by the person or about their rights, by whichever of their sign-ins. */
function theirs({ loginId, staffId }: Session): RawBuilder<unknown> {
  return sql`exists (select from login own where own.id in (a.proposed_by, a.concerns_id)
    and (own.id = ${loginId} or own.staff_id = ${staffId}::int))`
}

/** What the person's own posts cover. */
function covered(person: Session): RawBuilder<unknown> {
  const byKind = approvalKindNames.map(
    (kind) => sql`(a.kind = ${kind} and ${inUnits(placesOf(person, approvalKinds[kind].check), 'a.unit_id')})`,
  )
  return sql`(${sql.join(byKind, sql` or `)})`
}

async function storedById(trx: Trx, id: number | bigint): Promise<Stored | undefined> {
  return (await read(trx, sql`a.id = ${id}`, 1))[0]
}

async function read(trx: Trx, where: RawBuilder<unknown>, limit: number): Promise<Stored[]> {
  const person = (row: string) => sql`case when ${sql.ref(`${row}.id`)} is not null then json_build_object(
    'login', ${sql.ref(`${row}.name`)}, 'name', ${sql.ref(`${row}.display_name`)}) end`
  const identity = (row: string) => sql`case when ${sql.ref(`${row}.id`)} is not null then json_build_object(
    'loginId', ${sql.ref(`${row}.id`)}, 'staffId', ${sql.ref(`${row}.staff_id`)},
    'login', ${sql.ref(`${row}.name`)}, 'name', ${sql.ref(`${row}.display_name`)}) end`
  const { rows } = await sql<Stored>`select a.id, a.kind, a.subject, a.asked, a.before, a.after, a.reason, a.status,
      a.unit_id as "unitId", a.proposed_at as "proposedAt", a.decided_at as "decidedAt", a.note, a.used_at as "usedAt",
      ${identity('m')} as "proposedBy", ${identity('c')} as concerns, ${person('k')} as "decidedBy",
      ${person('p')} as "inPlaceOf"
    from approval a join login m on m.id = a.proposed_by left join login c on c.id = a.concerns_id
    left join login k on k.id = a.decided_by left join login p on p.id = a.in_place_of_id
    where ${where} order by a.id desc limit ${limit}`.execute(trx)
  return rows
}

/** As the contract says them, with the names of what they speak of. */
export async function asApprovals(
  trx: Trx,
  clock: Clock,
  deciding: Deciding,
  stored: readonly Stored[],
): Promise<Approval[]> {
  const shown = stored.map((one) => asShown(clock, deciding, one))
  const spoken = shown.map(codesOf)
  const names = await namesOf(trx, spoken.flat())
  return shown.map((one, index) => ({ ...one, names: namedIn(names, spoken[index] ?? []) }))
}

type Shown = Omit<Approval, 'names'>

function codesOf({ subject, differences }: Shown): ReturnType<typeof codesIn> {
  return codesIn([{ subject }, ...differences.map(({ field, before, after }) => ({ [field]: [before, after] }))])
}

function asShown(clock: Clock, deciding: Deciding, stored: Stored): Shown {
  // Whoever only audits reads personal fields masked, as in the audit itself.
  const show = (value: unknown) => (takesPart(deciding, stored) ? value : maskFields(value))
  const isFile = stored.kind === 'export' || stored.kind === 'bulkReveal'
  const until = isFile && stored.decidedAt ? fetchUntil(stored.decidedAt) : null
  const canFetch = stored.status === 'approved' && stored.usedAt === null && until !== null && until > clock.now()
  return {
    id: String(stored.id),
    kind: stored.kind,
    subject: stored.subject,
    status: stored.status,
    reason: stored.reason,
    differences: differencesOf(show(stored.before), show(stored.after)),
    asked: show(stored.asked) as Approval['asked'],
    proposedBy: { login: stored.proposedBy.login, name: stored.proposedBy.name },
    proposedAt: stored.proposedAt.toISOString(),
    decidedBy: stored.decidedBy,
    inPlaceOf: stored.inPlaceOf,
    decidedAt: stored.decidedAt?.toISOString() ?? null,
    note: stored.note,
    isMine: stored.proposedBy.loginId === deciding.session.loginId,
    mayDecide: stored.status === 'open' && expiryOf(stored.proposedAt) > clock.now() && checkBy(deciding, stored).may,
    fetchUntil: canFetch ? until : null,
    usedAt: stored.usedAt?.toISOString() ?? null,
    expiresAt: stored.status === 'open' ? expiryOf(stored.proposedAt) : null,
  }
}

/** Refuses approval_decided, and approval_expired also before it was swept. */
export function mustBeOpen(clock: Clock, { status, proposedAt }: Stored): void {
  if (status === 'expired' || (status === 'open' && expiryOf(proposedAt) <= clock.now()))
    refuse('approval_expired', { days: openDaysMax })
  if (status !== 'open') refuse('approval_decided')
}

function expiryOf(proposedAt: Date): string {
  return hoursAfter(proposedAt.getTime(), openDaysMax * 24)
}

/** When an approved file can no longer be fetched. */
export function fetchUntil(decidedAt: Date): string {
  return hoursAfter(decidedAt.getTime(), fetchHoursMax)
}

async function tellOf(trx: Trx, state: 'proposed' | 'approved' | 'returned' | 'withdrawn' | 'expired'): Promise<void> {
  await sql`insert into event (topic, payload) values ('approvals', ${JSON.stringify({ state })}::jsonb)`.execute(trx)
}
