/** `strata simulate`: who would move under another policy; nothing is published. */
import { minorUnits } from '../kit/currency.ts'
import { formatAmount } from '../kit/money.ts'
import { openSimulator, type SimulateResult } from '../nightly/simulate.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { tierAt } from '../tiers/policy.ts'
import { language, put, putJson, table, text } from './print.ts'
import { policyFile } from './tiers.ts'

export interface SimulateChoices {
  scheme?: string
  json?: boolean
}

/** Compares the policy of a file with the published night. */
export async function simulate(workplace: Workplace, path: string, choices: SimulateChoices): Promise<void> {
  const simulator = openSimulator(workplace)
  try {
    const request = { policyText: policyFile(path), ...(choices.scheme !== undefined && { scheme: choices.scheme }) }
    const result = await simulator.simulate(request, workplace.report)
    if (choices.json) {
      const { moves, tiers, rises, falls, night, milliseconds, recomputed } = result
      putJson({ night, tiers, moves, rises, falls, recomputed, milliseconds })
    } else print(workplace, result)
  } finally {
    await simulator.close()
  }
}

function print(workplace: Workplace, result: SimulateResult): void {
  const name = (tier: number) => tierAt(result.policy, tier)?.[language] ?? text('none', '无')
  const assets = (fen: bigint) => formatAmount(fen, minorUnits[workplace.config.baseCurrency])
  const right = true
  const heads = [text('before', '现在'), text('after', '之后')]
  put(
    table(
      [
        { head: text('tier', '等级') },
        ...heads.map((head) => ({ head, right })),
        { head: text('assets after', '之后资产'), right },
      ],
      result.tiers
        .toReversed()
        .map((layer) => [name(layer.tier), String(layer.before), String(layer.after), assets(layer.assetsFen)]),
    ),
  )
  const moves = result.moves.filter((move) => move.fromTier !== move.toTier)
  if (moves.length > 0) {
    put('')
    put(
      table(
        [{ head: text('from', '从') }, { head: text('to', '到') }, { head: text('customers', '客户数'), right }],
        moves.map((move) => [name(move.fromTier), name(move.toTier), String(move.customers)]),
      ),
    )
  }
  const { rises, falls, night, milliseconds } = result
  put(
    text(
      `\n${rises} rise, ${falls} fall against the night of ${night.day}; ${milliseconds.toFixed(0)} ms`,
      `\n较 ${night.day} 的跑批：升 ${rises}，降 ${falls}；${milliseconds.toFixed(0)} 毫秒`,
    ),
  )
}
