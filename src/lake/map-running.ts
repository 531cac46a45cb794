/** End-of-day balances that a mapping derives from transactions, and where the bank's own balance column disagrees. */
import type { Running } from '../feeds/mapping.ts'
import type { Engine } from './engine.ts'
import { refuseFile } from './file-refusal.ts'

/** The column of a mapped file that says on which line of the source file the row began. */
export const lineColumn = '__line'

export interface BalanceBreak {
  file: string
  line: bigint
  day: string
  /** Running balance, the file's own, and how much further apart they are than the day before; plain decimals. */
  running: string
  said: string
  change: string
}

export interface BreaksFound {
  /** Above the tolerance, one by one (at most 1,000). */
  breaks: BalanceBreak[]
  /** Those below it: how many and the largest, plain decimal. */
  smallBreaks: { count: bigint; largest: string }
}

/** End-of-day balances out of signed transactions; where the source has its own, breaks are found and noted. */
export async function runningRows(
  engine: Engine,
  from: {
    running: Running
    compile(path: readonly string[], text: string): string
    columns: string[]
    kept: string
    result: BreaksFound
    file: string
  },
): Promise<string> {
  const { running, compile, result } = from
  const money = 'decimal(38, 4)'
  const compare = running.compare ? `cast(${compile(['running', 'compare'], running.compare)} as ${money})` : 'null'
  await engine.exec(`create or replace temp table signed as
    select ${from.columns.join(', ')}, ${compile(['running', 'account'], running.account)} as _account,
      cast(${compile(['running', 'day'], running.day)} as varchar) as _day,
      cast(${compile(['running', 'amount'], running.amount)} as ${money}) as _amount, ${compare} as _said, ${lineColumn}
    from ${from.kept};
    create or replace temp table running as
    with days as (
      select * exclude (_amount, _said, ${lineColumn}), sum(_amount) as _moved, max(${lineColumn}) as ${lineColumn}
      from signed group by all)
    select *, ${running.opening} + sum(_moved) over (partition by _account order by _day) as _running from days`)
  await refuseUnreadable(engine, from.file)
  // The order of transactions within a day is seldom that of the file, so the row of the day that comes nearest counts.
  await engine.exec(`create or replace temp table breaks as
    with nearest as (
      select r._account, r._day, any_value(r._running) as running, any_value(r.${lineColumn}) as line,
        arg_min(s._said, abs(s._said - r._running)) as said
      from running r join signed s on s._account = r._account and s._day = r._day where s._said is not null group by all),
    changes as (select line, _day as day, running, said,
      lag(said - running, 1, 0) over (partition by _account order by _day) as before from nearest)
    select line, day, running, said, said - running - before as change,
      abs(said - running - before) > ${running.tolerance}
        or (abs(said - running) > ${running.tolerance} and abs(before) <= ${running.tolerance}) as large
    from changes where said - running <> before`)
  const text = (name: string) => `cast(cast(${name} as decimal(38, 2)) as varchar) as ${name}`
  const breaks = await engine.rows<Omit<BalanceBreak, 'file'>>(
    `select line, day, ${text('running')}, ${text('said')}, ${text('change')} from breaks
     where large order by day, line limit 1000`,
  )
  result.breaks.push(...breaks.map((found) => ({ file: from.file, ...found })))
  const [small] = await engine.rows<{ count: bigint; largest: string }>(
    `select count(*) as count, cast(cast(coalesce(max(abs(change)), 0) as decimal(38, 2)) as varchar) as largest
     from breaks where not large`,
  )
  if (small) result.smallBreaks = small
  const given = from.columns.map((column) => /as ("[^"]+")$/.exec(column)?.[1] ?? '')
  return `select ${[...given, ''].join(', ')}_day as day, cast(cast(_running as decimal(38, 2)) as varchar) as balance,
    ${lineColumn} from running`
}

/** An amount or day that cannot be read would silently bend every later balance. */
async function refuseUnreadable(engine: Engine, file: string): Promise<void> {
  const [first] = await engine.rows<{ line: bigint }>(
    `select ${lineColumn} as line from signed where _amount is null or _day is null or _account is null order by 1 limit 1`,
  )
  if (first) refuseFile(file, 'transaction_unreadable', { line: Number(first.line) })
}
