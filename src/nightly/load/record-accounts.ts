/**
 * Accounts with their owners and positions, account flags and cards into the record. Account numbers are sealed; the
 * lake knows them by keyed token only.
 */
import { literal } from '../../lake/engine.ts'
import { inBulk } from './bulk.ts'
import { countOf, type Merge, rejectWhere, reserveIds } from './merge.ts'
import { newPositions } from './positions.ts'
import { stage, stageSealed } from './stage.ts'

export async function mergeAccounts(merge: Merge): Promise<void> {
  await rejectInconsistent(merge)
  await giveIds(merge)
  await newPositions(merge, `select account_id, product_id, 'balance' as kind, currency from load_account where is_new`)
  await movedProducts(merge)
  await stageAccounts(merge)
  merge.progress('merge')
  await mergeAccountRows(merge)
  await mergeOwners(merge)
}

// The rows of one account agree and add up (the checker saw to it); here they are held against what is known.
async function rejectInconsistent(merge: Merge): Promise<void> {
  const { engine, accepted } = merge
  await rejectWhere(
    engine,
    `select a.line from ${accepted} a join known.account k on k.token_hi = a.account_no_hi and k.token_lo = a.account_no_lo
     where k.currency <> a.currency`,
    {
      column: 'currency',
      rule: 'currencyChanged',
      expectedZh: '该账户首次装载时的币种',
      expectedEn: 'the currency the account was loaded with at first',
      adviceZh: '账户币种不会改变：请核对账号，或以新账号装载',
      adviceEn: 'An account does not change its currency: check the number, or load it as a new account',
    },
  )
  await rejectWhere(engine, `select line from ${accepted} where closed_on < opened_on`, {
    column: 'closed_on',
    rule: 'contradiction',
    expectedZh: '不早于开户日的日期',
    expectedEn: 'a day that is not before the opening day',
    adviceZh: '请更正开户日或销户日',
    adviceEn: 'Correct the opening or the closing day',
  })
}

async function giveIds(merge: Merge): Promise<void> {
  const { engine, loadId } = merge
  await engine.exec(`create or replace temp table load_account_new as
    select a.*, k.account_id as known_id, k.product_id as known_product_id,
      k.opened_on is not distinct from a.opened_on and k.closed_on is not distinct from a.closed_on
        and k.product_id is not distinct from a.product_id as unchanged
    from (select account_no_hi, account_no_lo, min(line) as line, any_value(account_no) as account_no,
        any_value(product_id) as product_id, any_value(currency) as currency, any_value(unit_id) as unit_id,
        any_value(opened_on) as opened_on, any_value(closed_on) as closed_on, min(matures_on) as matures_on
      from ${merge.accepted} group by all) a
    left join known.account k on k.token_hi = a.account_no_hi and k.token_lo = a.account_no_lo`)
  const fresh = await countOf(engine, 'select count(*) from load_account_new where known_id is null')
  const first = await reserveIds(merge, 'account', fresh)
  await engine.exec(`create or replace temp table load_account as
    select * exclude (known_id), known_id is null as is_new,
      coalesce(known_id, ${first} - 1 + row_number() over (partition by known_id is null order by line)) as account_id
    from load_account_new;
    drop table load_account_new`)
  const changed = await countOf(engine, 'select count(*) from load_account where is_new or not unchanged')
  if (changed === 0n) return
  const temporaryPath = `${merge.dir}/idmap-account.parquet`
  await engine.exec(`copy (select account_no_hi as token_hi, account_no_lo as token_lo, account_id::bigint as account_id, currency,
      product_id::integer as product_id, opened_on, closed_on, ${loadId}::integer as load_id
    from load_account where is_new or not unchanged order by account_id) to ${literal(temporaryPath)} (format parquet, compression zstd)`)
  merge.files.push({
    kind: 'idmap',
    noun: 'account',
    temporaryPath,
    path: `idmaps/account/${loadId}.parquet`,
    rows: changed,
    firstDay: undefined,
    lastDay: undefined,
  })
}

