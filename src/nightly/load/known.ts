/**
 * What is known by number: units, staff, products, customers, accounts and positions, as tables of the engine
 * (schema `known`), so that ten million rows find their ids without asking PostgreSQL. Small nouns are copied from the
 * record when it changed; customers, accounts and positions come from the lake's id maps, newest load wins.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import type { Feed, Reference } from '../../feeds/feed.ts'
import type { ReferenceMap } from '../../lake/check.ts'
import { fileList, literal } from '../../lake/engine.ts'
import type { Workplace } from '../workplace.ts'

/** The nouns whose numbers live in the lake's id maps. */
export type MappedNoun = 'customer' | 'account' | 'position'

/** Columns of each id map, in the order of its Parquet files; `load_id` says which of two rows is newer. */
export const mapColumns: Record<MappedNoun, string> = {
  customer: 'customer_no VARCHAR, party_id BIGINT, load_id INTEGER',
  account:
    'token_hi UBIGINT, token_lo UBIGINT, account_id BIGINT, currency VARCHAR, product_id INTEGER, opened_on DATE, closed_on DATE, load_id INTEGER',
  position:
    'position_id BIGINT, account_id BIGINT, product_id INTEGER, kind VARCHAR, currency VARCHAR, load_id INTEGER',
}

const mapKeys: Record<MappedNoun, string> = {
  customer: 'customer_no',
  account: 'account_id',
  position: 'position_id',
}

const copied = {
  // What is still delivered under the code of a unit that was closed goes to its successor, and to that one's.
  unit: {
    query: `with recursive heir as (
        select code as no, id, successor_id from unit
        union all
        select h.no, u.id, u.successor_id from heir h join unit u on u.id = h.successor_id)
      select no, id from heir where successor_id is null`,
    columns: "{no: 'VARCHAR', id: 'BIGINT'}",
  },
  staff: { query: 'select code as no, id from staff', columns: "{no: 'VARCHAR', id: 'BIGINT'}" },
  product: {
    query: 'select code as no, id, class from product',
    columns: "{no: 'VARCHAR', id: 'BIGINT', class: 'VARCHAR'}",
  },
} as const
type CopiedNoun = keyof typeof copied

/** Makes the tables of `nouns` agree with what is committed; cheap when they do already. */
export async function refreshKnown(
  workplace: Workplace,
  client: pg.PoolClient,
  nouns: readonly (MappedNoun | CopiedNoun)[],
): Promise<void> {
  const { engine } = workplace
  await engine.exec(
    'create schema if not exists known; create table if not exists known.state (noun varchar, version varchar)',
  )
  const states = await engine.rows<{ noun: string; version: string }>('select noun, version from known.state')
  const held = new Map(states.map((state) => [state.noun, state.version]))
  for (const noun of nouns) {
    if (isCopied(noun)) {
      const version = await deskVersion(client)
      if (held.get(noun) !== version) await copyNoun(workplace, client, noun, version)
    } else {
      const files = await mapFiles(client, noun)
      const version = versionOf(files)
      if (held.get(noun) !== version) await readMap(workplace, noun, files, version)
    }
  }
}

/**
 * What `checkFile` needs to resolve a feed's references. Of an account, plain balances also carry the position and
 * what decides whether a snapshot should have held it; the currency is compared where the feed has one of its own.
 */
export function referenceMaps(feed: Feed): Partial<Record<Reference, ReferenceMap>> {
  const maps: Partial<Record<Reference, ReferenceMap>> = {}
  for (const { references } of feed.columns) {
    if (references === undefined || references === 'household') continue
    if (references === 'customer')
      maps.customer = { relation: '(select customer_no as no, party_id as id from known.customer)' }
    else if (references === 'account') maps.account = accountMap(feed)
    else maps[references] = { relation: `(select no, id from known.${references})` }
  }
  return maps
}

const withAccountCurrency = ['balances', 'balance-changes', 'loans']

function accountMap(feed: Feed): ReferenceMap {
  const currency = withAccountCurrency.includes(feed.name) ? ', currency' : ''
  if (feed.name !== 'balances' && feed.name !== 'balance-changes') {
    return { relation: `(select token_hi, token_lo, account_id as id${currency} from known.account)` }
  }
  const carry = feed.name === 'balances' ? ['position_id', 'product_id', 'opened_on', 'closed_on'] : ['position_id']
  return { relation: '(select *, account_id as id from known.balance_account)', carry }
}

