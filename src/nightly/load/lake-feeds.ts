/**
 * Lake feeds: checked rows become fact files, one per noun and month, sorted by bucket, position and day. Facts are
 * kept as given; who wins where two loads speak of the same day is decided when intervals are made of them.
 */
import { minorUnits } from '../../kit/currency.ts'
import { addMonths, type Day, monthStart } from '../../kit/day.ts'
import { refuse } from '../../kit/refusal.ts'
import { literal } from '../../lake/engine.ts'
import { balanceFormat } from '../../lake/facts.ts'
import { snapshotGaps } from './gaps.ts'
import { countOf, type Merge } from './merge.ts'
import { newPositions } from './positions.ts'

/** What a lake feed left behind beside its files. */
export interface Brought {
  gaps: bigint
  /** Products that a complete snapshot speaks of. */
  covers: number[]
  /** Account days that a snapshot should have held. */
  expected: bigint
}

const nothing: Brought = { gaps: 0n, covers: [], expected: 0n }

/**
 * Writes the facts of the accepted rows in `accepted.path` and lists the files in `merge.files`; rows that are facts
 * already (`areFacts`) are taken as they are.
 */
export async function writeFacts(
  merge: Merge,
  accepted: { path: string; areFacts: boolean },
  days: { first: Day; last: Day },
): Promise<Brought> {
  const rows = `read_parquet(${literal(accepted.path)})`
  if (accepted.areFacts) return straightFacts(merge, accepted.path, days)
  switch (merge.feed.name) {
    case 'balances': {
      const found = await snapshotGaps(merge, rows, days)
      await balanceFacts(
        merge,
        `${plainBalances(rows)} ${found.gaps > 0n ? 'union all select * from load_gap' : ''}`,
        days,
      )
      return found
    }
    case 'balance-changes':
      await balanceFacts(merge, plainBalances(rows), days)
      return nothing
    case 'holdings':
    case 'in-transit':
      await productBalances(merge, rows, days)
      return nothing
    default:
      await otherFacts(merge, rows, days)
      return nothing
  }
}

// The file is sorted: it is taken whole or, where it spans months, cut; only gaps have to be sorted in.
async function straightFacts(merge: Merge, path: string, days: { first: Day; last: Day }): Promise<Brought> {
  const facts = `read_parquet(${literal(path)})`
  const found = merge.feed.name === 'balances' ? await snapshotGaps(merge, withAccounts(facts), days) : nothing
  if (found.gaps > 0n) {
    await balanceFacts(merge, `select * from ${facts} union all select * from load_gap`, days)
  } else if (monthStart(days.first) === monthStart(days.last)) {
    await listFacts(merge, { noun: 'balance', month: monthStart(days.first), temporaryPath: path })
  } else {
    await monthlyFiles(merge, { noun: 'balance', query: `select * from ${facts}`, order: undefined, days })
  }
  return found
}

function withAccounts(facts: string): string {
  return `(select f.account_id, f.day, a.product_id as account_product_id, a.opened_on as account_opened_on,
      a.closed_on as account_closed_on
    from ${facts} f join known.balance_account a on a.account_id = f.account_id)`
}

/** Columns of a fact of noun 'balance', in the order of its files. */
function balanceColumns(position: string, account: string, value: string): string {
  return `(${account} % 16)::utinyint as bucket, ${position}::bigint as position_id, ${account}::bigint as account_id,
    day, ${value}::bigint as value, false as gap`
}

function plainBalances(rows: string): string {
  return `select ${balanceColumns('account_position_id', 'account_id', 'balance')} from ${rows}`
}

async function balanceFacts(merge: Merge, query: string, days: { first: Day; last: Day }): Promise<void> {
  await monthlyFiles(merge, { noun: 'balance', query, order: 'bucket, position_id, day', days })
}

// Holdings and amounts under way belong to a position per product, which may appear here for the first time.
async function productBalances(merge: Merge, rows: string, days: { first: Day; last: Day }): Promise<void> {
  const { engine, feed, client } = merge
  const kind = feed.name === 'holdings' ? 'holding' : 'transit'
  await engine.exec(`create or replace temp table load_seen as
    select account_id, product_id, ${literal(kind)} as kind, any_value(currency) as currency, count(distinct currency) as currencies
    from ${rows} group by account_id, product_id`)
  const differing = await countOf(
    engine,
    `select count(*) from load_seen s left join known.position p
       on p.account_id = s.account_id and p.product_id = s.product_id and p.kind = s.kind
     where s.currencies > 1 or p.currency <> s.currency`,
  )
  if (differing > 0n) refuseCurrency(merge, differing)
  await newPositions(
    merge,
    'select account_id, product_id, kind, currency from load_seen anti join known.position using (account_id, product_id, kind)',
  )
  await client.query(
    `insert into position (id, account_id, product_id, kind, currency)
     select id, account_id, product_id, kind, currency from stage_position order by id`,
  )
  const value = kind === 'holding' ? 'value' : 'amount'
  const valued = kind === 'holding' ? `(select *, ${holdingValue()} as value from ${rows})` : rows
  if (kind === 'holding' && (await countOf(engine, `select count(*) from ${valued} where value is null`)) > 0n)
    refuseValue(merge)
  await balanceFacts(
    merge,
    `select ${balanceColumns('position_id', 'r.account_id', value)} from ${valued} r join (
       select position_id, account_id, product_id from known.position where kind = ${literal(kind)}
       union all select position_id, account_id, product_id from load_position) p
     on p.account_id = r.account_id and p.product_id = r.product_id`,
    days,
  )
}

