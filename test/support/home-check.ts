/**
 * What must hold of a home at any moment, also right after a crash: every row of every load accounted for, every file
 * of the lake's manifest there and whole, the published night whole. Reads PostgreSQL and the files only; nothing of
 * the program under proof is asked.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { openEngine } from '../../src/lake/engine.ts'

/** A home in a text that does not depend on ids or instants: equal texts, equal homes. */
export interface Picture {
  faults: string[]
  loads: string
  record: string
  facts: string
  night: string
}

/** Looks at a home whose PostgreSQL answers at `url` (the owner's). */
export async function lookAt(home: string, url: string): Promise<Picture> {
  const client = new pg.Client({ connectionString: url })
  const engine = openEngine({ threads: 2, memoryLimitMb: 400, tempDir: join(home, 'tmp', 'look') })
  await client.connect()
  try {
    const rows = async (sql: string) => (await client.query(sql)).rows as Record<string, string>[]
    const faults = [...(await loadFaults(rows)), ...(await fileFaults(rows, engine, join(home, 'lake')))]
    faults.push(...(await nightFaults(rows)))
    return {
      faults,
      loads: text(await rows(loadsSql)),
      record: text(await rows(recordSql)),
      facts: await factsText(rows, engine, join(home, 'lake')).catch((error: Error) => `unreadable: ${error.message}`),
      night: text(await rows(nightSql)),
    }
  } finally {
    await engine.close()
    await client.end()
  }
}

type Query = (sql: string) => Promise<Record<string, string>[]>

const text = (rows: object[]) => JSON.stringify(rows)

const loadsSql = `select feed, file, sha256, rows_read::text, rows_accepted::text, rows_quarantined::text
  from load where status = 'loaded' order by feed, file, sha256`

const recordSql = `select 'party' as noun, count(*)::text as n, md5(string_agg(p.customer_no || '|' || p.name || '|' || u.code
    || '|' || coalesce(s.code, '-') || '|' || p.quality || '|' || p.missing::text, ';' order by p.customer_no)) as digest
    from party p join unit u on u.id = p.unit_id left join staff s on s.id = p.rm_id
  union all select 'account', count(*)::text, md5(string_agg(a.line, ';' order by a.line)) from (
    select a.no_last4 || '|' || p.code || '|' || a.currency || '|' || coalesce(a.opened_on::text, '') as line
    from account a join product p on p.id = a.product_id) a
  union all select 'owner', count(*)::text, md5(string_agg(o.line, ';' order by o.line)) from (
    select p.customer_no || '|' || a.no_last4 || '|' || o.share || '|' || o.ordinal || '|' || o.from_day as line
    from account_owner o join party p on p.id = o.party_id join account a on a.id = o.account_id) o
  union all select 'member', count(*)::text, md5(string_agg(h.household_no || p.customer_no || m.from_day, ';'
    order by h.household_no, p.customer_no, m.from_day)) from household_member m join household h on h.id = m.household_id
    join party p on p.id = m.party_id
  union all select 'opening', count(*)::text, md5(string_agg(p.customer_no || t.to_tier || t.effective_on, ';'
    order by p.customer_no, t.effective_on, t.to_tier)) from tier_change t join party p on p.id = t.party_id
    where t.made_by = 'opening'
  union all select 'quarantine', count(*)::text, md5(string_agg(l.file || q.line || q.column_name || q.rule, ';'
    order by l.file, q.line, q.ordinal)) from quarantine q join load l on l.id = q.load_id where l.status = 'loaded'
  order by 1`

const nightSql = `select n.day::text, n.digest, n.customers::text,
    (select count(*)::text from night_customer c where c.night_id = n.id) as published,
    (select count(*)::text from tier_change t join night m on m.id = t.night_id where m.day = n.day) as changes,
    (select count(*)::text from tier_proposal t join night m on m.id = t.night_id where m.day = n.day) as proposals
  from published_night p join night n on n.id = p.night_id order by p.scheme`

