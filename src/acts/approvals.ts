/** Proposing and deciding: the decision, what it changes, its audit entry and its event are one transaction. */
import {
  type Approval,
  asApprovals,
  checkBy,
  countToCheck,
  type Deciding,
  decidingAs,
  fetchUntil,
  insertApproval,
  listStored,
  lockApproval,
  markDecided,
  maySee,
  mustBeOpen,
  type Stored,
  type View,
  visibleApproval,
} from '../access/approvals.ts'
import { canonical } from '../access/differences.ts'
import { holdersOf } from '../access/governed.ts'
import { mustHaveReentered } from '../access/reentry.ts'
import { mustMay, mustSeeWholeBank, placesOf, rightsOf, type Session } from '../access/session.ts'
import { type ApprovalKind, approvalKinds, finalKinds, subjectZh } from '../contract/approvals.ts'
import { type Database, everything, type Scope, type Trx } from '../db/database.ts'
import { present } from '../kit/assert.ts'
import type { Clock } from '../kit/clock.ts'
import { refuse } from '../kit/refusal.ts'
import { holds } from '../kit/unit-set.ts'
import { aloneKinds, type Change, kindOf } from './approval-kinds.ts'
import type { ActContext, Prepared } from './kind.ts'
import type { CountedReveal } from './kinds/bulk-reveal.ts'
import type { CountedExport } from './kinds/export.ts'

export interface Acting {
  db: Database
  clock: Clock
  /** False: a single administrator changes rights and tree alone. */
  fourEyes: boolean
}

/** What is changed was checked: it is written past the scope of whoever decides, in that person's name. */
const inTheNameOf = (session: Session): Scope => ({ ...everything, who: session.who })

/** Proposes a change. Refuses permission_missing, approval_open, and what the kind refuses. */
export async function propose(
  { db, clock, fourEyes }: Acting,
  session: Session,
  given: { change: Change; reason: string; address: string },
): Promise<{ id: string; status: 'open' | 'approved' }> {
  const { change, reason, address } = given
  return db.withScope(inTheNameOf(session), async (trx) => {
    const context = { trx, clock, proposer: session }
    const prepared = await preparedBy(context, change)
    const { id } = await insertApproval(
      trx,
      clock,
      session,
      { kind: change.kind, asked: change, reason, ...prepared },
      address,
    )
    const alone = aloneKinds.includes(change.kind) && (await isAlone(trx, clock, fourEyes))
    if (!alone) return { id: String(id), status: 'open' as const }
    await kindOf(change).apply(context, change)
    await markDecided(trx, clock, session, {
      id,
      status: 'approved',
      decidedBy: null,
      inPlaceOf: null,
      note: null,
      address,
    })
    return { id: String(id), status: 'approved' as const }
  })
}

/** Whether four eyes are off and there is but one administrator. */
async function isAlone(trx: Trx, clock: Clock, fourEyes: boolean): Promise<boolean> {
  return !fourEyes && (await holdersOf(trx, 'access.manage', clock.today())) === 1
}

/** The change against the record; only where the proposer's posts reach. */
async function preparedBy(context: ActContext, change: Change): Promise<Prepared> {
  const { propose: permission } = approvalKinds[change.kind]
  mustMay(context.proposer, permission)
  const prepared = await kindOf(change).prepare(context, change)
  if (!holds(placesOf(context.proposer, permission), prepared.unitId)) refuse('permission_missing', { permission })
  return prepared
}

/**
 * Approves or returns. Refuses own_proposal, approval_decided, approval_expired, approval_stale, of what there is no way
 * back from reentry_needed, and what the kind refuses.
 */
export async function decide(
  { db, clock }: Acting,
  session: Session,
  given: { id: number; decision: 'approved' | 'returned'; note?: string | undefined; address: string },
): Promise<Approval> {
  return db.withScope(inTheNameOf(session), async (trx) => {
    const stored = await lockApproval(trx, given.id)
    const deciding = await decidingAs(trx, clock, session)
    if (!maySee(deciding, stored)) refuse('not_found', { what: `approval ${given.id}`, whatZh: `复核事项 ${given.id}` })
    const check = checkBy(deciding, stored)
    if (!check.may) refuse(check.why, { permission: approvalKinds[stored.kind].check })
    mustBeOpen(clock, stored)
    if (given.decision === 'approved') {
      if (finalKinds.includes(stored.kind)) mustHaveReentered(session, clock)
      await applyStored(trx, clock, stored)
    }
    await markDecided(trx, clock, session, {
      id: stored.id,
      status: given.decision,
      decidedBy: session.loginId,
      inPlaceOf: check.inPlaceOf,
      note: given.note || null,
      address: given.address,
    })
    return approvalOf(trx, clock, deciding, await lockApproval(trx, given.id))
  })
}

