/**
 * What to mend first: faults of the data ranked by the customers whose tier they hold down or make uncertain. Two
 * sources: gaps of the published night (missing facts, values carried forward, accounts without data) and rows that are
 * still in quarantine, resolved to the customers they belong to.
 */
import { sql } from 'kysely'
import { openRow } from '../access/seal.ts'
import type { Scope, Trx } from '../db/database.ts'
import { feedNamed } from '../feeds/index.ts'
import { cellsOf } from '../lake/quarantine.ts'
import type { Workplace } from './workplace.ts'

export interface Fault {
  feed: string
  column: string
  fault: { zh: string; en: string }
  advice: { zh: string; en: string }
  /** Rows of files, or facts of customers, that are wrong. */
  rows: number
  customers: number
  /** Customers without a tier because of it, or so near a line that the missing value may decide. */
  tiersAtStake: number
  assetsFen: bigint
}

/** Newest open quarantine rows that are looked at; beyond it the ranking would not change what to do first. */
const quarantineLookedAt = 5000

/**
 * Within this part (one fifth) of the line a missing value may decide: the distance up against the bar, or what may
 * leave against what is there.
 */
const near = sql`((n.to_next_fen is not null and n.to_next_fen * 5 <= n.average_fen + n.to_next_fen)
  or (n.to_keep_fen is not null and n.to_keep_fen * 5 <= n.average_fen))`

/** The faults, most tiers at stake first, then most customers, then most rows; at most `limit`. */
export async function mendFirst(
  workplace: Workplace,
  options: { scope: Scope; limit: number; scheme?: string },
): Promise<Fault[]> {
  const quarantined = await quarantineFaults(workplace)
  return workplace.db.withScope(options.scope, async (trx) => {
    const night = await publishedNight(trx, options.scheme ?? 'personal')
    const faults = night === undefined ? [] : await gapFaults(trx, night)
    for (const fault of quarantined) faults.push(await weighed(trx, night, fault))
    const rank = (a: Fault, b: Fault) => b.tiersAtStake - a.tiersAtStake || b.customers - a.customers || b.rows - a.rows
    return faults.sort(rank).slice(0, options.limit)
  })
}

async function publishedNight(trx: Trx, scheme: string): Promise<number | undefined> {
  const found = await sql<{ night_id: number }>`select night_id from published_night where scheme = ${scheme}`.execute(
    trx,
  )
  return found.rows[0]?.night_id
}

interface GapRow {
  gap: string
  customers: bigint
  untiered: bigint
  near_line: bigint
  assets_fen: string | null
}

async function gapFaults(trx: Trx, nightId: number): Promise<Fault[]> {
  const found = await sql<GapRow>`
    select split_part(g.gap, ':', 1) || case when g.gap like 'missing:%' then ':' || split_part(g.gap, ':', 2) else '' end as gap,
      count(*) as customers, count(*) filter (where n.qualified_tier = 0) as untiered, count(*) filter (where ${near}) as near_line,
      sum(n.aum_fen) as assets_fen
    from night_customer n cross join unnest(n.gaps) as g (gap)
    where n.night_id = ${nightId} group by 1 order by 1 limit 100`.execute(trx)
  return found.rows.map((row) => {
    const column = row.gap.startsWith('missing:') ? row.gap.slice('missing:'.length) : undefined
    const decides = column === undefined ? row.near_line : identityColumns.includes(column) ? row.untiered : 0n
    return {
      ...(column === undefined ? wordsOfGap(row.gap) : wordsOfMissing(column)),
      rows: Number(row.customers),
      customers: Number(row.customers),
      tiersAtStake: Number(decides),
      assetsFen: BigInt(row.assets_fen ?? '0'),
    }
  })
}

// Without a valid identity there is no entry tier; other missing facts lower confidence and decide nothing.
const identityColumns = ['identity_no', 'identity_kind']

type Words = Pick<Fault, 'feed' | 'column' | 'fault' | 'advice'>

function wordsOfMissing(column: string): Words {
  const known = feedNamed('customers')?.columns.find((one) => one.name === column)
  const zh = known?.zh ?? column
  const en = known?.en ?? column
  return {
    feed: 'customers',
    column,
    fault: { zh: `${zh}缺失或无效`, en: `${en} is missing or wrong` },
    advice: {
      zh: `请开户机构联系客户补录${zh}，并重新传送客户文件`,
      en: `Have the home unit ask the customer for it and send the customers file again`,
    },
  }
}

function wordsOfGap(gap: string): Words {
  if (gap === 'carried') {
    return {
      feed: 'balances',
      column: 'balance',
      fault: {
        zh: '快照中缺少账户，沿用了前值',
        en: 'Accounts are absent from a snapshot; their last value was carried forward',
      },
      advice: {
        zh: '请核对这些账户当日余额；已销户的请传送销户日',
        en: 'Send the balances of those days again; give closed accounts their closing day',
      },
    }
  }
  return {
    feed: 'balances',
    column: 'account_no',
    fault: { zh: '账户已开立但从未收到余额', en: 'Accounts are open and no balance of them ever came' },
    advice: {
      zh: '请核对账户是否应出现在余额文件中',
      en: 'Check whether these accounts belong into the balance files',
    },
  }
}

