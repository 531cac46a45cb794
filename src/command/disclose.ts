/** `strata subject-access`: everything the bank holds on a customer, as a file for that customer. */
import { writeFileSync } from 'node:fs'
import { everything } from '../db/database.ts'
import { disclose } from '../nightly/disclose.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { mustBeWritable } from './out-file.ts'
import { language, say, text } from './print.ts'

export interface DiscloseChoices {
  out: string
  reason: string
  json?: boolean
}

/** Writes it, readable by its owner only, and its audit entry. Refuses `out_unwritable`. */
export async function subjectAccess(workplace: Workplace, customerNo: string, choices: DiscloseChoices): Promise<void> {
  const { out, reason, json } = choices
  mustBeWritable(out, true)
  const asked = { customerNo, format: json ? 'json' : 'html', language, reason, who: 'strata', address: null } as const
  const file = await disclose(workplace, everything, asked)
  writeFileSync(out, file.text, { mode: 0o600, flag: 'wx' })
  say(text(`${out}: personal data stands open in it`, `${out}：含明文个人信息`))
}
