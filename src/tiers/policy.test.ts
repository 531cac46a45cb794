import { describe, expect, it } from 'vitest'
import { policyText, shippedPolicy, shippedPolicyText } from '../../test/support/policies.ts'
import { yuan } from '../kit/money.ts'
import { Refused } from '../kit/refusal.ts'
import { canonicalText, tierByCode, unconfirmed, warnings } from './policy.ts'
import { parsePolicy } from './policy-text.ts'

const text = shippedPolicyText('personal')

/** Line and reason of the refusal of a text. */
function refusal(policy: string): [number, string] {
  try {
    parsePolicy(policy)
  } catch (error) {
    if (error instanceof Refused) return [Number(error.params.line), String(error.params.reason)]
    throw error
  }
  throw new Error('not refused')
}
const lineOf = (policy: string, part: string) => policy.slice(0, policy.indexOf(part)).split('\n').length

describe('the shipped policies', () => {
  it('personal: four tiers with the bars of the bank', () => {
    const personal = shippedPolicy('personal')
    expect(
      personal.tiers.map((tier) => [tier.code, tier.individual, tier.household, tier.approval, tier.valueClass]),
    ).toEqual([
      ['silver', null, null, 'none', '小'],
      ['gold', yuan(100_000), yuan(80_000), 'none', '普通'],
      ['platinum', yuan(300_000), yuan(250_000), 'secondPerson', '主要'],
      ['black', yuan(1_000_000), yuan(800_000), 'secondPerson', '重要'],
    ])
    expect(unconfirmed(personal).map((one) => `${one.tier} ${one.bar}`)).toEqual([
      'black individual',
      'black household',
    ])
    expect(warnings(personal)).toEqual([])
  })
  it('service: three levels by points, two of them to be confirmed', () => {
    const service = shippedPolicy('service')
    expect(service.household).toBeNull()
    expect(service.criteria?.map((one) => one.weight)).toEqual([6000n, 2500n, 1500n])
    expect(unconfirmed(service)).toHaveLength(2)
  })
  it('berka: CZK, overdrafts subtracted', () => {
    const berka = shippedPolicy('berka')
    expect(berka).toMatchObject({ currency: 'CZK', negative: 'subtract', window: { kind: 'trailing', days: 90 } })
    expect(tierByCode(berka, 'black')).toMatchObject({ individual: 8_000_000n, household: 6_500_000n })
  })
})

describe('a policy text', () => {
  it.each([
    ['a blank bar', text.replace('individual: 1,000,000', 'individual:'), 'individual:\n', 'is blank'],
    [
      'a bar that is no number',
      text.replace('individual: 300,000', 'individual: lots'),
      'individual: lots',
      'is not an amount',
    ],
    [
      'a bar finer than the currency',
      text.replace('household: 80,000', 'household: 80,000.001'),
      'household: 80,000.001',
      'is not an amount',
    ],
    [
      'bars that do not ascend',
      text.replace('individual: 300,000', 'individual: 100,000'),
      'individual: 100,000\n    household: 250',
      'must be above the bar of Gold',
    ],
    [
      'household bars that do not ascend',
      text.replace('household: 250,000', 'household: 8,000'),
      'household: 8,000\n',
      'must be above the bar of Gold',
    ],
    ['a bar of nothing', text.replace('household: 80,000', 'household: 0'), 'household: 0', 'must be above 0'],
    ['an unknown setting', text.replace('cutOff: monthEnd', 'cutoff: monthEnd'), 'cutoff', 'no such setting'],
    ['an unknown setting inside a tier', text.replace('valueClass: 小', 'colour: silver'), 'colour', 'no such setting'],
    [
      'a wrong choice',
      text.replace('negative: zero', 'negative: forget'),
      'negative: forget',
      'must be one of: zero, subtract',
    ],
    ['a window of no days', text.replace('days: 90', 'days: 0'), 'window', 'whole number in 1..400'],
    ['an unknown currency', text.replace('currency: CNY', 'currency: XXX'), 'currency: XXX', 'no currency XXX'],
    ['a code twice', text.replace('code: gold', 'code: silver'), 'code: silver\n    zh: 金卡', 'used twice'],
    [
      'an entry above the lowest',
      text.replace('valueClass: 普通', 'entry: identity'),
      'entry: identity\n    individual',
      'only the lowest tier is entered',
    ],
    [
      'a tier without a bar',
      text.replace('    individual: 100,000\n', ''),
      'code: gold',
      'the bar individual is missing',
    ],
    [
      'a household bar without the path',
      text.replace(/household: \{.*\}/, 'household: none'),
      'household: 80,000',
      'has no household path',
    ],
    [
      'a weight of too many places',
      text.replace('weights: {}', 'weights: { fund: 0.12345 }'),
      'weights: { fund',
      'at most 4 decimals',
    ],
    ['an unknown class', text.replace('weights: {}', 'weights: { loan: 1 }'), 'weights: { loan', 'no such setting'],
    [
      'notice of no month-end',
      text.replace('noticeMonthEnds: 3', 'noticeMonthEnds: 0'),
      'fall:',
      'whole number in 1..60',
    ],
    [
      'a setting twice',
      text.replace('cutOff: monthEnd', 'cutOff: monthEnd\ncutOff: quarterEnd'),
      'cutOff: quarterEnd',
      'YAML',
    ],
  ])('is refused for %s, with its line', (_, policy, part, reason) => {
    const [line, said] = refusal(policy)
    expect(said).toContain(reason)
    expect(line).toBe(lineOf(policy, part))
  })

  it.each([
    ['weights that do not add up', 'weight: 0.60', 'weight: 0.50', 'must add up to 1'],
    ['bands that go down', '{ from: 50000, points: 40 }', '{ from: 50000, points: 10 }', 'bands must ascend'],
    ['a bar in money', 'points: 70, approval', 'individual: 70, approval', 'the bar points is missing'],
    ['an amount beside points', 'points: 70, approval', 'points: 70, individual: 70, approval', 'has no bars in money'],
  ])('by points is refused for %s', (_, old, changed, reason) => {
    expect(refusal(shippedPolicyText('service').replace(old, changed))[1]).toContain(reason)
  })

  it('is refused when empty, or when points come without criteria', () => {
    expect(refusal('')[0]).toBe(1)
    expect(refusal('- a')[0]).toBe(1)
    const points = policyText({}).replace('individual: 100000, household: 80000', 'points: 3')
    expect(refusal(points)[1]).toContain('individual is missing')
  })

  it('is refused when a quarter is averaged at month-ends', () => {
    expect(refusal(policyText({ window: '{ kind: calendarQuarter }' }))[1]).toContain('quarterEnd')
  })

  it('keeps a bar exact, however many digits it has', () => {
    const policy = parsePolicy(policyText({}).replace('individual: 100000', 'individual: 90071992547409.93'))
    expect(policy.tiers[1]?.individual).toBe(9_007_199_254_740_993n)
  })

  it('warns of what is unusual', () => {
    const policy = parsePolicy(policyText({ bars: [[100, 200]], more: 'fall: { noticeMonthEnds: 1 }' }))
    expect(warnings(policy)).toHaveLength(2)
  })

  it('has one canonical text, whatever its order, spelling and comments', () => {
    const spelled =
      text.replaceAll('100,000', '100000.00').replace('cutOff: monthEnd\n', '') + '\ncutOff: monthEnd # last\n'
    expect(canonicalText(parsePolicy(spelled))).toBe(canonicalText(parsePolicy(text)))
    expect(canonicalText(parsePolicy(text.replace('days: 90', 'days: 91')))).not.toBe(canonicalText(parsePolicy(text)))
  })
})
