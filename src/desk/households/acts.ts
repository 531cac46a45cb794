/** Building and changing households. Each act is on record in household_act and audited; figures follow with the next night. */
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import type { Checked } from '../../contract/endpoint.ts'
import {
  type changeHousehold as changeEndpoint,
  type householdActs,
  invitationDays,
} from '../../contract/households.ts'
import type { Trx } from '../../db/database.ts'
import { addDays, type Day } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { partyByNo } from '../customers/page.ts'
import { bumpDesk } from '../nights/store.ts'
import {
  countToday,
  lockHousehold,
  type Member,
  membersToday,
  moveIn,
  moveOut,
  mustBeFree,
  type StoredHousehold,
} from './members.ts'

type Asked = Checked<typeof changeEndpoint>['body']
export type HouseholdChange = Asked['change']
type Change<Kind extends HouseholdChange['kind']> = Extract<HouseholdChange, { kind: Kind }>
type ActName = (typeof householdActs)[number]

/** Who acts, when and from where. */
export interface Builder {
  who: string
  loginId: number
  address: string
  today: Day
  now: string
}

interface Party {
  id: bigint
  customerNo: string
}

/** Opens a household of one, who consents; answers its number. Refuses as `mustBeFree` does. */
export async function openHousehold(
  trx: Trx,
  asked: { head: string; proof: string },
  builder: Builder,
): Promise<string> {
  const head = await partyByNo(trx, asked.head)
  await mustBeFree(trx, head, builder.today)
  const household = await begin(trx, { ...head, consents: true }, builder)
  await record(trx, builder, household, { act: 'open', party: head, note: asked.proof })
  await auditAct(trx, builder, household, 'openHousehold', head, { head: head.customerNo, proof: asked.proof })
  await bumpDesk(trx)
  return household.householdNo
}

/** Does one change; answers the number of the household to show then. Refuses household_stale and what the change says. */
export async function changeHousehold(
  trx: Trx,
  householdNo: string,
  { version, change }: Asked,
  builder: Builder,
): Promise<string> {
  const household = await lockBoth(trx, householdNo, change)
  if (household.version !== version) refuse('household_stale')
  const members = await membersToday(trx, household, builder.today)
  if ((await countToday(trx, household.id, builder.today)) === 0) refuse('household_closed')
  const party = 'customerNo' in change ? await partyByNo(trx, change.customerNo) : null
  const shown = await apply(trx, { household, members, builder }, change, party)
  await sql`update household set version = version + 1 where id = ${household.id}`.execute(trx)
  const { kind, ...said } = change
  await auditAct(trx, builder, household, 'changeHousehold', party, { change: kind, ...said })
  await bumpDesk(trx)
  return shown
}

interface Context {
  household: StoredHousehold
  members: Member[]
  builder: Builder
}

async function apply(trx: Trx, context: Context, change: HouseholdChange, party: Party | null): Promise<string> {
  const { household, builder } = context
  if (change.kind === 'split') await split(trx, context, change)
  else if (change.kind === 'merge') return merge(trx, context, change)
  else if (party) {
    await changeMember(trx, context, change, party)
    const { kind: act } = change
    const note = 'proof' in change ? change.proof : 'reason' in change ? change.reason : null
    await record(trx, builder, household, { act, party, role: 'role' in change ? change.role : null, note })
  }
  return household.householdNo
}

async function changeMember(
  trx: Trx,
  context: Context,
  change: Exclude<HouseholdChange, Change<'split'> | Change<'merge'>>,
  party: Party,
): Promise<void> {
  const { household, members, builder } = context
  switch (change.kind) {
    case 'invite':
      return invite(trx, context, party, change.role)
    case 'join': {
      const role = await takeInvitation(trx, context, party)
      await mustBeFree(trx, party, builder.today)
      return moveIn(
        trx,
        household.id,
        { partyId: party.id, customerNo: party.customerNo, role, consents: true },
        builder,
      )
    }
    case 'decline':
    case 'withdraw':
      await takeInvitation(trx, context, party)
      return
    case 'consent':
    case 'withdrawConsent':
      return setConsent(trx, context, memberOf(members, party), change.kind === 'consent')
    case 'role':
      return setRole(trx, context, memberOf(members, party), change.role)
    case 'head':
      return setHead(trx, context, memberOf(members, party))
    case 'leave':
      return leave(trx, context, memberOf(members, party))
  }
}