/**
 * units × 10^4 times price × 10^6, in minor units, rounded half away from zero, exact: HUGEINT holds every product
 * that gives a BIGINT, and what does not fit comes out as NULL.
 */
function holdingValue(): string {
  const places = Object.entries(minorUnits).map(([code, decimals]) => `when ${literal(code)} then ${10 ** decimals}`)
  const numerator = `(abs(units)::hugeint * price::hugeint * (case currency ${places.join(' ')} end)::hugeint)`
  return `try(((case when units < 0 then -1 else 1 end) * ((2 * ${numerator} + 10000000000) // 20000000000))::bigint)`
}

function refuseCurrency(merge: Merge, count: bigint): never {
  refuse('file_refused', {
    file: merge.feed.name,
    rule: 'currencyChanged',
    reason: `${count} positions come in another currency than before`,
    reasonZh: `${count} 个持仓的币种与以前不同`,
    expected: 'one currency per account and product',
    expectedZh: '同一账户同一产品只有一种币种',
    advice: 'Correct the currency in the file, or give the product a code per currency',
    adviceZh: '请更正文件中的币种，或为不同币种使用不同产品代码',
  })
}

function refuseValue(merge: Merge): never {
  refuse('file_refused', {
    file: merge.feed.name,
    rule: 'valueTooLarge',
    reason: 'units × price is beyond what an amount can hold',
    reasonZh: '份额 × 单价超出金额可表示的范围',
    expected: 'a value below 9.2 × 10^18 minor units',
    expectedZh: '小于 9.2 × 10^18 个最小货币单位的金额',
    advice: 'Check units and price; a decimal point is probably missing',
    adviceZh: '请检查份额与单价，可能缺少小数点',
  })
}

async function otherFacts(merge: Merge, rows: string, days: { first: Day; last: Day }): Promise<void> {
  const shapes: Record<string, { noun: string; columns: string; order: string; monthly?: true }> = {
    'exchange-rates': { noun: 'rate', columns: 'currency, day, rate', order: 'currency, day' },
    transactions: {
      noun: 'transaction',
      columns: `account_id, day, amount, currency, kind, channel, counterparty_bank,
        counterparty_account_hi as counterparty_hi, counterparty_account_lo as counterparty_lo, transaction_no`,
      order: 'account_id, day, transaction_no',
      monthly: true,
    },
    'standing-orders': {
      noun: 'order',
      columns: `account_id, day, order_no, amount, currency, purpose, counterparty_bank,
        counterparty_account_hi as counterparty_hi, counterparty_account_lo as counterparty_lo`,
      order: 'account_id, day, order_no',
    },
    loans: {
      noun: 'loan',
      columns: `account_id, day, balance, currency, overdue_days, principal, started_on, months, monthly_payment, status`,
      order: 'account_id, day',
    },
    fees: {
      noun: 'fee',
      columns: 'account_id, day, service, amount, currency, fee_no',
      order: 'account_id, day, fee_no',
    },
    profits: { noun: 'profit', columns: 'account_id, month_end as day, profit', order: 'account_id, day' },
  }
  const shape = shapes[merge.feed.name]
  if (!shape) throw new Error(`no facts are known for the feed ${merge.feed.name}`)
  const query = `select ${shape.columns} from ${rows}`
  if (shape.monthly) await monthlyFiles(merge, { noun: shape.noun, query, order: shape.order, days })
  else await factFile(merge, { noun: shape.noun, query, order: shape.order, ...days })
}

interface Facts {
  noun: string
  query: string
  /** undefined: the rows come in their order. */
  order: string | undefined
}

async function monthlyFiles(merge: Merge, facts: Facts & { days: { first: Day; last: Day } }): Promise<void> {
  const { first, last } = facts.days
  const oneMonth = monthStart(first) === monthStart(last)
  for (let month = monthStart(first); month <= last; month = addMonths(month, 1)) {
    const next = addMonths(month, 1)
    const query = oneMonth
      ? facts.query
      : `select * from (${facts.query}) where day >= date ${literal(month)} and day < date ${literal(next)}`
    await factFile(merge, { ...facts, query, month })
  }
}

async function factFile(merge: Merge, facts: Facts & { month?: Day }): Promise<void> {
  const temporaryPath = `${merge.dir}/fact-${facts.noun}-${facts.month ?? 'all'}.parquet`
  merge.progress('write')
  const order = facts.order === undefined ? '' : `order by ${facts.order}`
  const format = facts.noun === 'balance' ? balanceFormat : 'format parquet, compression zstd'
  await merge.engine.exec(`copy (${facts.query} ${order}) to ${literal(temporaryPath)} (${format})`)
  await listFacts(merge, { ...facts, temporaryPath })
}

async function listFacts(
  merge: Merge,
  facts: { noun: string; month?: Day | undefined; temporaryPath: string },
): Promise<void> {
  const { engine, loadId, files } = merge
  const { temporaryPath } = facts
  const [found] = await engine.rows<{ n: bigint; first: string | null; last: string | null }>(
    `select count(*) as n, min(day) as first, max(day) as last from read_parquet(${literal(temporaryPath)})`,
  )
  if (!found || found.n === 0n) return
  files.push({
    kind: 'fact',
    noun: facts.noun,
    temporaryPath,
    path: `facts/${facts.noun}/${facts.month ? `${facts.month.slice(0, 7)}/` : ''}${loadId}.parquet`,
    rows: found.n,
    firstDay: found.first ?? undefined,
    lastDay: found.last ?? undefined,
  })
}
