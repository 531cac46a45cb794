/**
 * How much the data behind a figure can be trusted: 100 less what each kind of gap costs. The costs are settings of the
 * policy, so a bank can say what a hole is worth; the rule is
 * - carried: values carried forward over a hole cost at most `carried`, in proportion to the days carried and to the
 *   part of the own sum that lies on such positions, rounded up, at least 1;
 * - missing: each required fact of the customer that is missing or wrong costs `missingEach`, together `missingMax`;
 * - noData: an open account of which no balance ever came costs `noData`.
 */
import { ceilDivide } from '../kit/money.ts'
import { hugeint } from './assign.ts'
import type { Policy } from './policy.ts'

export interface GapFacts {
  /** Most days carried forward of any position in the window. */
  gapDays: number
  /** Window sum of the positions with such days, and of everything; scaled alike. */
  gapSum: bigint
  ownSum: bigint
  /** Column names of required facts that are missing or wrong. */
  missing: readonly string[]
  noData: boolean
}

export interface Gap {
  /** 'carried:<days>', 'missing:<column>', 'noData': as kept in night_customer.gaps. */
  code: string
  /** Points of confidence it costs. */
  points: number
}

/** Every gap with its cost. The costs of missing facts stop at `missingMax`, so later ones may cost 0. */
export function gapsOf(policy: Policy, days: number, facts: GapFacts): Gap[] {
  const { missingEach, missingMax, noData } = policy.confidence
  const gaps: Gap[] = []
  if (facts.gapDays > 0) gaps.push({ code: `carried:${facts.gapDays}`, points: carriedPoints(policy, days, facts) })
  for (const [index, column] of facts.missing.entries()) {
    const points = Math.min(missingEach, Math.max(0, missingMax - missingEach * index))
    gaps.push({ code: `missing:${column}`, points })
  }
  if (facts.noData) gaps.push({ code: 'noData', points: noData })
  return gaps
}

/** 0 to 100. */
export function confidence(gaps: readonly Gap[]): number {
  return Math.max(0, 100 - gaps.reduce((sum, gap) => sum + gap.points, 0))
}

/**
 * The same as an SQL expression (SMALLINT) over a row with own_sum, gap_sum HUGEINT, gap_days, missing_count INTEGER,
 * no_data BOOLEAN; nulls count as nothing.
 */
export function confidenceSql(policy: Policy, days: number): string {
  const { carried, missingEach, missingMax, noData } = policy.confidence
  const part = (above: string, below: string) => `(${above} + ${below} - 1) // ${below}`
  const weighed = part(`${carried} * gap_days::hugeint * abs(gap_sum)`, `(${hugeint(BigInt(days))} * abs(own_sum))`)
  const plain = part(`${carried} * gap_days::hugeint`, hugeint(BigInt(days)))
  return `greatest(0, 100
    - case when coalesce(gap_days, 0) = 0 then 0
           else least(${carried}, greatest(1, case when coalesce(own_sum, 0) = 0 then ${plain} else ${weighed} end)) end
    - least(${missingMax}, ${missingEach} * coalesce(missing_count, 0))
    - case when coalesce(no_data, false) then ${noData} else 0 end)::smallint`
}

/**
 * The rows of `input` (a relation with gap_days, no_data and `missing`, the names of missing facts separated by commas)
 * and `gaps`: the codes of the gaps, separated by commas (VARCHAR). Text throughout: lists would cost a million parties
 * half a second; and the lists of names are few, so that their codes are written once each and looked up.
 */
export function withGapsSql(input: string): string {
  return `(
  select given.*, case when coalesce(gap_days, 0) = 0 and not coalesce(no_data, false) then coalesce(names.gaps, '')
    else concat_ws(',', case when gap_days > 0 then 'carried:' || gap_days end, names.gaps,
      case when no_data then 'noData' end) end as gaps
  from ${input} as given
  left join (select missing, 'missing:' || replace(missing, ',', ',missing:') as gaps
    from (select distinct missing from ${input} as listed) where missing <> '') names on names.missing = given.missing
)`
}

/** What a gap's code says. */
export function gapText(code: string): { zh: string; en: string } {
  const [kind, detail = ''] = code.split(':')
  switch (kind) {
    case 'carried':
      return {
        zh: `余额缺 ${detail} 天，沿用前值`,
        en: `balances missing for ${detail} days, the last one carried forward`,
      }
    case 'missing':
      return { zh: `客户资料缺失或有误：${detail}`, en: `customer fact missing or wrong: ${detail}` }
    case 'noData':
      return { zh: '有账户从未收到余额', en: 'an open account has never had a balance' }
    default:
      return { zh: code, en: code }
  }
}

function carriedPoints(policy: Policy, days: number, facts: GapFacts): number {
  const { carried } = policy.confidence
  const abs = (n: bigint) => (n < 0n ? -n : n)
  const above = BigInt(carried) * BigInt(facts.gapDays)
  const lost =
    facts.ownSum === 0n
      ? ceilDivide(above, BigInt(days))
      : ceilDivide(above * abs(facts.gapSum), BigInt(days) * abs(facts.ownSum))
  return Math.min(carried, Math.max(1, Number(lost)))
}
