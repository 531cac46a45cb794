/** `strata tiers`: the tier of every customer as a file. */
import { existsSync, readFileSync } from 'node:fs'
import { auditAsOwner } from '../access/audit.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import { exportTiers } from '../nightly/export-tiers.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { say, text } from './print.ts'

export interface TiersChoices {
  out: string
  format: 'csv' | 'json' | 'parquet'
  day?: Day
  scheme?: string
  policy?: string
}

/** Writes the file; the sentence about it goes to stderr, stdout stays for programs. */
export async function tiers(workplace: Workplace, choices: TiersChoices): Promise<void> {
  const { out, format, day, scheme, policy } = choices
  const result = await exportTiers(workplace, {
    out,
    format,
    ...(day !== undefined && { day }),
    ...(scheme !== undefined && { scheme }),
    ...(policy !== undefined && { policyText: policyFile(policy) }),
  })
  const { rows, policyVersion } = result
  await auditAsOwner(workplace.db.owner, workplace.keys, {
    who: 'strata',
    action: 'exportTiers',
    noun: 'customers',
    after: { format, day: result.day, rows, policyVersion, trial: policy !== undefined },
  })
  say(
    text(
      `${out}: ${rows} customers, ${result.day}, policy version ${policyVersion}`,
      `${out}：${rows} 位客户，${result.day}，政策版本 ${policyVersion}`,
    ),
  )
}

/** The text of a policy file. Refuses `not_found`. */
export function policyFile(path: string): string {
  if (!existsSync(path)) refuse('not_found', { what: path })
  return readFileSync(path, 'utf8')
}