// An account that moves to another product takes its balance position along.
async function movedProducts(merge: Merge): Promise<void> {
  const { engine, client, loadId } = merge
  const moved = await countOf(
    engine,
    'select count(*) from load_account where not is_new and known_product_id <> product_id',
  )
  if (moved === 0n) return
  await stage(
    merge,
    'stage_moved',
    'account_id bigint, product_id int',
    'select account_id, product_id from load_account where not is_new and known_product_id <> product_id',
  )
  await client.query(`update position p set product_id = m.product_id from stage_moved m
    where p.account_id = m.account_id and p.kind = 'balance'`)
  const temporaryPath = `${merge.dir}/idmap-position-moved.parquet`
  await engine.exec(`copy (select p.position_id, p.account_id, a.product_id::integer as product_id, p.kind, p.currency,
      ${loadId}::integer as load_id
    from known.position p join load_account a on a.account_id = p.account_id
    where not a.is_new and a.known_product_id <> a.product_id and p.kind = 'balance'
    order by 1) to ${literal(temporaryPath)} (format parquet, compression zstd)`)
  merge.files.push({
    kind: 'idmap',
    noun: 'position',
    temporaryPath,
    path: `idmaps/position/${loadId}-moved.parquet`,
    rows: moved,
    firstDay: undefined,
    lastDay: undefined,
  })
}

async function stageAccounts(merge: Merge): Promise<void> {
  const total = Number(await countOf(merge.engine, 'select count(*) from load_account'))
  await stageSealed(merge, merge.workplace.keys, {
    table: 'stage_account',
    columns: `id bigint, is_new boolean, no_token bytea, no_sealed bytea, no_last4 text, product_id int, currency text, unit_id int,
     opened_on date, closed_on date, matures_on date`,
    query: `select account_id::varchar as account_id, is_new, account_no, product_id, currency, unit_id, opened_on::varchar as opened_on,
       closed_on::varchar as closed_on, matures_on::varchar as matures_on from load_account order by account_id`,
    noun: 'account',
    progress: (done) => merge.progress('seal', done, total),
  })
}

async function mergeAccountRows(merge: Merge): Promise<void> {
  await merge.client.query(
    `update account set product_id = s.product_id, unit_id = s.unit_id, opened_on = s.opened_on, closed_on = s.closed_on,
       matures_on = s.matures_on, load_id = ${merge.loadId}
     from stage_account s where account.id = s.id and not s.is_new
       and (account.product_id, account.unit_id, account.opened_on, account.closed_on, account.matures_on)
         is distinct from (s.product_id, s.unit_id, s.opened_on, s.closed_on, s.matures_on)`,
  )
  const { client, loadId } = merge
  const fresh = await countOf(merge.engine, 'select count(*) from load_account where is_new')
  await inBulk(client, 'account', fresh, () =>
    client.query(
      `insert into account (id, no_token, no_sealed, no_last4, product_id, currency, unit_id, opened_on, closed_on,
         matures_on, load_id)
       select id, no_token, no_sealed, no_last4, product_id, currency, unit_id, opened_on, closed_on, matures_on, ${loadId}
       from stage_account where is_new order by id`,
    ),
  )
  // Positions refer to accounts, so they follow them.
  await inBulk(client, 'position', fresh, () =>
    client.query(
      `insert into position (id, account_id, product_id, kind, currency)
       select id, account_id, product_id, kind, currency from stage_position order by id`,
    ),
  )
}

/**
 * Owners of a new account hold their shares from the beginning. When a later file says otherwise, the old shares end
 * today and the new begin; a corrected file replaces what the file it corrects had brought.
 */
