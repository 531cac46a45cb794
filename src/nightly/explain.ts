/** Why a customer has a tier, and how the assets went day by day: facts from the lake, arithmetic from tiers/. */
import { join } from 'node:path'
import { mask } from '../access/show.ts'
import { addDays, type Day, daysBetween, eachDay } from '../kit/day.ts'
import { shareScale, sumScale } from '../kit/money.ts'
import { refuse } from '../kit/refusal.ts'
import { emptyFacts, relation } from '../lake/facts.ts'
import { explain } from '../tiers/explain.ts'
import {
  type ExplainFacts,
  type MemberFacts,
  ownFlow,
  ownSum,
  type PositionFacts,
  spanSums,
  weightOf,
} from '../tiers/explain-facts.ts'
import type { Explanation } from '../tiers/explanation.ts'
import { isConsenting, type Membership } from '../tiers/household.ts'
import { assetClasses, type Policy } from '../tiers/policy.ts'
import { distanceWindow, windowOf } from '../tiers/window.ts'
import { desk } from './compute.ts'
import { type Manifest, manifestFacts } from './freeze.ts'
import { checkDay } from './night-day.ts'
import { type PartyPositions, positionsOf } from './party-facts.ts'
import { policyById, policyInForce, schemeDefault } from './policies.ts'
import { isKept } from './prune.ts'
import type { StepFile } from './run-files.ts'
import { stored } from './steps.ts'
import { type Inputs, inForceSql, inputsOfNow } from './what-if.ts'
import type { Workplace } from './workplace.ts'

export interface ExplainRequest {
  /** Default: the day of the published night. */
  day?: Day
  scheme?: string
}

/** A day's inputs, policy, and the night that used them when there is one. */
interface Ground {
  day: Day
  policy: Policy
  policyVersion: number
  inputs: Inputs
  night: { steps: StepFile[] } | null
}

interface Party {
  id: bigint
  customerNo: string
  name: string
  kind: 'person' | 'company'
}

/** Refuses `not_found`, `night_missing`, `rate_missing`, `night_day_invalid`. Names and numbers are masked. */
export async function explainCustomer(
  workplace: Workplace,
  customerNo: string,
  request: ExplainRequest = {},
): Promise<Explanation> {
  const party = await partyOf(workplace, customerNo)
  const ground = await groundOf(workplace, request)
  return explain(ground.policy, await factsOf(workplace, ground, party))
}

export interface CustomerHistory {
  from: Day
  to: Day
  /** Shaded in the chart: the window of the day asked for. */
  window: { from: Day; to: Day }
  days: { day: Day; valueFen: bigint; aumFen: bigint; gap: boolean }[]
}

/**
 * End-of-day values of a customer's shares, weighted as the average counts them and unweighted; at most 800 days. Without
 * `from` they reach two windows back from the last day; of a span that begins after it there are none.
 */
export async function customerHistory(
  workplace: Workplace,
  customerNo: string,
  request: { from?: Day; to?: Day; scheme?: string } = {},
): Promise<CustomerHistory> {
  const party = await partyOf(workplace, customerNo)
  const published = await groundOf(workplace, request.scheme === undefined ? {} : { scheme: request.scheme })
  const to = [request.to ?? published.day, published.day].sort()[0] ?? published.day
  const window = windowOf(published.policy, published.day)
  const earliest = addDays(to, 1 - historyDaysMax)
  const wanted = request.from ?? addDays(to, 1 - 2 * window.days)
  const from = [wanted, earliest].sort().at(-1) ?? wanted
  if (from > to) return { from, to, window: { from: window.from, to: window.to }, days: [] }
  const query = {
    policy: published.policy,
    lenientRates: true,
    day: to,
    from,
    inputs: published.inputs,
    parties: [party.id],
  }
  const found = await positionsOf(workplace, query)
  const facts = bareFacts(published, party, found)
  return {
    from,
    to,
    window: { from: window.from, to: window.to },
    days: dailyValues(published.policy, facts, from, to),
  }
}

export const historyDaysMax = 800

async function partyOf(workplace: Workplace, customerNo: string): Promise<Party> {
  const found = await workplace.db.owner.query(
    `select p.id, p.customer_no as "customerNo", p.name, p.kind from party p
     where p.customer_no = $1 or p.id = (select party_id from customer where customer_no = $1) limit 1`,
    [customerNo],
  )
  return found.rows[0] ?? refuse('not_found', { what: `customer ${customerNo}`, whatZh: `客户 ${customerNo}` })
}

