/** Rows of people who were erased: nobody comes back under the same number. They are kept out, without what they say. */
import type pg from 'pg'
import type { Keys } from '../../access/keys.ts'
import { speaksOf, type Traces } from '../../acts/quarantine-traces.ts'
import { literal } from '../../lake/engine.ts'
import type { QuarantineRow } from '../../lake/quarantine.ts'
import { type Merge, rejectWhere } from './merge.ts'

export const erasedRule = 'erased'

const words = {
  rule: erasedRule,
  expectedZh: '个人信息未被删除的客户',
  expectedEn: 'a customer whose personal data was not erased',
  adviceZh: '请在核心系统停止下发该客户；若确为新的业务关系，请使用新的客户号',
  adviceEn: 'Stop delivering this customer; a new relationship gets a new customer number',
}

/** What the rows of erased people are known by; undefined when nobody was. */
export async function erasedTraces(client: pg.PoolClient): Promise<Traces | undefined> {
  const numbers = await client.query<{ customer_no: string }>('select customer_no from erasure')
  if (numbers.rows.length === 0) return undefined
  const tokens = await client.query<{ token: string }>(
    `select encode(a.no_token, 'hex') as token from account a where a.no_sealed = '' and exists (
       select from account_owner o join party p on p.id = o.party_id
       where o.account_id = a.id and p.erased_at is not null)`,
  )
  return {
    texts: new Set(numbers.rows.map((row) => row.customer_no)),
    tokens: new Set(tokens.rows.map((row) => row.token)),
  }
}

/** Keeps their rows out of the record. Amounts of their accounts go on to the lake, which knows no person. */
export async function rejectErased(merge: Merge, traces: Traces | undefined): Promise<void> {
  if (!traces) return
  const { engine, accepted, client, feed } = merge
  const column = feed.name === 'customers' ? 'customer_no' : 'customer_id'
  if (column === 'customer_id' && !feed.columns.some(({ name }) => name === 'customer_no')) return
  const ids = await client.query<{ id: bigint }>('select id from party where erased_at is not null')
  const wanted = column === 'customer_no' ? [...traces.texts].map(literal) : ids.rows.map((row) => String(row.id))
  if (wanted.length === 0) return
  const lines = `select line from ${accepted} where ${column} in (${wanted.join(', ')})`
  await rejectWhere(engine, feed.name === 'accounts' ? newAccountsOf(merge, lines) : lines, {
    column: 'customer_no',
    ...words,
  })
}

// An account that is known keeps its owners, and its amounts; a new one would bring a number back, and of a joint one
// not a share alone can be left out.
function newAccountsOf({ accepted }: Merge, lines: string): string {
  return `select a.line from ${accepted} a where (a.account_no_hi, a.account_no_lo) in (
      select (e.account_no_hi, e.account_no_lo) from ${accepted} e where e.line in (${lines}))
    and not exists (select 1 from known.account k where k.token_hi = a.account_no_hi and k.token_lo = a.account_no_lo)`
}

/** Quarantined rows as they are kept: those that speak of an erased person lose the row and the value. */
export function withoutErased(
  rows: readonly QuarantineRow[],
  header: readonly string[],
  keys: Keys,
  traces: Traces | undefined,
): QuarantineRow[] {
  if (!traces) return [...rows]
  const lines = new Set(
    rows
      .filter((row) => row.rawRow !== null && (row.rule === erasedRule || speaksOf(row.rawRow, header, keys, traces)))
      .map((row) => row.line),
  )
  return rows.map((row) => (lines.has(row.line) ? { ...row, rawRow: null, value: '' } : row))
}
