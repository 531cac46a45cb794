/** The sentences of an explanation, in both languages: what a relationship manager would say to the customer. */
import { minorUnits } from '../kit/currency.ts'
import { formatAmount } from '../kit/money.ts'
import type { Explanation } from './explanation.ts'
import { type Policy, tierAt } from './policy.ts'

type Untold = Omit<Explanation, 'sentences'>
interface Sentence {
  zh: string
  en: string
}

const pathNames: Record<Explanation['path'], Sentence> = {
  individual: { zh: '个人途径', en: 'on the individual path' },
  household: { zh: '家庭途径', en: 'on the household path' },
  entry: { zh: '凭有效身份证件', en: 'by entry' },
  none: { zh: '未达到任何条件', en: 'no condition is met' },
}

/** In order: the tier, the sum, points, the household, what is in force, the distances, what is unsure. */
export function sentencesOf(policy: Policy, why: Untold): { zh: string[]; en: string[] } {
  const sentences = [
    tierSentence(why),
    sumSentence(policy, why),
    ...pointsSentence(policy, why),
    ...householdSentence(policy, why),
    ...inForceSentence(policy, why),
    ...distanceSentences(policy, why),
    ...confidenceSentence(why),
    ...unconfirmedSentence(policy, why),
  ]
  return { zh: sentences.map((one) => one.zh), en: sentences.map((one) => one.en) }
}

/** Fen as whole units with grouping commas, and decimals only when there are any: '100,000', '1,234.50'. */
function amountText(fen: string | bigint, decimals: number): string {
  const [units = '', fraction = ''] = formatAmount(BigInt(fen), decimals).split('.')
  const grouped = units.replace(/\B(?=(\d{3})+$)/g, ',')
  return /^0*$/.test(fraction) ? grouped : `${grouped}.${fraction}`
}

function money(policy: Policy, fen: string | bigint): string {
  return `${policy.currency} ${amountText(fen, minorUnits[policy.currency])}`
}

function tierSentence({ day, qualifiedTier, path, policyVersion, policyName, applies }: Untold): Sentence {
  if (!applies) {
    return {
      zh: `《${policyName.zh}》第 ${policyVersion} 版不适用于此类客户，因此没有等级。`,
      en: `"${policyName.en}" version ${policyVersion} is not for this kind of customer, so there is no tier.`,
    }
  }
  const how = pathNames[path]
  return {
    zh: `${day} 按《${policyName.zh}》第 ${policyVersion} 版达标等级：${qualifiedTier.zh}（${how.zh}）。`,
    en: `On ${day}, under "${policyName.en}" version ${policyVersion}, this customer qualifies for ${qualifiedTier.en} (${how.en}).`,
  }
}

function sumSentence(policy: Policy, { window, individual, qualifiedTier, path }: Untold): Sentence {
  const average = money(policy, individual.averageFen)
  const span = {
    zh: `${window.from} 至 ${window.to} 共 ${window.days} 天`,
    en: `${window.from} to ${window.to}, ${window.days} days`,
  }
  const bar = tierAt(policy, qualifiedTier.ordinal)?.individual
  const reached = path === 'individual' && bar !== null && bar !== undefined
  return {
    zh: `${span.zh}，日均综合金融资产 ${average}${reached ? `，达到门槛 ${money(policy, bar)}` : ''}。`,
    en: `${span.en}: average daily financial assets ${average}${reached ? `, which reaches the bar of ${money(policy, bar)}` : ''}.`,
  }
}

function pointsSentence(policy: Policy, { criteria, points }: Untold): Sentence[] {
  if (points === null) return []
  const value = (one: Untold['criteria'][number]) =>
    one.measure === 'averageAssets' ? money(policy, one.value) : one.value
  const list = (language: 'zh' | 'en') =>
    criteria
      .map((one) => `${one[language]} ${value(one)} → ${one.points} × ${decimal4(one.weight)}`)
      .join(language === 'zh' ? '；' : '; ')
  return [{ zh: `得分 ${decimal4(points)}：${list('zh')}。`, en: `${decimal4(points)} points: ${list('en')}.` }]
}

