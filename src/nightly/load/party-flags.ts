/** Special people as dated flags, from the `flags` column of the customers feed. */
import { literal } from '../../lake/engine.ts'
import type { Merge } from './merge.ts'
import { stage } from './stage.ts'

/**
 * A minor is one until eighteen, whatever the file says later, and without being said so when the birth date is known. The other flags hold from the beginning when the
 * customer is new, from today when they appear later, and end today when a later file no longer has them. 'staff'
 * ends with the staff feed, so it is not ended here while that feed says so.
 */
export async function partyFlags(merge: Merge): Promise<void> {
  const { client, loadId, today } = merge
  await stage(
    merge,
    'stage_flag',
    'party_id bigint, kind text, is_new boolean, birth_on date',
    `select distinct party_id, trim(flag) as kind, is_new, birth_on
     from (select party_id, is_new, birth_on, unnest(string_split(flags, '|')) as flag from load_customer where flags is not null)
     where trim(flag) <> ''
     union select party_id, 'minor', is_new, birth_on from load_customer
     where kind = 'person' and birth_on + interval 18 year > ${literal(today)}::date`,
  )
  await client.query(
    `insert into party_flag (party_id, kind, from_day, to_day, load_id)
     select f.party_id, f.kind,
       case when f.kind = 'minor' then coalesce(f.birth_on, '1900-01-01') when f.is_new then date '1900-01-01' else $1::date end,
       case when f.kind = 'minor' and f.birth_on is not null then (f.birth_on + interval '18 years')::date else '2299-12-31' end,
       $2
     from stage_flag f
     where not exists (select from party_flag p
       where p.party_id = f.party_id and p.kind = f.kind and p.from_day <= $1::date and p.to_day > $1::date)
     on conflict (party_id, kind, from_day) do update set to_day = excluded.to_day, load_id = excluded.load_id`,
    [today, loadId],
  )
  await client.query(
    `update party_flag p set to_day = greatest($1::date, p.from_day + 1), load_id = $2
     from stage_party s
     where p.party_id = s.id and not s.is_new and p.to_day > $1::date and p.kind <> 'minor' and p.from_day < $1::date
       and not exists (select from stage_flag f where f.party_id = p.party_id and f.kind = p.kind)
       and not (p.kind = 'staff' and exists (select from staff e join customer c on c.customer_no = e.customer_no
         where c.party_id = p.party_id and coalesce(e.left_on, '2299-12-31') > $1::date))`,
    [today, loadId],
  )
}