async function groundOf(workplace: Workplace, request: ExplainRequest): Promise<Ground> {
  const scheme = request.scheme ?? schemeDefault
  const found = await workplace.db.owner.query(
    `select n.day, n.policy_id, n.manifest, n.steps from night n left join published_night p on p.night_id = n.id
     where n.scheme = $1 and ${isKept} and ($2::date is null and p.night_id is not null or n.day = $2)
     order by n.id desc limit 1`,
    [scheme, request.day ?? null],
  )
  const [night] = found.rows as { day: Day; policy_id: number; manifest: Manifest; steps: StepFile[] }[]
  if (night) {
    const { policy, version } = await policyById(workplace.db.owner, night.policy_id)
    return { day: night.day, policy, policyVersion: version, inputs: night.manifest, night }
  }
  if (request.day === undefined) return refuse('night_missing')
  await checkDay(workplace, request.day)
  const { policy, version } = await policyInForce(
    workplace.db.owner,
    scheme,
    request.day,
    workplace.config.baseCurrency,
  )
  const inputs = await inputsOfNow(workplace, request.day)
  return { day: request.day, policy, policyVersion: version, inputs, night: null }
}

async function factsOf(workplace: Workplace, ground: Ground, party: Party): Promise<ExplainFacts> {
  const household = await householdMembers(workplace, ground, party.id)
  const window = windowOf(ground.policy, ground.day)
  const ahead = distanceWindow(ground.policy, ground.day)
  const from = [window.from, ahead.stay?.from ?? window.from].sort()[0] ?? window.from
  const parties = [...new Set([party.id, ...(household?.members.map((member) => member.partyId) ?? [])])]
  const found = await positionsOf(workplace, {
    policy: ground.policy,
    day: ground.day,
    from,
    inputs: ground.inputs,
    parties,
  })
  const facts = { ...bareFacts(ground, party, found), ...(await figuresOf(workplace, ground, party.id)) }
  if (!household) return facts
  const names = await namesOf(
    workplace,
    household.members.map((member) => member.partyId),
  )
  const members = household.members.map((member): MemberFacts => {
    const named = names.get(member.partyId)
    const own = bareFacts(ground, { ...party, id: member.partyId, customerNo: named?.customerNo ?? '' }, found)
    const counted = ground.policy.household?.membership === 'byDay' ? clipToMembership(own, member.spans) : own
    return {
      customerNo: named?.customerNo ?? null,
      name: mask('name', named?.name ?? null),
      consenting: member.consenting,
      sumScaled: ownSum(ground.policy, counted, window),
      // the days ahead are all days of membership: it is taken to go on
      flow: { ...ownFlow(ground.policy, own, ahead), stay: ownFlow(ground.policy, counted, ahead).stay },
    }
  })
  return { ...facts, household: { householdNo: household.householdNo, members } }
}

function bareFacts(ground: Ground, party: Party, found: PartyPositions): ExplainFacts {
  return {
    customerNo: party.customerNo,
    name: mask('name', party.name),
    day: ground.day,
    policyVersion: ground.policyVersion,
    kind: party.kind,
    hasValidIdentity: false,
    flags: found.flags.get(party.id) ?? [],
    tierInForce: 0,
    noticeCount: 0,
    frequency: 0,
    productClasses: 0,
    positions: (found.positions.get(party.id) ?? []).map((position) => ({ ...position, customerNo: party.customerNo })),
    rates: found.rates,
    household: null,
    missing: [],
    noData: found.noData.has(party.id),
  }
}

/** What the night counted for the party apart from money; for a day without a night, from the same sources. */
async function figuresOf(workplace: Workplace, ground: Ground, party: bigint): Promise<Partial<ExplainFacts>> {
  const source = { snapshotDir: join(workplace.lakeDir, 'snapshots', ground.inputs.snapshot) }
  const [record] = await workplace.engine.rows<{ identity_valid: boolean; missing: string; tier: bigint | null }>(
    `select p.identity_valid, p.missing, f.tier_in_force::bigint as tier from ${desk(source, 'party')} p
     left join ${inForceSql(source, ground.policy.scheme, ground.day)} f on f.party_id = p.party_id where p.party_id = ${party}`,
  )
  const file = (name: string) => ground.night?.steps.find((step) => step.name === name)
  const [figures] = ground.night
    ? await workplace.engine.rows<{ frequency: bigint; classes: bigint; notice: bigint; tier: bigint | null }>(
        `select m.frequency::bigint as frequency, m.product_classes::bigint as classes, l.notice_count::bigint as notice,
           coalesce(l.change_to, l.from_tier)::bigint as tier
         from ${stored(workplace.lakeDir, file('measure'))} m
         join ${stored(workplace.lakeDir, file('life'))} l on l.party_id = m.party_id where m.party_id = ${party}`,
      )
    : await workplace.engine.rows<{ frequency: bigint; classes: bigint; notice: bigint; tier: bigint | null }>(
        frequencySql(workplace, ground, source, party),
      )
  return {
    hasValidIdentity: record?.identity_valid ?? false,
    missing: record?.missing ? record.missing.split(',') : [],
    tierInForce: Number(figures?.tier ?? record?.tier ?? 0),
    noticeCount: Number(figures?.notice ?? 0),
    frequency: Number(figures?.frequency ?? 0),
    productClasses: Number(figures?.classes ?? 0),
  }
}