interface QuarantineFault extends Words {
  rows: number
  parties: Set<string>
}

async function quarantineFaults(workplace: Workplace): Promise<QuarantineFault[]> {
  const { owner } = workplace.db
  const found = await owner.query<OpenRow>(
    `select l.feed, q.column_name, q.rule, q.expected, q.expected_zh, q.advice, q.advice_zh, q.row_sealed, l.header
     from quarantine q join load l on l.id = q.load_id
     where q.mended_by_load_id is null and q.dismissed_at is null and l.superseded_by_id is null and q.ordinal = 1
       and q.row_sealed is not null
     order by q.load_id desc, q.line limit $1`,
    [quarantineLookedAt],
  )
  const faults = new Map<string, QuarantineFault>()
  const wanted: { fault: QuarantineFault; customerNo?: string; accountToken?: string }[] = []
  for (const row of found.rows) {
    const key = [row.feed, row.column_name, row.rule].join('\n')
    const fault = faults.get(key) ?? { ...wordsOfRow(row), rows: 0, parties: new Set<string>() }
    faults.set(key, fault)
    fault.rows++
    const cell = cellsOf(openRow(workplace.keys, row.row_sealed), row.header)
    const account = cell.get('account_no')
    const customerNo = cell.get('customer_no') ?? cell.get('company_no')
    if (customerNo) wanted.push({ fault, customerNo })
    else if (account)
      wanted.push({ fault, accountToken: workplace.keys.blindIndex('account', account).toString('hex') })
  }
  const parties = await ownersOf(workplace, wanted)
  for (const one of wanted) {
    for (const id of parties.get(one.customerNo ?? one.accountToken ?? '') ?? []) one.fault.parties.add(id)
  }
  return [...faults.values()]
}

interface OpenRow {
  feed: string
  column_name: string
  rule: string
  expected: string
  expected_zh: string
  advice: string
  advice_zh: string
  row_sealed: Buffer
  header: string[]
}

function wordsOfRow(row: OpenRow): Words {
  const column = feedNamed(row.feed)?.columns.find((one) => one.name === row.column_name)
  return {
    feed: row.feed,
    column: row.column_name,
    fault: {
      zh: `${column?.zh ?? '整行'}不合格，应为：${row.expected_zh || row.expected}`,
      en: `${column?.en ?? 'The row'} does not fit; expected: ${row.expected}`,
    },
    advice: { zh: row.advice_zh || row.advice, en: row.advice },
  }
}

// Party ids by customer number and by account token (hex), in one question each.
async function ownersOf(
  workplace: Workplace,
  wanted: readonly { customerNo?: string; accountToken?: string }[],
): Promise<Map<string, string[]>> {
  const { owner } = workplace.db
  const numbers = wanted.flatMap((one) => one.customerNo ?? [])
  const tokens = wanted.flatMap((one) => one.accountToken ?? [])
  const byNumber = await owner.query<{ no: string; party_id: bigint }>(
    'select customer_no as no, party_id from customer where customer_no = any($1::text[])',
    [numbers],
  )
  const byToken = await owner.query<{ no: string; party_id: bigint }>(
    `select distinct encode(a.no_token, 'hex') as no, o.party_id from account a join account_owner o on o.account_id = a.id
     where a.no_token = any(array(select decode(t, 'hex') from unnest($1::text[]) as t))`,
    [tokens],
  )
  const owners = new Map<string, string[]>()
  for (const row of [...byNumber.rows, ...byToken.rows]) {
    owners.set(row.no, [...(owners.get(row.no) ?? []), String(row.party_id)])
  }
  return owners
}

async function weighed(trx: Trx, nightId: number | undefined, fault: QuarantineFault): Promise<Fault> {
  const { parties, ...words } = fault
  if (nightId === undefined || parties.size === 0) {
    return { ...words, customers: parties.size, tiersAtStake: 0, assetsFen: 0n }
  }
  const found = await sql<{ customers: bigint; near_line: bigint; assets_fen: string | null }>`
    select count(*) as customers, count(*) filter (where ${near}) as near_line, sum(n.aum_fen) as assets_fen
    from night_customer n where n.night_id = ${nightId} and n.party_id = any(${[...parties]}::bigint[])`.execute(trx)
  const row = found.rows[0]
  return {
    ...words,
    customers: Number(row?.customers ?? 0),
    tiersAtStake: Number(row?.near_line ?? 0),
    assetsFen: BigInt(row?.assets_fen ?? '0'),
  }
}
