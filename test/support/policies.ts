/** Policies for tests: the shipped texts, and random ones that `parsePolicy` accepts. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Policy } from '../../src/tiers/policy.ts'
import { parsePolicy } from '../../src/tiers/policy-text.ts'

export function shippedPolicyText(name: 'personal' | 'service' | 'berka'): string {
  return readFileSync(new URL(`../../src/tiers/policies/${name}.yaml`, import.meta.url), 'utf8')
}

export function shippedPolicy(name: 'personal' | 'service' | 'berka'): Policy {
  return parsePolicy(shippedPolicyText(name))
}

/** A policy text by bars; `bars` are [individual, household or null] in yuan, ascending. */
export function policyText(given: {
  days?: number
  window?: string
  cutOff?: string
  appliesTo?: string
  entry?: 'identity' | 'everyone' | 'none'
  household?: string
  bars?: (readonly [number, number | null])[]
  approvals?: boolean[]
  more?: string
}): string {
  const bars = given.bars ?? [[100_000, 80_000]]
  const entry = given.entry ?? 'identity'
  const lines = bars.map(([individual, household], index) => {
    const path = household === null ? '' : `, household: ${household}`
    const approval = given.approvals?.[index] ? ', approval: secondPerson' : ''
    return `  - { code: t${index}, zh: 级${index}, en: Tier ${index}, individual: ${individual}${path}${approval} }`
  })
  return [
    'scheme: test',
    'name: { zh: 试验, en: Test }',
    `appliesTo: ${given.appliesTo ?? 'person'}`,
    `window: ${given.window ?? `{ kind: trailing, days: ${given.days ?? 90} }`}`,
    `cutOff: ${given.cutOff ?? 'monthEnd'}`,
    `household: ${given.household ?? '{ measure: mean }'}`,
    given.more ?? '',
    'tiers:',
    ...(entry === 'none' ? [] : [`  - { code: base, zh: 基础, en: Base, entry: ${entry} }`]),
    ...lines,
  ].join('\n')
}

function ascending(most: number, count: number): fc.Arbitrary<number[]> {
  return fc
    .uniqueArray(fc.integer({ min: 1, max: most }), { minLength: count, maxLength: count })
    .map((list) => list.sort((a, b) => a - b))
}

/** A random policy by bars. */
export const anyBarsPolicy: fc.Arbitrary<Policy> = fc
  .record({
    count: fc.integer({ min: 1, max: 5 }),
    days: fc.integer({ min: 1, max: 120 }),
    appliesTo: fc.constantFrom('person', 'company', 'everyone'),
    entry: fc.constantFrom('identity' as const, 'everyone' as const, 'none' as const),
    household: fc.constantFrom('none', '{ measure: mean }', '{ measure: sum }', '{ measure: mean, membersMin: 3 }'),
    approvals: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    withoutPath: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    notice: fc.integer({ min: 1, max: 4 }),
    steps: fc.integer({ min: 1, max: 3 }),
    riseAt: fc.constantFrom('cutOff', 'everyNight'),
    fallApproval: fc.constantFrom('none', 'secondPerson'),
  })
  .chain((given) =>
    fc.tuple(ascending(2_000_000, given.count), ascending(1_500_000, given.count)).map(([individual, household]) =>
      parsePolicy(
        policyText({
          days: given.days,
          appliesTo: given.appliesTo,
          entry: given.entry,
          household: given.household,
          approvals: given.approvals,
          bars: individual.map((bar, index) => [
            bar,
            given.household === 'none' || given.withoutPath[index] ? null : (household[index] ?? null),
          ]),
          more: [
            `rise: { at: ${given.riseAt} }`,
            `fall: { noticeMonthEnds: ${given.notice}, steps: ${given.steps}, approval: ${given.fallApproval} }`,
          ].join('\n'),
        }),
      ),
    ),
  )

/** A random policy of points, over the criteria of the shipped one. */
export const anyPointsPolicy: fc.Arbitrary<Policy> = fc
  .record({ weights: ascending(9999, 2), points: ascending(100, 3), bands: ascending(1_000_000, 4) })
  .map(({ weights, points, bands }) => {
    const [low = 1, high = 2] = weights
    const share = (part: number) => (part / 10_000).toFixed(4)
    const [first, second, third] = points
    const band = (from: number | undefined, value: number | undefined) => `{ from: ${from}, points: ${value} }`
    return parsePolicy(
      [
        'scheme: points',
        'name: { zh: 分值, en: Points }',
        'appliesTo: everyone',
        'window: { kind: trailing, days: 30 }',
        'household: none',
        'criteria:',
        `  - { measure: averageAssets, zh: 资产, en: Assets, weight: ${share(low)}, bands: [${bands
          .map((from, index) => band(from, 25 * (index + 1)))
          .join(', ')}] }`,
        `  - { measure: frequency, zh: 频率, en: Frequency, weight: ${share(high - low)}, bands: [${band(0, 0)}, ${band(3, 50)}, ${band(9, 90)}] }`,
        `  - { measure: productClasses, zh: 需求, en: Need, weight: ${share(10_000 - high)}, bands: [${band(1, 10)}, ${band(4, 100)}] }`,
        'tiers:',
        `  - { code: low, zh: 低, en: Low, points: ${first} }`,
        `  - { code: middle, zh: 中, en: Middle, points: ${second} }`,
        `  - { code: high, zh: 高, en: High, points: ${third}, approval: secondPerson }`,
      ].join('\n'),
    )
  })