function frequencySql(workplace: Workplace, ground: Ground, source: { snapshotDir: string }, party: bigint): string {
  const window = windowOf(ground.policy, ground.day)
  const facts = relation(workplace.lakeDir, manifestFacts(ground.inputs, 'transaction'), emptyFacts.transaction)
  return `select count(*)::bigint as frequency, 0::bigint as classes, 0::bigint as notice, null::bigint as tier
    from ${facts} t join ${desk(source, 'account_owner')} o on o.account_id = t.account_id
      and o.from_day <= t.day and o.to_day > t.day
    where o.party_id = ${party} and t.day between date '${window.from}' and date '${window.to}'
      and t.kind not in ('interest', 'fee')`
}

interface HouseholdOfDay {
  householdNo: string
  members: { partyId: bigint; consenting: boolean; spans: Membership[] }[]
}

async function householdMembers(workplace: Workplace, ground: Ground, party: bigint): Promise<HouseholdOfDay | null> {
  const source = { snapshotDir: join(workplace.lakeDir, 'snapshots', ground.inputs.snapshot) }
  const valid = `from_day <= date '${ground.day}' and to_day > date '${ground.day}'`
  const rows = await workplace.engine.rows<Record<string, string | bigint | null>>(`
    select h.household_no, m.party_id, m.from_day::varchar as from_day, m.to_day::varchar as to_day,
      m.consent_from::varchar as consent_from, m.consent_to::varchar as consent_to
    from ${desk(source, 'household_member')} m join ${desk(source, 'household')} h on h.household_id = m.household_id
    where m.household_id = (select household_id from ${desk(source, 'household_member')}
      where party_id = ${party} and ${valid}
      order by (consent_from <= date '${ground.day}' and coalesce(consent_to, date '2299-12-31') > date '${ground.day}') desc nulls last,
        household_id limit 1)
    order by m.party_id, m.from_day`)
  if (!rows[0]) return null
  const members = [...Map.groupBy(rows, (row) => row.party_id as bigint)].map(([partyId, own]) => {
    const spans = own.map((row) => ({
      partyId,
      fromDay: row.from_day as Day,
      toDay: row.to_day as Day,
      consentFrom: row.consent_from as Day | null,
      consentTo: row.consent_to as Day | null,
    }))
    return { partyId, spans, consenting: spans.some((span) => isConsenting(span, ground.day)) }
  })
  return {
    householdNo: String(rows[0].household_no),
    members: members.filter((member) =>
      member.spans.some((span) => span.fromDay <= ground.day && span.toDay > ground.day),
    ),
  }
}

/** Values of days outside consenting membership do not count under `membership: byDay`. */
function clipToMembership(facts: ExplainFacts, membership: readonly Membership[]): ExplainFacts {
  const clip = (position: PositionFacts): PositionFacts => ({
    ...position,
    spans: position.spans.flatMap((span) =>
      membership.flatMap((member) => {
        if (member.consentFrom === null) return []
        const from = [span.from, member.fromDay, member.consentFrom].sort().at(-1) as Day
        const to = [span.to, member.toDay, member.consentTo ?? span.to].sort()[0] as Day
        return from < to ? [{ ...span, from, to }] : []
      }),
    ),
  })
  return { ...facts, positions: facts.positions.map(clip) }
}

async function namesOf(workplace: Workplace, parties: readonly bigint[]): Promise<Map<bigint, Party>> {
  const found = await workplace.db.owner.query(
    'select id, customer_no as "customerNo", name, kind from party where id = any($1::bigint[])',
    [parties],
  )
  return new Map(found.rows.map((row) => [row.id, row]))
}

function dailyValues(policy: Policy, facts: ExplainFacts, from: Day, to: Day): CustomerHistory['days'] {
  const count = daysBetween(from, to) + 1
  const weighted = new Array<bigint>(count).fill(0n)
  const plain = new Array<bigint>(count).fill(0n)
  const gaps = new Array<boolean>(count).fill(false)
  const unweighted = { ...policy, weights: Object.fromEntries(assetClasses.map((name) => [name, shareScale])) }
  for (const position of facts.positions) {
    const foreign = position.currency !== policy.currency
    const weight = weightOf(policy, position)
    for (const span of position.spans) {
      let daily: bigint | undefined
      for (const day of eachDay(span.from, addDays(span.to, -1))) {
        const at = daysBetween(from, day)
        // a foreign value moves with its rate, a domestic one is the same all along
        if (daily === undefined || foreign) {
          const alone = { ...position, spans: [span] }
          daily = spanSums(unweighted, facts, alone, { from: day, to: day })[0]?.sumScaled ?? 0n
        }
        weighted[at] = (weighted[at] ?? 0n) + (daily * weight) / shareScale
        plain[at] = (plain[at] ?? 0n) + daily
        if (span.carried) gaps[at] = true
      }
    }
  }
  return [...eachDay(from, to)].map((day, i) => ({
    day,
    valueFen: (weighted[i] ?? 0n) / sumScale,
    aumFen: (plain[i] ?? 0n) / sumScale,
    gap: gaps[i] ?? false,
  }))
}
