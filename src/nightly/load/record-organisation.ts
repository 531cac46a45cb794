/** Units, staff and products into the record. */
import { refuse } from '../../kit/refusal.ts'
import { type Merge, reject, reserveIds } from './merge.ts'
import { copyRows, stage } from './stage.ts'

interface UnitRow {
  line: bigint
  code: string
  name: string
  name_en: string | null
  kind: string
  parent_code: string | null
  region_code: string | null
  opened_on: string | null
  closed_on: string | null
}

interface Placed {
  id: number
  code: string
  parentCode: string | null
}

/**
 * The tree of units. A parent that is neither in the file nor known quarantines the unit (and what hangs below it);
 * a circle refuses the file. A unit that was edited on the page stays as it is. `path` is written anew for every unit,
 * because moving one moves its whole subtree.
 */
export async function mergeUnits(merge: Merge): Promise<void> {
  const { engine, client, loadId } = merge
  const given = await engine.rows<UnitRow>(`select line, code, name, name_en, kind, parent_code, region_code,
    opened_on, closed_on from ${merge.accepted} order by line`)
  // The history of units is kept by the bank's day.
  await client.query(`select set_config('strata.today', $1, true)`, [merge.today])
  const found = await client.query<{ id: number; code: string; parent_code: string | null; edited: boolean }>(
    `select u.id, u.code, p.code as parent_code, u.edited_at is not null as edited
     from unit u left join unit p on p.id = u.parent_id order by u.id`,
  )
  const known = new Map<string, Placed>(
    found.rows.map((row) => [row.code, { id: row.id, code: row.code, parentCode: row.parent_code }]),
  )
  // What people changed on the page is theirs from then on.
  const edited = new Set(found.rows.filter((row) => row.edited).map((row) => row.code))
  const fed = given.filter((row) => !edited.has(row.code))
  const rows = await withKnownParents(merge, fed, new Set(known.keys()))
  const fresh = rows.filter((row) => !known.has(row.code))
  const firstId = Number(await reserveIds(merge, 'unit', BigInt(fresh.length)))
  for (const [i, row] of fresh.entries())
    known.set(row.code, { id: firstId + i, code: row.code, parentCode: row.parent_code })
  for (const row of rows) known.get(row.code)!.parentCode = row.parent_code
  const paths = treePaths(known, merge.feed.name)
  await client.query(`create temporary table stage_unit (id int, code text, name text, name_en text, kind text, parent_id int,
    region_code text, opened_on date, closed_on date, path text) on commit drop`)
  const parentId = (code: string | null) => (code === null ? null : known.get(code)!.id)
  await copyRows(
    client,
    'stage_unit',
    rows.map((r) => [
      known.get(r.code)!.id,
      r.code,
      r.name,
      r.name_en,
      r.kind,
      parentId(r.parent_code),
      r.region_code,
      r.opened_on,
      r.closed_on,
      paths.get(r.code),
    ]),
  )
  await client.query('create temporary table stage_path (id int, path text) on commit drop')
  await copyRows(
    client,
    'stage_path',
    [...known.values()].map((unit) => [unit.id, paths.get(unit.code)]),
  )
  // A parent may stand after its child: foreign keys are looked at row by row, so parents come in a second step.
  await client.query(
    `insert into unit (id, code, name, name_en, kind, parent_id, region_code, opened_on, closed_on, path, load_id)
     select id, code, name, name_en, kind, null, region_code, opened_on, closed_on, path, ${loadId} from stage_unit
     on conflict (code) do update set name = excluded.name, name_en = excluded.name_en, kind = excluded.kind,
       region_code = excluded.region_code, opened_on = excluded.opened_on, closed_on = excluded.closed_on,
       load_id = excluded.load_id`,
  )
  await client.query('update unit set parent_id = s.parent_id from stage_unit s where unit.id = s.id')
  await client.query('update unit set path = s.path from stage_path s where unit.id = s.id and unit.path <> s.path')
}