/** Applies what was proposed, unless its subject, or its proposer's right to it, is no longer what it was. */
async function applyStored(trx: Trx, clock: Clock, stored: Stored): Promise<void> {
  const proposer = await rightsOf(trx, clock, stored.proposedBy.loginId)
  if (!proposer) refuse('approval_stale', subjectOf(stored))
  // Checked by the contract when it was proposed.
  const change = stored.asked as unknown as Change
  const context = { trx, clock, proposer }
  const now = await preparedBy(context, change)
  if (canonical(now.before) !== canonical(stored.before)) refuse('approval_stale', subjectOf(stored))
  await kindOf(change).apply(context, change)
}

function subjectOf({ subject }: Stored): { subject: string; subjectZh: string } {
  return { subject, subjectZh: subjectZh(subject) }
}

/** Takes an own proposal back. Refuses not_found, approval_decided, approval_expired. */
export async function withdraw(
  { db, clock }: Acting,
  session: Session,
  given: { id: number; address: string },
): Promise<Approval> {
  return db.withScope(inTheNameOf(session), async (trx) => {
    const stored = await lockApproval(trx, given.id)
    if (stored.proposedBy.loginId !== session.loginId)
      refuse('not_found', { what: `approval ${given.id}`, whatZh: `复核事项 ${given.id}` })
    mustBeOpen(clock, stored)
    await markDecided(trx, clock, session, {
      id: stored.id,
      status: 'withdrawn',
      decidedBy: session.loginId,
      inPlaceOf: null,
      note: null,
      address: given.address,
    })
    return approvalOf(trx, clock, await decidingAs(trx, clock, session), await lockApproval(trx, given.id))
  })
}

/** A page of approvals, newest first, with how many wait for this session. Refuses permission_missing. */
export async function listApprovals(
  trx: Trx,
  { clock, fourEyes }: Omit<Acting, 'db'>,
  session: Session,
  asked: { view: View; kind?: ApprovalKind | undefined; before: string | null; limit: number },
): Promise<{ rows: Approval[]; hasMore: boolean; toCheck: number; fourEyes: boolean }> {
  if (asked.view === 'all') mustSeeWholeBank(session, 'audit.read')
  const deciding = await decidingAs(trx, clock, session)
  const stored = await listStored(trx, clock, deciding, { ...asked, limit: asked.limit + 1 })
  return {
    rows: await asApprovals(trx, clock, deciding, stored.slice(0, asked.limit)),
    hasMore: stored.length > asked.limit,
    toCheck: await countToCheck(trx, clock, deciding),
    fourEyes: !(await isAlone(trx, clock, fourEyes)),
  }
}

/** One approval, for its proposer, its checkers and auditors. Refuses not_found. */
export async function readApproval(trx: Trx, clock: Clock, session: Session, id: number): Promise<Approval> {
  const deciding = await decidingAs(trx, clock, session)
  return approvalOf(trx, clock, deciding, await visibleApproval(trx, deciding, id))
}

async function approvalOf(trx: Trx, clock: Clock, deciding: Deciding, stored: Stored): Promise<Approval> {
  return present((await asApprovals(trx, clock, deciding, [stored]))[0], 'the approval asked for')
}

/** What an approval lets its proposer fetch. */
interface Fetched {
  export: CountedExport
  bulkReveal: CountedReveal
}

/**
 * Takes an approved export or bulk reveal for its one fetching. Refuses not_found when it is nobody's, somebody else's or
 * another kind, export_waits before its approval, export_spent when it was fetched or its day is over.
 */
export async function spendApproved<Kind extends keyof Fetched>(
  trx: Trx,
  clock: Clock,
  session: Session,
  { id, kind }: { id: number; kind: Kind },
): Promise<Fetched[Kind]> {
  const stored = await lockApproval(trx, id)
  if (stored.kind !== kind || stored.proposedBy.loginId !== session.loginId)
    refuse('not_found', { what: `approval ${id}`, whatZh: `复核事项 ${id}` })
  if (stored.status === 'open') refuse('export_waits')
  const isOver = stored.decidedAt !== null && fetchUntil(stored.decidedAt) <= clock.now()
  if (stored.status !== 'approved' || stored.usedAt !== null || isOver) refuse('export_spent')
  await trx.updateTable('approval').set({ used_at: clock.now() }).where('id', '=', stored.id).execute()
  // Checked by the contract when it was proposed.
  return stored.asked as unknown as Fetched[Kind]
}
