/** `strata explain`: why a customer has a tier, with parts that add up to the unit. */
import { type Currency, minorUnits } from '../kit/currency.ts'
import type { Day } from '../kit/day.ts'
import { formatAmount } from '../kit/money.ts'
import { explainCustomer } from '../nightly/explain.ts'
import type { Workplace } from '../nightly/workplace.ts'
import type { Explanation } from '../tiers/explanation.ts'
import { language, put, putJson, table, text } from './print.ts'

export interface ExplainChoices {
  day?: Day
  scheme?: string
  json?: boolean
}

/** Prints it; as JSON money is decimal text in minor units. */
export async function explain(workplace: Workplace, customerNo: string, choices: ExplainChoices): Promise<void> {
  const { day, scheme } = choices
  const why = await explainCustomer(workplace, customerNo, {
    ...(day !== undefined && { day }),
    ...(scheme !== undefined && { scheme }),
  })
  if (choices.json) return putJson(why)
  put(`${why.customerNo} ${why.name}  ${why.day}  ${why.policyName[language]} v${why.policyVersion}\n`)
  for (const sentence of why.sentences[language]) put(sentence)
  put(`\n${bars(why)}\n\n${parts(why)}`)
  for (const gap of why.gaps) put(`! ${gap[language]}`)
  put(text(`confidence ${why.confidence} of 100`, `可信度 ${why.confidence} / 100`))
}

function bars(why: Explanation): string {
  const met = (bar: string | null, reached: boolean) =>
    bar === null ? '–' : `${money(why, bar)} ${reached ? '✓' : '✗'}`
  return table(
    [
      { head: text('bar of', '门槛') },
      { head: text('alone', '个人'), right: true },
      { head: text('household', '家庭'), right: true },
    ],
    why.bars.map((bar) => [
      bar.tier[language],
      met(bar.individualFen, bar.individualMet),
      met(bar.householdFen, bar.householdMet),
    ]),
  )
}

function parts(why: Explanation): string {
  const rows = why.parts.map((part) => [
    part.accountNo,
    part.productName,
    part.currency,
    part.rate === null ? `~${scaled(part.rateAverage, 8)}` : scaled(part.rate, 8),
    scaled(String(part.weight), 4),
    scaled(String(part.share), 4),
    `${part.fromDay} … ${part.toDay}`,
    String(part.days - part.gapDays) + (part.gapDays > 0 ? ` + ${part.gapDays}` : ''),
    money(why, part.sumFen),
    money(why, part.averageFen),
  ])
  const blank = ['', '', '', '', '', '', '']
  rows.push([text('rounding', '舍入'), ...blank, money(why, why.roundingSumFen), money(why, why.roundingFen)])
  const { sumFen, averageFen } = why.individual
  rows.push([text('sum', '合计'), ...blank, money(why, sumFen), money(why, averageFen)])
  const right = true
  return table(
    [
      { head: text('account', '账户') },
      { head: text('product', '产品') },
      { head: text('currency', '币种') },
      { head: text('rate', '汇率'), right },
      { head: text('weight', '系数'), right },
      { head: text('share', '份额'), right },
      { head: text('days', '日期') },
      { head: text('count', '天数'), right },
      { head: text('sum', '积数'), right },
      { head: text('average', '日均'), right },
    ],
    rows,
  )
}

function money(why: Explanation, fen: string): string {
  return formatAmount(BigInt(fen), minorUnits[why.currency as Currency])
}

// 72500000 at 8 places: 0.725
function scaled(digits: string, places: number): string {
  return formatAmount(BigInt(digits), places).replace(/\.?0+$/, '')
}
