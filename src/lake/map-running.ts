/** End-of-day balances that a mapping derives from transactions, and where the bank's own balance column disagrees. */
import type { Running } from '../feeds/mapping.ts'
import type { Engine } from './engine.ts'
import { refuseFile } from './file-refusal.ts'
import { fileStep, lineColumn } from './map-source.ts'

export interface BalanceBreak {
  file: string
  line: bigint
  day: string
  /**
   * 'end': the day's last balance moved away from the running one. 'within': the day's own balances do not follow from
   * each other; `running` is then what the next transaction began with, `said` what the one before it left.
   */
  kind: 'end' | 'within'
  /** Running balance, the file's own, and how much further apart they are than the day before; plain decimals. */
  running: string
  said: string
  change: string
}

export interface BreaksFound {
  /** Above the tolerance, one by one (at most `breaksMax`). */
  breaks: BalanceBreak[]
  /** How many there are above it. */
  breakCount: bigint
  /** Those below it: on how many account days, and how far they have led at most (they add up), plain decimal. */
  smallBreaks: { count: bigint; largest: string }
}

const breaksMax = 1000

/** End-of-day balances out of signed transactions; where the source has its own, breaks are found and noted. */
export async function runningRows(
  engine: Engine,
  from: {
    running: Running
    compile(path: readonly string[], text: string): string
    columns: string[]
    kept: string
    result: BreaksFound
    /** Of the source, in order. */
    files: readonly string[]
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
  await refuseUnreadable(engine, from.files)
  if (running.compare) await findBreaks(engine, { tolerance: running.tolerance, result, files: from.files })
  const given = from.columns.map((column) => /as ("[^"]+")$/.exec(column)?.[1] ?? '')
  return `select ${[...given, ''].join(', ')}_day as day, cast(cast(_running as decimal(38, 2)) as varchar) as balance,
    ${lineColumn} from running`
}

/**
 * Where the source's own balance column does not follow from its amounts. The order of transactions within a day is
 * seldom that of the file, nor that of their numbers, so no order is assumed: each transaction goes from the balance
 * before it (said - amount) to the one after it (said), and a day that is right is one unbroken walk. Its beginnings and
 * ends then meet except for one: where the walk began and where it ended. What is left over beside these is a break
 * within the day; the end is compared with the running balance.
 */
async function findBreaks(
  engine: Engine,
  from: { tolerance: number; result: BreaksFound; files: readonly string[] },
): Promise<void> {
  const { tolerance, result, files } = from
  await engine.exec(walkSql)
  await engine.exec(`create or replace temp table breaks as
    with changes as (select line, _account, day, running, said,
      said - running - lag(said - running, 1, 0) over (partition by _account order by day) as change from day_end),
    drifts as (select *, abs(change) > ${tolerance} as jumped,
      sum(case when abs(change) > ${tolerance} then 0 else change end)
        over (partition by _account order by day) as drift from changes),
    judged as (select *,
      jumped or (abs(drift) > ${tolerance} and abs(drift - change) <= ${tolerance}) as large from drifts where change <> 0)
    select line, day, 'end' as kind, running, said, change, large, drift from judged
    union all
    select line, day, 'within', before, after, after - before, true, 0 from jump where abs(after - before) > ${tolerance}`)
  const text = (name: string) => `cast(cast(${name} as decimal(38, 2)) as varchar) as ${name}`
  const breaks = await engine.rows<Omit<BalanceBreak, 'file'>>(
    `select line, cast(day as varchar) as day, kind, ${text('running')}, ${text('said')}, ${text('change')} from breaks
     where large order by day, line, kind limit ${breaksMax}`,
  )
  result.breaks.push(
    ...breaks.map((found) => ({ ...found, ...placeOf(files, found.line) })).slice(0, breaksMax - result.breaks.length),
  )
  const [counted] = await engine.rows<{ large: bigint; small: bigint; largest: string }>(
    `select count(*) filter (where large) as large, count(*) filter (where not large) as small,
       cast(cast(coalesce(max(abs(drift)) filter (where not large), 0) as decimal(38, 2)) as varchar) as largest from breaks`,
  )
  if (!counted) return
  const { smallBreaks } = result
  result.breakCount += counted.large
  smallBreaks.count += counted.small
  const cents = (decimal: string) => BigInt(decimal.replace('.', ''))
  if (cents(counted.largest) > cents(smallBreaks.largest)) smallBreaks.largest = counted.largest
}

/**
 * `day_end`: the balance that the source says at the end of each account's day. `jump`: beginnings and ends within a
 * day that should have met and do not, paired in order of their amount.
 */
const walkSql = `
  create or replace temp table loose as
    with nodes as (
      select _account, _day, value, sum(n) as net, max(line) as line from (
        select _account, _day, _said as value, 1 as n, ${lineColumn} as line from signed where _said is not null
        union all select _account, _day, _said - _amount, -1, ${lineColumn} from signed where _said is not null)
      group by _account, _day, value having sum(n) <> 0)
    select n._account, n._day, n.value, n.line, net > 0 as is_end,
      row_number() over (partition by n._account, n._day, net > 0
        order by abs(n.value - case when net > 0 then r._running else r._running - r._moved end), n.value) as nearness
    from (select * exclude (copies) from (select *, unnest(range(abs(net)::bigint)) as copies from nodes)) n
    join running r on r._account = n._account and r._day = n._day;
  create or replace temp table day_end as
    select r._account, r._day as day, any_value(r._running) as running, any_value(r.${lineColumn}) as line,
      coalesce(any_value(e.value), arg_min(s._said, abs(s._said - r._running))) as said
    from running r join signed s on s._account = r._account and s._day = r._day and s._said is not null
    left join loose e on e._account = r._account and e._day = r._day and e.is_end and e.nearness = 1
    group by r._account, r._day;
  create or replace temp table jump as
    with rest as (select *, row_number() over (partition by _account, _day, is_end order by value) as place
      from loose where nearness > 1)
    select a._account, a._day as day, a.line, b.value as before, a.value as after
    from rest a join rest b on b._account = a._account and b._day = a._day and b.place = a.place
    where a.is_end and not b.is_end`

/** An amount or day that cannot be read would silently bend every later balance. */
async function refuseUnreadable(engine: Engine, files: readonly string[]): Promise<void> {
  const [first] = await engine.rows<{ line: bigint }>(
    `select ${lineColumn} as line from signed where _amount is null or _day is null or _account is null order by 1 limit 1`,
  )
  if (!first) return
  const { file, line } = placeOf(files, first.line)
  refuseFile(file, 'transaction_unreadable', { line: Number(line) })
}

function placeOf(files: readonly string[], place: bigint): { file: string; line: bigint } {
  return { file: files[Number(place / fileStep)] ?? '', line: place % fileStep }
}