async function withKnownParents(merge: Merge, given: UnitRow[], known: ReadonlySet<string>): Promise<UnitRow[]> {
  let rows = given
  for (;;) {
    const codes = new Set(rows.map((row) => row.code))
    const orphans = rows.filter(
      (row) => row.parent_code !== null && !codes.has(row.parent_code) && !known.has(row.parent_code),
    )
    if (orphans.length === 0) return rows
    await reject(
      merge.engine,
      orphans.map((row) => ({
        line: row.line,
        column: 'parent_code',
        rule: 'reference',
        expectedZh: '本文件中或已装载的机构号',
        expectedEn: 'the code of a unit in this file or loaded before',
        adviceZh: '请补上上级机构后重新装载该行',
        adviceEn: 'Add the parent unit and load the row again',
      })),
    )
    const gone = new Set(orphans)
    rows = rows.filter((row) => !gone.has(row))
  }
}

/** '/1/4/9/' for every unit; refuses a circle. */
export function treePaths(units: ReadonlyMap<string, Placed>, file: string): Map<string, string> {
  const paths = new Map<string, string>()
  const walk = (unit: Placed, below: readonly string[]): string => {
    const done = paths.get(unit.code)
    if (done !== undefined) return done
    if (below.includes(unit.code)) {
      const circle = [...below.slice(below.indexOf(unit.code)), unit.code].join(' → ')
      refuse('file_refused', {
        file,
        rule: 'unit_circle',
        reason: `units are their own superiors: ${circle}`,
        reasonZh: `机构互为上级：${circle}`,
        expected: 'a tree with the head office at its root',
        expectedZh: '以总行为根的树',
        advice: 'Correct parent_code of one of these units',
        adviceZh: '请更正其中一个机构的上级机构号',
      })
    }
    const parent = unit.parentCode === null ? undefined : units.get(unit.parentCode)
    const path = `${parent ? walk(parent, [...below, unit.code]) : '/'}${unit.id}/`
    paths.set(unit.code, path)
    return path
  }
  for (const unit of units.values()) walk(unit, [])
  return paths
}

/** Staff; the flag of the staff member's own customer record follows in `flagStaff`. */
export async function mergeStaff(merge: Merge): Promise<void> {
  await stage(
    merge,
    'stage_staff',
    'code text, name text, unit_id int, role text, joined_on date, left_on date, customer_no text',
    `select code, name, unit_id, role, joined_on, left_on, customer_no from ${merge.accepted} order by line`,
  )
  await merge.client.query(
    `insert into staff (code, name, unit_id, role, joined_on, left_on, customer_no, load_id)
     select code, name, unit_id, role, joined_on, left_on, customer_no, ${merge.loadId} from stage_staff
     on conflict (code) do update set name = excluded.name, unit_id = excluded.unit_id, role = excluded.role,
       joined_on = excluded.joined_on, left_on = excluded.left_on, customer_no = excluded.customer_no, load_id = excluded.load_id`,
  )
  await flagStaff(merge)
}

/** Whoever is staff and a customer carries the flag 'staff' while employed. Run after staff and after customers. */
export async function flagStaff(merge: Merge): Promise<void> {
  await merge.client.query(
    `insert into party_flag (party_id, kind, from_day, to_day, load_id)
     select distinct on (c.party_id, coalesce(s.joined_on, '1900-01-01')) c.party_id, 'staff', coalesce(s.joined_on, '1900-01-01'),
       coalesce(s.left_on, '2299-12-31'), ${merge.loadId}
     from staff s join customer c on c.customer_no = s.customer_no
     order by c.party_id, coalesce(s.joined_on, '1900-01-01'), s.id
     on conflict (party_id, kind, from_day) do update set to_day = excluded.to_day, load_id = excluded.load_id
     where party_flag.to_day <> excluded.to_day`,
  )
}

export async function mergeProducts(merge: Merge): Promise<void> {
  await stage(
    merge,
    'stage_product',
    'code text, name text, name_en text, class text, weight int, risk text, currency text',
    `select code, name, name_en, class, coalesce(weight, 10000), risk, currency from ${merge.accepted} order by line`,
  )
  await merge.client.query(
    `insert into product (code, name, name_en, class, weight, risk, currency, load_id)
     select code, name, name_en, class, weight, risk, currency, ${merge.loadId} from stage_product
     on conflict (code) do update set name = excluded.name, name_en = excluded.name_en, class = excluded.class,
       weight = excluded.weight, risk = excluded.risk, currency = excluded.currency, load_id = excluded.load_id`,
  )
}