async function invite(trx: Trx, { household, builder }: Context, party: Party, role: string): Promise<void> {
  const { today, loginId } = builder
  await mustBeFree(trx, party, today)
  const { rows } =
    await sql`insert into household_invitation (household_id, party_id, role, login_id, invited_on, until)
    values (${household.id}, ${party.id}, ${role}, ${loginId}, ${today}, ${addDays(today, invitationDays)})
    on conflict (household_id, party_id) do update set role = excluded.role, login_id = excluded.login_id,
      invited_on = excluded.invited_on, until = excluded.until where household_invitation.until < excluded.invited_on
    returning party_id`.execute(trx)
  if (rows.length === 0) refuse('household_invited', { customer: party.customerNo })
}

/** Its role; the invitation is used up. Refuses household_invitation_over. */
async function takeInvitation(trx: Trx, { household, builder }: Context, party: Party): Promise<string> {
  const { rows } = await sql<{ role: string }>`delete from household_invitation
    where household_id = ${household.id} and party_id = ${party.id} and until >= ${builder.today} returning role`.execute(
    trx,
  )
  return rows[0]?.role ?? refuse('household_invitation_over', { customer: party.customerNo })
}

async function setConsent(trx: Trx, { household, builder }: Context, member: Member, consents: boolean): Promise<void> {
  if (member.consents === consents) refuse('household_consent_unchanged', { customer: member.customerNo })
  const { today, now } = builder
  await sql`update household_member set edited_at = ${now}::timestamptz,
      consent_from = case when ${consents} then ${today}::date else consent_from end,
      consent_to = case when ${consents} then '2299-12-31'::date else ${today}::date end
    where household_id = ${household.id} and party_id = ${member.partyId} and from_day = ${member.fromDay}`.execute(trx)
}

async function setRole(trx: Trx, { household, builder }: Context, member: Member, role: string): Promise<void> {
  if (member.partyId === household.headId) refuse('household_head_needed')
  await sql`update household_member set role = ${role}, edited_at = ${builder.now}::timestamptz
    where household_id = ${household.id} and party_id = ${member.partyId} and from_day = ${member.fromDay}`.execute(trx)
}

/** The head before stays in it as one of the others. */
async function setHead(trx: Trx, { household, builder }: Context, member: Member): Promise<void> {
  await sql`update household_member set edited_at = ${builder.now}::timestamptz,
      role = case when party_id = ${member.partyId} then 'head' else 'other' end
    where household_id = ${household.id} and to_day > ${builder.today}
      and (party_id = ${member.partyId} or role = 'head')`.execute(trx)
  await sql`update household set head_id = ${member.partyId} where id = ${household.id}`.execute(trx)
}

/** With the last member the household is closed, and so are its invitations. Refuses household_head_needed. */
async function leave(trx: Trx, { household, builder }: Context, member: Member): Promise<void> {
  const left = (await countToday(trx, household.id, builder.today)) - 1
  if (left > 0 && member.partyId === household.headId) refuse('household_head_needed')
  await moveOut(trx, household.id, member.partyId, builder)
  if (left === 0) await close(trx, household)
}

async function split(trx: Trx, context: Context, change: Change<'split'>): Promise<void> {
  const { household, members, builder } = context
  await mustSeeAll(trx, context, household, members)
  const asked = new Set([...change.members, change.head])
  const leaving = [...asked].map((no) => memberOf(members, { customerNo: no }))
  if (leaving.length === members.length) refuse('household_split_whole')
  if (leaving.some(({ partyId }) => partyId === household.headId)) refuse('household_head_needed')
  const head = memberOf(members, { customerNo: change.head })
  for (const member of leaving) await moveOut(trx, household.id, member.partyId, builder)
  const opened = await begin(trx, { ...head, id: head.partyId }, builder)
  for (const member of leaving) {
    if (member.partyId !== head.partyId) await moveIn(trx, opened.id, member, builder)
    const act = { act: 'split', party: { id: member.partyId }, note: change.reason } as const
    await record(trx, builder, household, { ...act, other: opened.id })
    await record(trx, builder, opened, { ...act, other: household.id })
  }
}