async function mergeOwners(merge: Merge): Promise<void> {
  const { client, loadId, supersedes, today } = merge
  await stage(
    merge,
    'stage_owner',
    'account_id bigint, party_id bigint, share int, ordinal smallint, is_new boolean',
    `select l.account_id, a.customer_id, coalesce(a.share, 10000), row_number() over (partition by l.account_id order by a.line), l.is_new
     from ${merge.accepted} a join load_account l on l.account_no_hi = a.account_no_hi and l.account_no_lo = a.account_no_lo
     order by l.account_id`,
  )
  await client.query(
    `create temporary table stage_changed on commit drop as
     select account_id from (
       select coalesce(s.account_id, o.account_id) as account_id,
         bool_or(s.party_id is null or o.party_id is null or s.share <> o.share) as differs
       from (select * from stage_owner where not is_new) s
       full join (select * from account_owner o where to_day = '2299-12-31'
         and account_id in (select account_id from stage_owner where not is_new)) o
         on o.account_id = s.account_id and o.party_id = s.party_id
       group by 1) compared
     where differs`,
  )
  if (supersedes.length > 0) {
    await client.query(
      `delete from account_owner where load_id = any($1::int[]) and account_id in (select account_id from stage_changed)`,
      [supersedes.map((load) => load.id)],
    )
  }
  await client.query(
    `delete from account_owner where from_day >= $1 and account_id in (select account_id from stage_changed)`,
    [today],
  )
  await client.query(
    `update account_owner set to_day = $1 where to_day > $1 and account_id in (select account_id from stage_changed)`,
    [today],
  )
  const owners = await countOf(merge.engine, `select count(*) from ${merge.accepted}`)
  await inBulk(client, 'account_owner', owners, () =>
    client.query(
      `insert into account_owner (account_id, party_id, share, ordinal, from_day, load_id)
       select s.account_id, s.party_id, s.share, s.ordinal,
         case when not s.is_new and exists (select from account_owner o where o.account_id = s.account_id)
           then $1::date else '1900-01-01' end, $2
       from stage_owner s where s.is_new or s.account_id in (select account_id from stage_changed)
       order by s.account_id, s.ordinal`,
      [today, loadId],
    ),
  )
}

export async function mergeAccountFlags(merge: Merge): Promise<void> {
  await stage(
    merge,
    'stage_account_flag',
    'account_id bigint, kind text, from_day date, to_day date',
    `select account_id, kind, from_day, coalesce(to_day, date '2299-12-31') from ${merge.accepted} order by line`,
  )
  await merge.client.query(
    `insert into account_flag (account_id, kind, from_day, to_day, load_id)
     select account_id, kind, from_day, to_day, ${merge.loadId} from stage_account_flag
     on conflict (account_id, kind, from_day) do update set to_day = excluded.to_day, load_id = excluded.load_id`,
  )
}

/** A card keeps its number; its face is what it looks like today. */
export async function mergeCards(merge: Merge): Promise<void> {
  const total = Number(await countOf(merge.engine, `select count(*) from ${merge.accepted}`))
  await stageSealed(merge, merge.workplace.keys, {
    table: 'stage_card',
    columns:
      'no_token bytea, no_sealed bytea, no_last4 text, party_id bigint, account_id bigint, face text, issued_on date, closed_on date',
    query: `select card_no, customer_id::varchar as party_id, account_id::varchar as account_id, face, issued_on::varchar as issued_on,
       closed_on::varchar as closed_on from ${merge.accepted} order by line`,
    noun: 'card',
    progress: (done) => merge.progress('seal', done, total),
  })
  await merge.client.query(
    `insert into card (no_token, no_sealed, no_last4, party_id, account_id, face, issued_on, closed_on, load_id)
     select no_token, no_sealed, no_last4, party_id, account_id, face, issued_on, closed_on, ${merge.loadId} from stage_card
     on conflict (no_token) do update set party_id = excluded.party_id, account_id = excluded.account_id, face = excluded.face,
       issued_on = excluded.issued_on, closed_on = excluded.closed_on, load_id = excluded.load_id`,
  )
}
