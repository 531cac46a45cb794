/** Positions: what the lake's balance facts belong to. One per account, product and kind, made on first sight. */
import { literal } from '../../lake/engine.ts'
import { countOf, type Merge, reserveIds } from './merge.ts'
import { stage } from './stage.ts'

/**
 * Gives ids to the positions that `query` (account_id, product_id, kind, currency) names and nobody knows yet: into
 * the engine's table `load_position`, the lake's id map and PostgreSQL's temporary table `stage_position`, from which
 * the caller inserts when the accounts are there.
 */
export async function newPositions(merge: Merge, query: string): Promise<bigint> {
  const { engine, loadId } = merge
  const fresh = await countOf(engine, `select count(*) from (${query})`)
  const first = await reserveIds(merge, 'position', fresh)
  await engine.exec(`create or replace temp table load_position as
    select ${first} - 1 + row_number() over (order by account_id, product_id, kind) as position_id, account_id::bigint as account_id,
      product_id::integer as product_id, kind, currency, ${loadId}::integer as load_id from (${query})`)
  await stage(
    merge,
    'stage_position',
    'id bigint, account_id bigint, product_id int, kind text, currency text',
    'select position_id, account_id, product_id, kind, currency from load_position order by position_id',
  )
  if (fresh === 0n) return fresh
  const temporaryPath = `${merge.dir}/idmap-position.parquet`
  await engine.exec(`copy (select position_id::bigint as position_id, account_id, product_id, kind, currency, load_id
    from load_position order by position_id) to ${literal(temporaryPath)} (format parquet, compression zstd)`)
  merge.files.push({
    kind: 'idmap',
    noun: 'position',
    temporaryPath,
    path: `idmaps/position/${loadId}.parquet`,
    rows: fresh,
    firstDay: undefined,
    lastDay: undefined,
  })
  return fresh
}
