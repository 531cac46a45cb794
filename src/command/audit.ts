/** `strata audit`: the audit file, the newest signed head and the public key, each to be kept apart from this machine. */
import { createWriteStream, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { audit as addEntry } from '../access/audit.ts'
import { publicPem } from '../access/audit-chain.ts'
import { auditFile, newestHead, spanOfDays } from '../access/audit-file.ts'
import { sealAudit } from '../access/audit-sealer.ts'
import { openAuditSigner } from '../access/audit-signer.ts'
import { everything } from '../db/database.ts'
import type { Day } from '../kit/day.ts'
import { refuse } from '../kit/refusal.ts'
import type { Workplace } from '../nightly/workplace.ts'
import { mustBeWritable } from './out-file.ts'
import { put, putJson, say, text } from './print.ts'

export interface AuditChoices {
  out?: string
  /** First day, in the bank's zone. */
  from?: Day
  /** Last day. */
  to?: Day
}

/** Does one of these. What has not been sealed yet is sealed first. Refuses not_found before the first entry, out_unwritable. */
export async function audit(
  workplace: Workplace,
  part: 'export' | 'head' | 'key',
  choices: AuditChoices,
): Promise<void> {
  if (choices.out !== undefined) mustBeWritable(choices.out)
  const signer = openAuditSigner(workplace.config.home)
  if (part === 'key') return give(choices.out, publicPem(signer.publicKey))
  await sealAudit(workplace.db.owner, signer, workplace.clock)
  if (part === 'export') return exportFile(workplace, choices)
  const head = await workplace.db.withScope(everything, newestHead)
  if (!head) refuse('not_found', { what: 'a sealed audit entry', whatZh: '已封存的审计记录' })
  if (choices.out === undefined) putJson(head)
  else give(choices.out, `${JSON.stringify(head)}\n`)
}

async function exportFile(workplace: Workplace, { out, from, to }: AuditChoices): Promise<void> {
  if (out === undefined) {
    refuse('input_invalid', { field: '--out', reason: 'is needed for an export', reasonZh: '导出时必填' })
  }
  const { db, clock, config } = workplace
  const span = spanOfDays(config.timeZone, { from, to })
  const temporary = `${out}.${process.pid}.part`
  try {
    await db.withScope(everything, async (trx) => {
      await pipeline(Readable.from(auditFile(trx, clock.now(), span)), createWriteStream(temporary, { mode: 0o600 }))
      // After the file was read, so that it does not hold its own export as not yet sealed.
      await addEntry(trx, { who: 'strata', action: 'exportAudit', noun: 'audit', after: { from, to } })
    })
    renameSync(temporary, out)
  } finally {
    rmSync(temporary, { force: true })
  }
  say(
    text(
      `${out} is written; check it with: strata verify audit ${out}`,
      `已写入 ${out}；核验：strata verify audit ${out}`,
    ),
  )
}

function give(out: string | undefined, content: string): void {
  if (out === undefined) put(content)
  else writeFileSync(out, content)
}
