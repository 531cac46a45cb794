/**
 * The straight way of a balance file: where every row is right as it stands, one typed pass of the engine checks,
 * resolves references and writes sorted facts. The pass proves rather than explains: whatever it does not know to be
 * right sends the file the general way (check.ts), which says why. Both give the same facts of the same rows.
 */
import { join } from 'node:path'
import { present } from '../kit/assert.ts'
import { day as dayOf } from '../kit/day.ts'
import { Refused } from '../kit/refusal.ts'
import type { PlainBytes } from './bytes.ts'
import { headOf } from './bytes.ts'
import { dayValue, placesOf, scaledValue } from './cells.ts'
import type { CheckedFile, CheckRequest, ReferenceMap } from './check.ts'
import { tokenSql } from './check-sql.ts'
import { checkNames, compareTotals, controlTotals } from './control.ts'
import { readHeader } from './csv.ts'
import { type Engine, literal } from './engine.ts'
import { balanceFormat } from './facts.ts'
import { refuseWrongDay } from './named-day.ts'
import { readTotals } from './totals.ts'

/** The columns of a balance file; one with others goes the general way, which reports them. */
const columns = ['account_no', 'day', 'balance', 'currency'] as const

/** Facts in the order of position and day have one number to sort by: bucket, position, days since 1900. */
const dayBits = 18
const positionBits = 40
const firstDay = `date '1900-01-01'`

/**
 * The file as facts, or undefined when it has to go the general way: because of its form, because a row is not right,
 * or because an account and day come twice. Refuses what the general way would refuse of right rows: totals that
 * differ and a day that is not that of the name.
 */
export async function straightFacts(
  engine: Engine,
  request: CheckRequest,
  bytes: PlainBytes,
): Promise<CheckedFile | undefined> {
  const { feed, logicalName: file, outDir, format: wish } = request
  const account = request.references.account
  if (!account?.carry?.includes('position_id') || bytes.container !== 'csv' || wish) return undefined
  const text = straightHeader(bytes.plainPath, file)
  if (!text) return undefined
  const path = join(outDir, 'facts.parquet')
  const written = await tried(engine, passSql({ request, account, path: bytes.plainPath, text }, path))
  if (!written) return undefined
  const facts = `read_parquet(${literal(path)})`
  const found = await measured(engine, facts)
  if (!found.inOrder || found.rows !== BigInt((await bytes.lines) - 1)) return undefined
  const said = controlTotals(file, request.controlPath ?? `${request.path}.ctl`, undefined)
  checkNames(file, said, feed)
  const sha256 = await bytes.sha256
  const totals = await readTotals(engine, {
    plan: { feed, present: new Set<string>(columns), baseCurrency: request.baseCurrency },
    rows: `(select f.day, f.value as balance, k.currency from ${facts} f
      join ${account.relation} k on k.id = f.account_id)`,
    said,
    sha256,
    read: found.rows,
  })
  const control = compareTotals(file, said, totals)
  refuseWrongDay(request, found.lastDay)
  return {
    feed: feed.name,
    logicalName: file,
    sha256,
    bytes: bytes.bytes,
    format: { container: 'csv', compression: bytes.compression, encoding: 'utf-8', ...text },
    read: found.rows,
    accepted: found.rows,
    quarantined: 0n,
    acceptedPath: path,
    areFacts: true,
    quarantine: [],
    firstDay: found.firstDay,
    lastDay: found.lastDay,
    control,
    columns: feed.columns.map(({ name }) => ({
      column: name,
      checked: found.rows,
      missing: 0n,
      invalid: 0n,
      reported: 0n,
    })),
    duplicates: 0n,
    unknownColumns: [],
  }
}

interface Text {
  separator: string
  header: string[]
  byteOrderMark: boolean
}

/** Separator and header of a text whose header is just the columns, unquoted. */
function straightHeader(path: string, file: string): Text | undefined {
  const start = headOf(path, 512).toString('latin1')
  const firstLine = start.slice(0, start.search(/[\r\n]/))
  if (firstLine.includes('"') || !columns.every((name) => firstLine.toLowerCase().includes(name))) return undefined
  const { separator, cells } = readHeader(path, file, columns)
  const header = cells.map((cell) => cell.toLowerCase())
  const fits = header.length === columns.length && columns.every((name) => header.includes(name))
  return fits ? { separator, header, byteOrderMark: start.startsWith('\xef\xbb\xbf') } : undefined
}