async function merge(trx: Trx, context: Context, change: Change<'merge'>): Promise<string> {
  const { household, members, builder } = context
  const into = await lockHousehold(trx, change.into)
  const there = await membersToday(trx, into, builder.today)
  if ((await countToday(trx, into.id, builder.today)) === 0) refuse('household_closed')
  await mustSeeAll(trx, context, household, members)
  await mustSeeAll(trx, context, into, there)
  for (const member of members) {
    await moveOut(trx, household.id, member.partyId, builder)
    const role = member.role === 'head' ? 'other' : member.role
    await moveIn(trx, into.id, { ...member, role, consents: false }, builder)
    const act = { act: 'merge', party: { id: member.partyId }, note: change.reason } as const
    await record(trx, builder, household, { ...act, other: into.id })
    await record(trx, builder, into, { ...act, other: household.id })
  }
  await close(trx, household)
  await sql`update household set version = version + 1 where id = ${into.id}`.execute(trx)
  return into.householdNo
}

/** Of two households the one with the lower number first, so that two at once never wait for each other. */
async function lockBoth(trx: Trx, no: string, change: HouseholdChange): Promise<StoredHousehold> {
  if (change.kind !== 'merge') return lockHousehold(trx, no)
  if (change.into === no) refuse('household_same')
  if (change.into < no) await lockHousehold(trx, change.into)
  return lockHousehold(trx, no)
}

async function mustSeeAll(
  trx: Trx,
  { builder }: Context,
  { id }: StoredHousehold,
  seen: readonly Member[],
): Promise<void> {
  if ((await countToday(trx, id, builder.today)) !== seen.length) refuse('household_hidden_members')
}

function memberOf(members: readonly Member[], { customerNo }: { customerNo: string }): Member {
  const found = members.find((member) => member.customerNo === customerNo)
  return found ?? refuse('household_member_missing', { customer: customerNo })
}

/** A new household with its head in it. */
async function begin(
  trx: Trx,
  { id, customerNo, consents }: Party & { consents: boolean },
  builder: Builder,
): Promise<StoredHousehold> {
  const { rows } = await sql<{ id: bigint }>`select strata.open_household(${id}) as id`.execute(trx)
  const householdId = rows[0]?.id ?? 0n
  await moveIn(trx, householdId, { partyId: id, customerNo, role: 'head', consents }, builder)
  const { rows: opened } =
    await sql<StoredHousehold>`select id, household_no as "householdNo", head_id as "headId", version
    from household where id = ${householdId}`.execute(trx)
  return opened[0] ?? refuse('not_found', { what: 'household', whatZh: '家庭' })
}

async function close(trx: Trx, { id }: StoredHousehold): Promise<void> {
  await sql`delete from household_invitation where household_id = ${id}`.execute(trx)
  await sql`update household set head_id = null where id = ${id}`.execute(trx)
}

interface Act {
  act: ActName
  party?: { id: bigint } | null
  role?: string | null
  other?: bigint | null
  note?: string | null
}

async function record(
  trx: Trx,
  { loginId, today, now }: Builder,
  household: StoredHousehold,
  { act, party, role, other, note }: Act,
): Promise<void> {
  await sql`insert into household_act (household_id, act, party_id, role, other_id, note, login_id, day, recorded_at)
    values (${household.id}, ${act}, ${party?.id ?? null}, ${role ?? null}, ${other ?? null}, ${note ?? null}, ${loginId},
      ${today}, ${now}::timestamptz)`.execute(trx)
}

async function auditAct(
  trx: Trx,
  { who, address }: Builder,
  { householdNo }: StoredHousehold,
  action: 'openHousehold' | 'changeHousehold',
  party: Party | null,
  after: object,
): Promise<void> {
  const about = party === null ? {} : { partyId: party.id }
  await audit(trx, { who, action, noun: 'household', nounId: householdNo, ...about, after, address })
}