async function loadFaults(rows: Query): Promise<string[]> {
  const found = await rows(`
    select format('load of %s: %s read, %s accepted, %s quarantined, %s lines in quarantine', file, rows_read, rows_accepted,
      rows_quarantined, lines) as fault
    from (select l.*, (select count(distinct line) from quarantine q where q.load_id = l.id) as lines from load l) l
    where status = 'loaded' and (rows_read <> rows_accepted + rows_quarantined or rows_quarantined <> lines)
    union all
    select format('%s of %s rows of customers have no party', l.rows_accepted - count(c.*), l.rows_accepted)
    from load l left join customer c on c.load_id = l.id where l.feed = 'customers' and l.status = 'loaded'
    group by l.id having count(c.*) <> l.rows_accepted
    union all
    select format('load %s is listed twice', file) from load where status = 'loaded' and superseded_by_id is null
    group by feed, file having count(*) > 1`)
  return found.map((row) => row.fault!)
}

async function fileFaults(rows: Query, engine: ReturnType<typeof openEngine>, lake: string): Promise<string[]> {
  const faults: string[] = []
  for (const file of await rows('select path, kind, sha256, rows::text from lake_file order by id')) {
    const path = join(lake, file.path!)
    if (!existsSync(path)) {
      faults.push(`${file.path} is listed but not there`)
      continue
    }
    const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
    if (sha256 !== file.sha256) faults.push(`${file.path} is not what was written`)
    if (!file.path!.endsWith('.parquet')) continue
    const [counted] = await engine.rows<{ n: bigint }>(`select count(*) as n from read_parquet('${path}')`)
    if (String(counted?.n) !== file.rows) faults.push(`${file.path} has ${counted?.n} rows, listed ${file.rows}`)
  }
  return faults
}

async function nightFaults(rows: Query): Promise<string[]> {
  const found = await rows(`
    select format('published night %s of %s: %s customers listed, %s there', n.id, n.day, n.customers, c.there) as fault
    from published_night p join night n on n.id = p.night_id
    cross join lateral (select count(*) as there from night_customer c where c.night_id = n.id) c
    where n.status <> 'published' or n.customers is distinct from c.there
    union all
    select format('night %s counts %s people in its pyramid, %s in its rows', n.id, y.counted, c.people)
    from published_night p join night n on n.id = p.night_id
    cross join lateral (select coalesce(sum(customers), 0) as counted from night_pyramid y where y.night_id = n.id) y
    cross join lateral (select count(*) as people from night_customer c where c.night_id = n.id and c.kind = 'person') c
    where y.counted is distinct from c.people
    union all
    select format('night %s has %s rows in a partition of its own but is %s', n.id, n.customers, n.status)
    from night n where n.status = 'published' and n.published_at is null`)
  return found.map((row) => row.fault!)
}

// Sums that any lost, doubled or moved fact changes; ids are left out, for a second run gives other ones.
async function factsText(rows: Query, engine: ReturnType<typeof openEngine>, lake: string): Promise<string> {
  const parts: unknown[] = []
  const nouns = await rows(`select noun, json_agg(path order by path)::text as paths from lake_file
    where kind = 'fact' and superseded_at is null group by noun order by noun`)
  for (const { noun, paths } of nouns) {
    const list = (JSON.parse(paths!) as string[]).map((path) => `'${join(lake, path)}'`).join(', ')
    const columns = await engine.rows<{ column_name: string; column_type: string }>(
      `select column_name, column_type from (describe select * from read_parquet([${list}], union_by_name = true))`,
    )
    const sums = columns
      .filter((column) => column.column_type === 'BIGINT' && !column.column_name.endsWith('_id'))
      .map((column) => `cast(sum(${column.column_name}) as varchar) as ${column.column_name}`)
    const [row] = await engine.rows(
      `select ${['count(*) as n', ...sums].join(', ')} from read_parquet([${list}], union_by_name = true)`,
    )
    parts.push([noun, Object.entries(row ?? {}).map(([name, value]) => [name, String(value)])])
  }
  return JSON.stringify(parts)
}