interface Pass {
  request: CheckRequest
  account: ReferenceMap
  /** The text. */
  path: string
  text: Text
}

/** Reads, checks, resolves and sorts in one statement; fails at the first row that is not right. */
function passSql({ request, account, path, text }: Pass, target: string): string {
  const { accountSecret, baseCurrency, today } = request
  const wrong = `error('not straight')`
  const read = `read_csv(${literal(path)}, header = true, delim = ${literal(text.separator)}, quote = '', escape = '',
    comment = '', nullstr = '', auto_detect = false, max_line_size = 2097152,
    columns = {${text.header.map((name) => `'${name}': 'VARCHAR'`).join(', ')}})`
  // What is written in the usual form is known by writing it again, at a third of the price of the general expression.
  const usualDay = 'try_cast(day as date)'
  const day = `case when ${usualDay}::varchar = day then ${usualDay} else ${dayValue('day')} end`
  const usual = 'try_cast(balance as decimal(18, 2))'
  const value = `case when places = 2 and strlen(balance) <= 18 and ${usual}::varchar = balance
    then (${usual} * 100)::bigint else ${scaledValue('balance', 'places', 15)} end`
  const order = `((account_id & 15) << ${dayBits + positionBits}) | (position_id << ${dayBits}) | (day - ${firstDay})`
  // A scalar subquery, as in check-sql.ts: of a left join the engine may hash the many rows instead of the accounts.
  return `copy (
    select (place >> ${dayBits + positionBits})::utinyint as bucket,
      (place >> ${dayBits}) & ${2n ** BigInt(positionBits) - 1n} as position_id, account_id,
      ${firstDay} + (place & ${2 ** dayBits - 1})::integer as day, value, false as gap
    from (
      select ${order} as place, account_id, value from (
        select found.id as account_id, day, coalesce(value, ${wrong}) as value,
          case when found.currency = currency and day between ${firstDay} and date ${literal(today)}
            and found.position_id between 0 and ${2n ** BigInt(positionBits) - 1n} then found.position_id
            else ${wrong} end as position_id
        from (select currency, day, value,
            (select struct_pack(id := m.id, position_id := m.position_id, currency := m.currency)
             from ${account.relation} m where m.number = r.number) as found
          from (select ${tokenSql(accountSecret, 'account_no')} as number, currency, ${day} as day, ${value} as value
            from (select *, ${placesOf('currency', baseCurrency)} as places from ${read})) r))
      order by place)
  ) to ${literal(target)} (${balanceFormat})`
}

/** Whether the pass came through. What it says against the file is said better the general way. */
async function tried(engine: Engine, sql: string): Promise<boolean> {
  try {
    await engine.exec(sql)
    return true
  } catch (error) {
    if (error instanceof Refused || /out of memory|no space|the engine died/i.test(String(error))) throw error
    return false
  }
}

interface Measured {
  rows: bigint
  firstDay: CheckedFile['firstDay']
  lastDay: CheckedFile['lastDay']
  /** Sorted, and no position twice on a day. */
  inOrder: boolean
}

async function measured(engine: Engine, facts: string): Promise<Measured> {
  const place = `(bucket::bigint << ${dayBits + positionBits}) | (position_id << ${dayBits}) | (day - ${firstDay})`
  const [found] = await engine.rows<{ rows: bigint; first: string | null; last: string | null; disordered: bigint }>(
    `select count(*) as rows, min(day)::varchar as first, max(day)::varchar as last,
       count(*) filter (place <= before) as disordered
     from (select day, place, lag(place) over () as before from (select day, ${place} as place from ${facts}))`,
  )
  const { rows, first, last, disordered } = present(found, 'counts')
  const inOrder = disordered === 0n && first !== null && last !== null
  return { rows, inOrder, firstDay: first ? dayOf(first) : undefined, lastDay: last ? dayOf(last) : undefined }
}
