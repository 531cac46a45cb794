/**
 * A tier policy: who gets which tier, by which measure, over which window, and how a tier in force moves; every "not
 * stated" of the trade is a setting. policy-text.ts reads one from its YAML.
 */
import type { Currency } from '../kit/currency.ts'
import type { Fen } from '../kit/money.ts'

/** Financial assets; loans and cards never count. */
export const assetClasses = ['deposit', 'wealth', 'fund', 'insurance', 'bond', 'metal', 'securities'] as const
export type AssetClass = (typeof assetClasses)[number]

/** Flags of a party or of its accounts (frozen and pledged exist for accounts, dormant for both). */
export const specials = ['minor', 'guardian', 'deceased', 'dormant', 'staff', 'staffKin', 'frozen', 'pledged'] as const
export type Special = (typeof specials)[number]

/** Flags an account can carry: `counts: false` takes its value out on the days of the flag. */
export const accountSpecials = ['frozen', 'pledged', 'dormant'] as const satisfies Special[]

export interface SpecialRule {
  /** Whether the value counts toward own and household sum. */
  counts: boolean
  /** Whether the tier in force may rise. */
  rises: boolean
  /** Whether the tier in force may fall. */
  falls: boolean
}

export const valueClasses = ['小', '普通', '主要', '重要'] as const
type ValueClass = (typeof valueClasses)[number]

export interface Tier {
  /** 1 is the lowest; 0 means "no tier" and is not in the list. */
  ordinal: number
  code: string
  zh: string
  en: string
  valueClass: ValueClass | null
  /** How the lowest tier is entered without any amount; null for tiers with a bar. */
  entry: 'identity' | 'everyone' | null
  /** The average to reach alone, fen; null for an entry tier and under a policy of points. */
  individual: Fen | null
  /** The average to reach as a household, fen; null: no household path into this tier. */
  household: Fen | null
  /** Points to reach × 10^4, under a policy of points; else null. */
  points: bigint | null
  approval: 'none' | 'secondPerson'
  confirmed: boolean
}

export const barKinds = ['individual', 'household', 'points'] as const
type BarKind = (typeof barKinds)[number]
const barNames: Record<BarKind, { zh: string; en: string }> = {
  individual: { zh: '个人门槛', en: 'individual bar' },
  household: { zh: '家庭门槛', en: 'household bar' },
  points: { zh: '分值门槛', en: 'bar in points' },
}

/** One criterion of a policy of points (资产规模, 交易频率, 服务需求). */
export interface Criterion {
  /** averageAssets: fen, as own average; frequency: transactions in the window; productClasses: classes held. */
  measure: 'averageAssets' | 'frequency' | 'productClasses'
  zh: string
  en: string
  /** × 10^4; the weights of a policy add up to 10,000. */
  weight: bigint
  /** Ascending; the last band whose `from` is reached gives the points. `from` is fen for averageAssets, else a count. */
  bands: { from: bigint; points: bigint }[]
}

export interface Policy {
  scheme: string
  name: { zh: string; en: string }
  appliesTo: 'person' | 'company' | 'everyone'
  window: { kind: 'trailing'; days: number } | { kind: 'calendarMonth' } | { kind: 'calendarQuarter' }
  cutOff: 'monthEnd' | 'quarterEnd'
  currency: Currency
  negative: 'zero' | 'subtract'
  rateAgeDaysMax: number
  /** × 10^4; a class that is named here overrides the product's own weight. */
  weights: Partial<Record<AssetClass, bigint>>
  /** null: no household path. */
  household: { measure: 'mean' | 'sum'; membership: 'atCutOff' | 'byDay'; membersMin: number } | null
  rise: { effective: 'nextDay'; at: 'cutOff' | 'everyNight' }
  fall: { noticeMonthEnds: number; steps: number; approval: 'none' | 'secondPerson' }
  special: Record<Special, SpecialRule>
  /** Near the line: what is missing is at most this share (× 10^4) of the bar, or this amount. */
  nearLine: { share: bigint } | { amount: Fen }
  /** Points of confidence (of 100) lost at most by each kind of gap; see confidence.ts. */
  confidence: { carried: number; missingEach: number; missingMax: number; noData: number }
  /** null: tiers by bars; else tiers by points. */
  criteria: Criterion[] | null
  /** Ascending. */
  tiers: Tier[]
}

/** What stands in the policy without anybody having confirmed it: each bar of such a tier. Empty: nothing to flag. */
export function unconfirmed(policy: Policy): { tier: string; bar: BarKind; zh: string; en: string }[] {
  return policy.tiers
    .filter((tier) => !tier.confirmed)
    .flatMap((tier) =>
      barKinds
        .filter((bar) => tier[bar] !== null)
        .map((bar) => ({
          tier: tier.code,
          bar,
          zh: `${tier.zh}的${barNames[bar].zh}待确认`,
          en: `the ${barNames[bar].en} of ${tier.en} is not confirmed`,
        })),
    )
}

/** What is allowed but unusual; shown to whoever checks a policy. */
export function warnings(policy: Policy): { zh: string; en: string }[] {
  const found: { zh: string; en: string }[] = []
  for (const tier of policy.tiers) {
    if (tier.individual !== null && tier.household !== null && tier.household > tier.individual) {
      found.push({
        zh: `${tier.zh}：家庭门槛高于个人门槛`,
        en: `${tier.en}: the household bar is above the individual bar`,
      })
    }
  }
  if (policy.fall.noticeMonthEnds < 2) {
    found.push({ zh: '首次低于门槛即降级，事先没有提示', en: 'the first month-end below the line already falls' })
  }
  return found
}

/** The policy as one text in fixed order: equal policies give equal texts, whatever their YAML looked like. */
export function canonicalText(policy: Policy): string {
  return canonical(policy)
}

/** The tier with this code, or undefined. */
export function tierByCode(policy: Policy, code: string): Tier | undefined {
  return policy.tiers.find((tier) => tier.code === code)
}

/** The tier of an ordinal; undefined for 0, which is "no tier". */
export function tierAt(policy: Policy, ordinal: number): Tier | undefined {
  return policy.tiers[ordinal - 1]
}

function canonical(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
