/**
 * Who counts in a household, as a pure rule and as SQL. Counted are members whose membership and consent both hold on
 * the day of the night: a consenting member with nothing counts in the divisor, one who does not consent counts
 * neither in the sum nor in the divisor, one who left took the whole own sum along. Fewer than `membersMin`: no path.
 */
import type { Day } from '../kit/day.ts'
import { householdBarSql, tierCases } from './assign.ts'
import type { Policy } from './policy.ts'

export interface Membership {
  partyId: bigint
  /** Half-open intervals of days. */
  fromDay: Day
  toDay: Day
  consentFrom: Day | null
  consentTo: Day | null
}

/** Whether this member counts on `day`. */
export function isConsenting(member: Membership, day: Day): boolean {
  const belongs = member.fromDay <= day && day < member.toDay
  return belongs && member.consentFrom !== null && member.consentFrom <= day && (member.consentTo ?? '9999') > day
}

/** The household's counted sum and members, or null when there is no household path on that day. */
export function householdOf(
  policy: Policy,
  day: Day,
  members: readonly (Membership & { countedSum: bigint })[],
): { sum: bigint; members: number } | null {
  const counted = members.filter((member) => isConsenting(member, day))
  const parties = new Map(counted.map((member) => [member.partyId, member.countedSum]))
  if (!policy.household || parties.size < policy.household.membersMin) return null
  return { sum: [...parties.values()].reduce((sum, own) => sum + own, 0n), members: parties.size }
}

export interface HouseholdSource {
  /** (household_id, party_id, from_day, to_day, consent_from, consent_to): DATE, half-open, consent nullable. */
  members: string
  /**
   * (party_id, own_sum HUGEINT, counts BOOLEAN); with `membership: byDay` also member_sum HUGEINT, which is own_sum
   * clipped to the days on which the party was a consenting member of its household of the day. A party without a row
   * has nothing.
   */
  sums: string
  /** Further HUGEINT columns of `sums` to add up over the consenting members, by the name they get (own_now: household_now). */
  also?: Readonly<Record<string, string>>
  day: Day
  /** The rows of `memberValuesSql` as a relation, where they are kept; both queries below read them. */
  values?: string
}

/**
 * One row per household with a member on the day: household_id, members INTEGER (all), consenting INTEGER,
 * household_sum HUGEINT (Σ of the consenting, also when they are too few).
 */
export function householdsSql(policy: Policy, source: HouseholdSource): string {
  return `
select household_id,
  count(*)::integer as members,
  (count(*) filter (where consenting))::integer as consenting,
  ${summed('household_sum')}${Object.keys(source.also ?? {})
    .map((name) => `,\n  ${summed(name)}`)
    .join('')}
from ${source.values ?? `(${memberValuesSql(policy, source)})`}
group by household_id`
}

/**
 * One row per consenting member of a household with a path: party_id, household_id, household_sum HUGEINT,
 * household_members INTEGER. Left-join it to the parties to get the input of `assignSql`.
 */
export function householdSql(policy: Policy, source: HouseholdSource): string {
  const least = policy.household?.membersMin
  return `
select member.party_id, total.household_id, total.household_sum, total.consenting as household_members${Object.keys(
    source.also ?? {},
  )
    .map((name) => `, total.${name}`)
    .join('')}
from ${source.values ?? `(${memberValuesSql(policy, source)})`} as member
join (${householdsSql(policy, source)}) as total on total.household_id = member.household_id
where member.consenting and ${least === undefined ? 'false' : `total.consenting >= ${least}`}
-- two households at once are refused by the desk; should they come in a feed, the older one counts
qualify row_number() over (partition by member.party_id order by total.household_id) = 1`
}

/** The household's own tier (SMALLINT, 0 for none): `input` has household_sum and `household_members` (consenting). */
export function householdTierSql(policy: Policy, days: number): string {
  const least = policy.household?.membersMin
  if (least === undefined) return '0::smallint'
  return `(case when household_members < ${least} then 0
           ${tierCases(policy, (tier) => householdBarSql(policy, tier, days))} else 0 end)::smallint`
}

function summed(name: string): string {
  return `coalesce(sum(${name}) filter (where consenting), 0)::hugeint as ${name}`
}

/** What each member of a household on the day adds to it: household_id, party_id, consenting, household_sum, and `also`. */
export function memberValuesSql(policy: Policy, source: HouseholdSource): string {
  const day = `date '${source.day}'`
  const own = policy.household?.membership === 'byDay' ? 'member_sum' : 'own_sum'
  const values = Object.entries({ household_sum: own, ...source.also }).map(
    ([name, column]) =>
      `coalesce(any_value(case when counts then ${column} else 0::hugeint end), 0::hugeint) as ${name}`,
  )
  return `
  select members.household_id, members.party_id,
    bool_or(consent_from is not null and consent_from <= ${day} and coalesce(consent_to > ${day}, true)) as consenting,
    ${values.join(',\n    ')}
  from ${source.members} as members left join ${source.sums} as sums on sums.party_id = members.party_id
  where from_day <= ${day} and to_day > ${day}
  group by members.household_id, members.party_id`
}
