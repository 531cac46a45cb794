-- Customers by the last four digits of their phone, alone or with a part of the name, within the scope of the transaction
create index party_phone_end on party (phone_last4) where phone_last4 is not null;
create function strata.find_by_phone_end(digits text, named text) returns setof bigint
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
  select p.id from party p
    where p.phone_last4 = digits and strata.sees(p.id, p.unit_id, p.rm_id)
      and (position(lower(named) in lower(p.name)) > 0
        or lower(named) ~ '^[a-z ]{1,60}$'
          and (starts_with(p.name_initials, lower(named)) or starts_with(p.name_pinyin, lower(named))))
    limit 5000 $$;
revoke all on function strata.find_by_phone_end(text, text) from public;
