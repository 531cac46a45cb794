/** The parts of an explanation: what each position gave to the sum, by runs of days with the same share. */
import { addDays } from '../kit/day.ts'
import { sumScale, truncate } from '../kit/money.ts'
import { type ExplainFacts, type PositionFacts, rateOn, type SpanSum, spanSums, weightOf } from './explain-facts.ts'
import type { ExplainedPart } from './explanation.ts'
import type { Policy } from './policy.ts'
import type { Window } from './window.ts'

/** One part per run of days with the same share; its weight and currency are the position's. */
export function partsOf(policy: Policy, facts: ExplainFacts, position: PositionFacts, window: Window): ExplainedPart[] {
  const runs: SpanSum[][] = []
  for (const sum of spanSums(policy, facts, position, window)) {
    const run = runs.at(-1)
    if (run?.[0]?.span.share === sum.span.share) run.push(sum)
    else runs.push([sum])
  }
  return runs.map((run) => explainedPart(policy, facts, position, window, run))
}

function explainedPart(
  policy: Policy,
  facts: ExplainFacts,
  position: PositionFacts,
  window: Window,
  run: readonly SpanSum[],
): ExplainedPart {
  const [first, last] = [run[0] as SpanSum, run.at(-1) as SpanSum]
  const sum = run.reduce((total, one) => total + one.sumScaled, 0n)
  const rates = run.flatMap((one) => ratesOf(policy, facts, position, one))
  const { customerNo, accountId, accountNo, product, productName, kind, currency } = position
  return {
    customerNo,
    accountId,
    accountNo,
    product,
    productName,
    class: position.class,
    kind,
    currency,
    fromDay: first.from,
    toDay: last.to,
    days: run.reduce((total, one) => total + one.days, 0),
    value: run.every((one) => one.span.value === first.span.value) ? String(first.span.value) : null,
    rate: rates.every((rate) => rate === rates[0]) ? String(rates[0]) : null,
    rateAverage: String(
      truncate(
        rates.reduce((total, rate) => total + rate, 0n),
        BigInt(rates.length),
      ),
    ),
    weight: Number(weightOf(policy, position)),
    share: Number(first.span.share),
    ...figures(sum, window.days),
    gapDays: run.reduce((total, one) => total + (one.span.carried ? one.days : 0), 0),
    spans: run.map((one) => ({
      fromDay: one.from,
      toDay: one.to,
      days: one.days,
      value: String(one.span.value),
      counted: String(one.counted),
      carried: one.span.carried,
      leftOut: one.span.leftOut,
      sumFen: String(truncate(one.sumScaled, sumScale)),
    })),
  }
}

function ratesOf(policy: Policy, facts: ExplainFacts, position: PositionFacts, sum: SpanSum): bigint[] {
  return Array.from({ length: sum.days }, (_, index) =>
    rateOn(policy, facts, position.currency, addDays(sum.from, index)),
  )
}

/** Exact and shown: fen·days and the average, truncated toward zero. */
export function figures(sumScaled: bigint, days: number): { sumFen: string; averageFen: string; sumScaled: string } {
  return {
    sumFen: String(truncate(sumScaled, sumScale)),
    averageFen: String(truncate(sumScaled, sumScale * BigInt(days))),
    sumScaled: String(sumScaled),
  }
}
