/** `strata policy list|check|put`: the versions in the record, a look at a file, and a file put in force. */
import { everything } from '../db/database.ts'
import { listPolicies } from '../desk/policies/store.ts'
import { minorUnits } from '../kit/currency.ts'
import type { Day } from '../kit/day.ts'
import { formatAmount } from '../kit/money.ts'
import { putPolicy } from '../nightly/put-policy.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { type Policy, unconfirmed, warnings } from '../tiers/policy.ts'
import { parsePolicy } from '../tiers/policy-text.ts'
import { grouped, language, put, putJson, say, table, text } from './print.ts'
import { policyFile } from './tiers.ts'

interface Choices {
  json?: boolean
}

/** Prints every version, newest first. */
export async function listVersions(workplace: Workplace, choices: Choices): Promise<void> {
  const rows = await workplace.db.withScope(everything, (trx) => listPolicies(trx, workplace.clock.today()))
  if (choices.json) return putJson(rows)
  const heads = [text('scheme', '分级体系'), text('version', '版本'), text('name', '名称'), text('state', '状态')]
  const columns = [...heads, text('from', '起始日'), text('recorded', '登记')].map((head) => ({ head }))
  const states = {
    draft: text('draft', '草稿'),
    planned: text('planned', '待执行'),
    inForce: text('in force', '执行中'),
    superseded: text('superseded', '已替代'),
  }
  const lines = rows.map((row) => [
    row.scheme,
    String(row.version),
    text(row.nameEn, row.name),
    states[row.status],
    row.inForceFrom ?? '–',
    `${row.recordedAt.slice(0, 10)} ${row.recordedBy}`,
  ])
  put(table(columns, lines))
}

/** Reads a file as a night would, and prints its tiers and whatever is unusual. Refuses `policy_invalid`, `not_found`. */
export function checkFile(path: string, choices: Choices): void {
  const policy = parsePolicy(policyFile(path))
  const notes = [...warnings(policy), ...unconfirmed(policy)].map(({ zh, en }) => ({ zh, en }))
  if (choices.json) {
    putJson({ scheme: policy.scheme, name: policy.name, tiers: policy.tiers, notes })
    return
  }
  put(`${policy.scheme}: ${policy.name[language]}\n`)
  put(tiersTable(policy))
  for (const note of notes) say(note[language])
}

function tiersTable(policy: Policy): string {
  const right = true
  const amount = (fen: bigint | null) => (fen === null ? '–' : grouped(formatAmount(fen, minorUnits[policy.currency])))
  const columns = [
    { head: text('tier', '等级') },
    { head: text(`alone, ${policy.currency}`, `个人，${policy.currency}`), right },
    { head: text(`household, ${policy.currency}`, `家庭，${policy.currency}`), right },
    { head: text('second person', '双人复核') },
  ]
  const lines = policy.tiers
    .toReversed()
    .map((tier) => [
      tier[language],
      amount(tier.individual),
      amount(tier.household),
      tier.approval === 'secondPerson' ? text('yes', '是') : '',
    ])
  return table(columns, lines)
}

/** Puts a file in force for nights from a day on. */
export async function putFile(workplace: Workplace, path: string, choices: Choices & { from: Day }): Promise<void> {
  const made = await putPolicy(workplace.db, workplace.config, { text: policyFile(path), from: choices.from })
  if (choices.json) return putJson(made)
  const { scheme, version, inForceFrom } = made
  put(
    text(
      `${scheme} version ${version} counts for nights from ${inForceFrom} on`,
      `${scheme} 第 ${version} 版自 ${inForceFrom} 起的跑批执行`,
    ),
  )
}