function householdSentence(policy: Policy, { household, path, qualifiedTier }: Untold): Sentence[] {
  if (!household) return []
  const { householdNo, consenting, averageFen, totalFen, rule } = household
  if (!household.counts) {
    return [
      {
        zh: `家庭 ${householdNo} 不参与定级：授权成员 ${consenting} 名，须至少 ${policy.household?.membersMin} 名且本人已授权。`,
        en: `Household ${householdNo} does not count: ${consenting} consenting members; it takes ${policy.household?.membersMin}, this customer among them.`,
      },
    ]
  }
  const bar = tierAt(policy, qualifiedTier.ordinal)?.household
  const reached = path === 'household' && bar !== null && bar !== undefined
  const used = rule === 'mean' ? { zh: '按人均计', en: 'the mean counts' } : { zh: '按合计计', en: 'the total counts' }
  return [
    {
      zh: `家庭 ${householdNo}：${consenting} 名授权成员，日均人均 ${money(policy, averageFen)}，合计 ${money(policy, totalFen)}，${used.zh}${reached ? `，达到家庭门槛 ${money(policy, bar)}` : ''}。`,
      en: `Household ${householdNo}: ${consenting} consenting members, on average ${money(policy, averageFen)} each and ${money(policy, totalFen)} together; ${used.en}${reached ? ` and reaches the household bar of ${money(policy, bar)}` : ''}.`,
    },
  ]
}

function inForceSentence(policy: Policy, { tierInForce, qualifiedTier, noticeCount }: Untold): Sentence[] {
  if (tierInForce.ordinal === qualifiedTier.ordinal) return []
  const { noticeMonthEnds, steps } = policy.fall
  if (tierInForce.ordinal < qualifiedTier.ordinal) {
    return [{ zh: `现行等级仍为${tierInForce.zh}。`, en: `The tier in force is still ${tierInForce.en}.` }]
  }
  return [
    {
      zh: `现行等级为${tierInForce.zh}，已有 ${noticeCount} 个考核日低于门槛，满 ${noticeMonthEnds} 个降 ${steps} 级。`,
      en: `The tier in force is ${tierInForce.en}; below the line on ${noticeCount} cut-offs in a row, and after ${noticeMonthEnds} it falls by ${steps}.`,
    },
  ]
}

function distanceSentences(policy: Policy, { toNext, toKeep, toHold }: Untold): Sentence[] {
  const who = (path: 'individual' | 'household') =>
    path === 'household' ? { zh: '家庭合计', en: 'the household together ' } : { zh: '', en: '' }
  const span = (one: NonNullable<Untold['toNext']>) => ({
    zh: `${one.from} 至 ${one.to}`,
    en: `from ${one.from} to ${one.to}`,
  })
  const more = (one: Untold['toNext'], verb: Sentence): Sentence[] => {
    if (!one) return []
    const amount = money(policy, one.amountFen)
    if (BigInt(one.amountFen) === 0n) {
      return [
        {
          zh: `${verb.zh}${one.tier.zh}：${who(one.path).zh}维持今日余额至 ${one.to} 即可。`,
          en: `To ${verb.en} ${one.tier.en}: holding today's value until ${one.to} is enough.`,
        },
      ]
    }
    return [
      {
        zh: `${verb.zh}${one.tier.zh}：${span(one).zh}，${who(one.path).zh}每日须比今天多 ${amount}。`,
        en: `To ${verb.en} ${one.tier.en}: ${who(one.path).en}${amount} more than today, held ${span(one).en}.`,
      },
    ]
  }
  const keep: Sentence[] = toKeep
    ? [
        {
          zh: `保持${toKeep.tier.zh}：${span(toKeep).zh}，${who(toKeep.path).zh}每日最多可比今天少 ${money(policy, toKeep.amountFen)}。`,
          en: `To keep ${toKeep.tier.en}: up to ${money(policy, toKeep.amountFen)} ${who(toKeep.path).en}may leave, ${span(toKeep).en}.`,
        },
      ]
    : []
  // One step below the tier in force, the next tier and the one to regain are the same.
  const again = toHold?.tier.ordinal === toNext?.tier.ordinal
  const up = again ? { zh: '重新达到', en: 'regain' } : { zh: '升至', en: 'reach' }
  return [...more(toNext, up), ...keep, ...(again ? [] : more(toHold, { zh: '恢复', en: 'regain' }))]
}

function confidenceSentence({ confidence, gaps }: Untold): Sentence[] {
  if (gaps.length === 0) return []
  return [
    {
      zh: `可信度 ${confidence}：${gaps.map((gap) => `${gap.zh}（−${gap.points}）`).join('；')}。`,
      en: `Confidence ${confidence}: ${gaps.map((gap) => `${gap.en} (−${gap.points})`).join('; ')}.`,
    },
  ]
}

/** Only when an unconfirmed bar decided or is the next one. */
function unconfirmedSentence(policy: Policy, why: Untold): Sentence[] {
  const relevant = [why.qualifiedTier.ordinal, why.toNext?.tier.ordinal ?? 0]
  const tiers = policy.tiers.filter((tier) => !tier.confirmed && relevant.includes(tier.ordinal))
  return tiers.map((tier) => ({
    zh: `${tier.zh}的门槛尚待银行确认。`,
    en: `The bars of ${tier.en} are not yet confirmed by the bank.`,
  }))
}

function decimal4(scaled: number): string {
  return formatAmount(BigInt(scaled), 4).replace(/\.?0+$/, '')
}
