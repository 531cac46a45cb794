/** Rules that open papers of a kind, for a purpose, to every unit that sees the customer. */
import { sql } from 'kysely'
import { audit } from '../../access/audit.ts'
import type { Checked, Output } from '../../contract/endpoint.ts'
import type { makePaperRule } from '../../contract/paper-access.ts'
import type { Trx } from '../../db/database.ts'
import { present } from '../../kit/assert.ts'
import { refuse } from '../../kit/refusal.ts'
import { kindCalled } from './kinds.ts'
import type { AtWork } from './places.ts'

type PaperRule = Output<typeof makePaperRule>

const rulesMax = 500

interface Row extends Pick<PaperRule, 'id' | 'purpose' | 'basis' | 'reason'> {
  kind: string
  zh: string
  en: string
  made_by: string
  made_at: Date
  ended_by: string | null
  ended_at: Date | null
}

const select = sql`select r.id, r.kind, k.name_zh as zh, k.name_en as en, r.purpose, r.basis, r.reason,
    m.display_name as made_by, r.made_at, e.display_name as ended_by, r.ended_at
  from paper_rule r join paper_kind k on k.code = r.kind join login m on m.id = r.made_by
  left join login e on e.id = r.ended_by`

/** Those in force first, then the ended ones; newest first. */
export async function paperRules(trx: Trx): Promise<PaperRule[]> {
  const { rows } = await sql<Row>`${select} order by r.ended_at is not null, r.id desc limit ${rulesMax}`.execute(trx)
  return rows.map(asRule)
}

/** Refuses paper_kind_unknown, paper_rule_known while one for the same is in force. Audited. */
export async function makeRule(
  trx: Trx,
  rule: Checked<typeof makePaperRule>['body'],
  { session, clock, address }: AtWork,
): Promise<PaperRule> {
  const { reason, ...after } = rule
  await kindCalled(trx, rule.kind)
  const made = await sql<{ id: number }>`insert into paper_rule (kind, purpose, basis, reason, made_by, made_at)
    values (${rule.kind}, ${rule.purpose}, ${rule.basis}, ${reason}, ${session.loginId}, ${clock.now()})
    on conflict (kind, purpose) where ended_at is null do nothing returning id`.execute(trx)
  const id = made.rows[0]?.id ?? refuse('paper_rule_known')
  const entry = { who: session.who, action: 'makePaperRule', noun: 'paperRule', nounId: String(id) }
  await audit(trx, { ...entry, after, reason, address })
  return ruleCalled(trx, id)
}

/** From the next opening on it opens nothing. Refuses not_found, also for one that ended. Audited. */
export async function endRule(trx: Trx, id: number, { session, clock, address }: AtWork): Promise<PaperRule> {
  const ended = await sql<{ id: number }>`update paper_rule set ended_at = ${clock.now()}, ended_by = ${session.loginId}
    where id = ${id} and ended_at is null returning id`.execute(trx)
  if (ended.rows.length === 0) refuse('not_found', { what: `rule ${id}`, whatZh: `规则 ${id}` })
  const rule = await ruleCalled(trx, id)
  const before = { kind: rule.kind.code, purpose: rule.purpose, basis: rule.basis }
  await audit(trx, { who: session.who, action: 'endPaperRule', noun: 'paperRule', nounId: String(id), before, address })
  return rule
}

async function ruleCalled(trx: Trx, id: number): Promise<PaperRule> {
  const { rows } = await sql<Row>`${select} where r.id = ${id}`.execute(trx)
  return asRule(present(rows[0], 'the rule that was written'))
}

function asRule(row: Row): PaperRule {
  return {
    id: row.id,
    kind: { code: row.kind, zh: row.zh, en: row.en },
    purpose: row.purpose,
    basis: row.basis,
    reason: row.reason,
    madeBy: row.made_by,
    madeAt: row.made_at.toISOString(),
    endedBy: row.ended_by,
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}
