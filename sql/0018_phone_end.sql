-- Customers by the last four digits of their phone, alone or with a part of the name, within the scope of the transaction
create index party_phone_end on party (phone_last4) where phone_last4 is not null;
create function strata.find_by_phone_end(digits text, named text) returns setof bigint
language plpgsql stable security definer set search_path = public, pg_catalog, pg_temp as $$
declare
  everyone boolean := strata.sees_all();
  all_but boolean := strata.all_but();
  listed int[] := strata.units();
  mine int := strata.book();
  mine_without bigint[] := strata.ids('strata.book_without');
  granted bigint[] := strata.ids('strata.granted');
  plain text := lower(named);
  latin boolean := lower(named) ~ '^[a-z ]{1,60}$';
begin
  return query
    select p.id from party p
      where p.phone_last4 = digits
        and (position(plain in lower(p.name)) > 0
          or latin and (starts_with(p.name_initials, plain) or starts_with(p.name_pinyin, plain)))
        and (everyone or (p.unit_id = any(listed)) <> all_but
          or (p.rm_id = mine and p.unit_id <> all(mine_without)) or p.id = any(granted))
      limit 5000;
end $$;
revoke all on function strata.find_by_phone_end(text, text) from public;