/** The nouns whose tables a feed needs. */
export function nounsOf(feed: Feed): (MappedNoun | CopiedNoun)[] {
  const nouns = new Set<MappedNoun | CopiedNoun>()
  for (const { references } of feed.columns) if (references && references !== 'household') nouns.add(references)
  if (feed.name === 'customers') nouns.add('customer')
  if (feed.name === 'accounts') nouns.add('account').add('position')
  if (nouns.has('account') && feed.home === 'lake') nouns.add('position')
  return [...nouns]
}

/** After a commit: the new rows of a map are taken over without reading all its files again. */
export async function extendKnown(
  workplace: Workplace,
  client: pg.PoolClient,
  noun: MappedNoun,
  path: string,
): Promise<void> {
  const key = mapKeys[noun]
  await workplace.engine.exec(`
    delete from known.${noun} where ${key} in (select ${key} from read_parquet(${literal(path)}));
    insert into known.${noun} select * from read_parquet(${literal(path)});`)
  if (noun !== 'customer') await balanceAccounts(workplace)
  await remember(workplace, noun, versionOf(await mapFiles(client, noun)))
}

/** Forgets everything, so that the next load reads it anew: after a load that failed half-way. */
export async function forgetKnown(workplace: Workplace): Promise<void> {
  await workplace.engine.exec('drop schema if exists known cascade')
}

/** Forgets the small nouns alone: after a change that no number of the desk tells of. */
export async function forgetCopies(workplace: Workplace): Promise<void> {
  await workplace.engine.exec(`delete from known.state where noun in (${Object.keys(copied).map(literal).join(', ')})`)
}

interface MapFile {
  id: number
  path: string
}

async function mapFiles(client: pg.PoolClient, noun: MappedNoun): Promise<MapFile[]> {
  const found = await client.query<MapFile>(
    `select id, path from lake_file where kind = 'idmap' and noun = $1 and superseded_at is null order by id`,
    [noun],
  )
  return found.rows
}

function versionOf(files: readonly MapFile[]): string {
  return `${files.length}:${files.at(-1)?.id ?? 0}`
}

async function readMap(
  workplace: Workplace,
  noun: MappedNoun,
  files: readonly MapFile[],
  version: string,
): Promise<void> {
  const { engine, lakeDir } = workplace
  await engine.exec(`create or replace table known.${noun} (${mapColumns[noun]})`)
  if (files.length > 0) {
    const paths = fileList(files.map((file) => join(lakeDir, file.path)))
    const newest =
      files.length > 1 ? `qualify row_number() over (partition by ${mapKeys[noun]} order by load_id desc) = 1` : ''
    await engine.exec(`insert into known.${noun} select * from read_parquet(${paths}) ${newest}`)
  }
  if (noun !== 'customer') await balanceAccounts(workplace)
  await remember(workplace, noun, version)
}

// An account with the one position that its plain balances belong to: asked for by every balance row.
async function balanceAccounts(workplace: Workplace): Promise<void> {
  const { engine } = workplace
  const tables = await engine.rows<{ n: bigint }>(
    `select count(*) as n from duckdb_tables() where schema_name = 'known' and table_name in ('account', 'position')`,
  )
  if (tables[0]?.n !== 2n) return
  await engine.exec(`create or replace table known.balance_account as
    select (a.token_lo::uhugeint << 64) | a.token_hi as number, a.token_hi, a.token_lo, a.account_id, a.currency,
      a.product_id, a.opened_on, a.closed_on, p.position_id
    from known.account a join known.position p on p.account_id = a.account_id and p.kind = 'balance'`)
}

async function copyNoun(workplace: Workplace, client: pg.PoolClient, noun: CopiedNoun, version: string): Promise<void> {
  const found = await client.query(copied[noun].query)
  const path = join(workplace.tempDir, `known-${noun}-${process.pid}.json`)
  writeFileSync(path, found.rows.map((row) => JSON.stringify(row)).join('\n'))
  await workplace.engine.exec(`create or replace table known.${noun} as
    select * from read_json(${literal(path)}, format = 'newline_delimited', columns = ${copied[noun].columns})`)
  rmSync(path, { force: true })
  await remember(workplace, noun, version)
}

async function remember(workplace: Workplace, noun: string, version: string): Promise<void> {
  await workplace.engine.exec(`delete from known.state where noun = ${literal(noun)};
    insert into known.state values (${literal(noun)}, ${literal(version)})`)
}

async function deskVersion(client: pg.PoolClient): Promise<string> {
  const found = await client.query<{ value: string }>(`select value from setting where name = 'deskVersion'`)
  return found.rows[0]?.value ?? '0'
}

function isCopied(noun: string): noun is CopiedNoun {
  return Object.hasOwn(copied, noun)
}
