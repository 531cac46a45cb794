-- As before, but the lists are searched as the text they are, because making an array of a branch's 107 units for every row
-- cost 17 of 22 µs.
create or replace function strata.sees(party bigint, unit int, manager int) returns boolean
language plpgsql stable parallel safe set search_path = pg_catalog, pg_temp as $$
declare
  units text := coalesce(current_setting('strata.units', true), '');
begin
  -- '1,4', 'all' or 'all but 1,4'
  if units = 'all' then return true; end if;
  if (strpos(',' || translate(units, ' ', ',') || ',', ',' || unit || ',') > 0) <> (units like 'all%') then
    return true;
  end if;
  if manager = strata.book()
    and strpos(',' || coalesce(current_setting('strata.book_without', true), '') || ',', ',' || unit || ',') = 0 then
    return true;
  end if;
  return coalesce(strpos(',' || coalesce(current_setting('strata.granted', true), '') || ',', ',' || party || ',') > 0,
    false);
end $$;

-- Whether the scope sees the party, account or household of that id, for the policies of rows that name one. They said it
-- with "exists (select from party …)" before, and each of them brought the policy of party along, of some tables that of
-- two more: a customer's page was a plan of 480 sub-plans, which cost more to start and end than to run. The functions run
-- as the owner and take the scope from the setting, never from an argument; what they see is what those policies saw.
create function strata.sees_party(party bigint) returns boolean
language plpgsql stable parallel safe security definer cost 10 set search_path = public, pg_catalog, pg_temp as $$
declare
  unit int;
  manager int;
begin
  select p.unit_id, p.rm_id into unit, manager from party p where p.id = sees_party.party;
  return found and strata.sees(party, unit, manager);
end $$;
create function strata.sees_account(account bigint) returns boolean
language plpgsql stable parallel safe security definer cost 20 set search_path = public, pg_catalog, pg_temp as $$
begin
  return exists (select from account_owner o join party p on p.id = o.party_id
    where o.account_id = sees_account.account and strata.sees(p.id, p.unit_id, p.rm_id));
end $$;
create function strata.sees_household(household bigint) returns boolean
language plpgsql stable parallel safe security definer cost 20 set search_path = public, pg_catalog, pg_temp as $$
begin
  return exists (select from household_member m join party p on p.id = m.party_id
    where m.household_id = sees_household.household and strata.sees(p.id, p.unit_id, p.rm_id));
end $$;
revoke all on function strata.sees_party(bigint) from public;
revoke all on function strata.sees_account(bigint) from public;
revoke all on function strata.sees_household(bigint) from public;

-- For what a customer's page shows. Tables that are listed by themselves (proposals, requests, what would have been) keep
-- the sub-select: a call costs 9 µs, and a list has many rows.
create or replace procedure strata.protect_night(night int) language plpgsql as $body$
begin
  call strata.protect(format('night_customer_%s', night), strata.sight('party_id'));
  call strata.protect(format('night_household_%s', night),
    '(select strata.sees_all()) or strata.sees_household(household_id)');
end $body$;

create procedure pg_temp.protect_anew(target text, condition text) language plpgsql as $body$
begin
  execute format('drop policy by_scope on %I', target);
  call strata.protect(target, '(select strata.sees_all()) or ' || condition);
end $body$;
do $$
declare
  target text;
begin
  foreach target in array array['party_key', 'customer', 'external_identity', 'party_flag', 'household_member',
    'account_owner', 'card', 'consent', 'tier_change'] loop
    call pg_temp.protect_anew(target, 'strata.sees_party(party_id)');
  end loop;
  for target in select tablename from pg_policies
    where schemaname = 'public' and policyname = 'by_scope' and tablename ~ '^night_household(_[0-9]+)?$' loop
    call pg_temp.protect_anew(target, 'strata.sees_household(household_id)');
  end loop;
end $$;
call pg_temp.protect_anew('account', 'strata.sees_account(id)');
call pg_temp.protect_anew('account_flag', 'strata.sees_account(account_id)');
call pg_temp.protect_anew('household', 'strata.sees_household(id)');
call pg_temp.protect_anew('company_contact', 'strata.sees_party(company_id)
  or (party_id is not null and strata.sees_party(party_id))');
drop procedure pg_temp.protect_anew(text, text);

-- The nights that readers see get the index by name as publish.ts makes it now; older ones keep theirs.
do $$
declare
  night text;
begin
  for night in select 'night_customer_' || night_id from published_night loop
    execute format('drop index if exists %I', night || '_name');
    execute format('create index %I on %I (name, party_id)
      include (night_id, kind, unit_id, rm_id, qualified_tier, average_fen)', night || '_name', night);
  end loop;
end $$;
