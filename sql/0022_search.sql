-- Search everywhere: by every reading of a name, short names of companies, account and card numbers, Latin names with a
-- typing error; each hit with what it was found by.

-- What a name can be found by beside itself and the pinyin and initials of the party's row: the other readings of
-- characters that have several, a company's name without place and legal form and its readings, and Latin words.
create table party_reading (
  party_id bigint not null references party (id),
  kind text not null check (kind in ('pinyin', 'initials', 'short', 'word')),
  reading text collate "C" not null,
  primary key (party_id, kind, reading)
);
create index party_reading_text on party_reading (kind, reading, party_id);
call strata.protect_by('party_reading', 'party_id');

-- Loads write readings with the party; those of parties loaded before are filled by the worker (nightly/readings.ts)
alter table party add column spelled boolean not null default false;
create index party_unspelled on party (id) where not spelled;

-- One that runs as the owner, past row-level security, and takes the scope from the settings and never from an argument.
-- `latin` is what was typed as letters alone, `digits` four digits and `named` what stood before them, `variants` the
-- spellings of one word with an error in it and `beside` the other words. Persons are found by name only where `by_name`.
-- An account finds who owns it on `on_day`. At most `most` of each kind. Ranges instead of LIKE: their plan is good for every text, so that it may be kept.
drop function strata.find_parties(text, bytea);
drop function strata.find_by_phone_end(text, text);
create function strata.find_parties(
  typed text, by_name boolean default true, latin text default null, variants text[] default null,
  beside text[] default '{}', digits text default null, named text default '', phone bytea default null,
  identity bytea default null, account bytea default null, card bytea default null, on_day date default '2299-12-30', most int default 5000
) returns table (party_id bigint, found_by text)
language plpgsql stable security definer set search_path = public, pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  everyone boolean := strata.sees_all();
  any_found boolean;
  plain text := lower(typed);
  after_all text := latin || '~';
  -- Of two characters and more, pairs only: a single character is in far too many names to be worth looking up. Of more
  -- than four characters every second pair and the last one, which hold them all: the others sort out next to nothing
  -- but have to be read (a whole name 8.0 -> 6.3 ms, a customer number 4.4 -> 2.7 ms; four characters the other way round).
  wanted text[] := case when length(plain) < 2 then array[plain]
    else array(select substr(plain, i, 2) from generate_series(1, length(plain) - 1) i
      where length(plain) <= 4 or i % 2 = 1 or i = length(plain) - 1) end;
begin
  if typed = '' then return; end if;
  return query
    select p.id, case when c.customer_no = typed then 'customerNo' else 'customerNoBeginning' end
    from customer c join party p on p.id = c.party_id
    where c.customer_no >= typed and c.customer_no < typed || '~' and (everyone or strata.sees(p.id, p.unit_id, p.rm_id))
    limit most;
  return query
    select p.id, case when lower(p.name) = plain then 'name' when starts_with(lower(p.name), plain) then 'nameBeginning'
      else 'namePart' end
    from party p
    where strata.bigrams(p.name) @> wanted and position(plain in lower(p.name)) > 0
      and (by_name or p.kind = 'company') and (everyone or strata.sees(p.id, p.unit_id, p.rm_id))
    limit most;
  any_found := found;
  return query
    select p.id, case when r.reading = plain then 'shortName' else 'nameBeginning' end
    from party_reading r join party p on p.id = r.party_id
    where r.kind = 'short' and r.reading >= plain and r.reading < plain || U&'\+10FFFF'
      and (everyone or strata.sees(p.id, p.unit_id, p.rm_id))
    limit most;
  if phone is not null or identity is not null then
    return query
      select p.id, 'phone' from party p where p.phone_token = phone and (everyone or strata.sees(p.id, p.unit_id, p.rm_id))
      union all
      select p.id, 'identityNo' from party p
        where p.identity_token = identity and (everyone or strata.sees(p.id, p.unit_id, p.rm_id));
  end if;
  if account is not null or card is not null then
    return query
      select p.id, 'account' from account a join account_owner o on o.account_id = a.id join party p on p.id = o.party_id
        where a.no_token = account and o.from_day <= on_day and o.to_day > on_day
          and (everyone or strata.sees(p.id, p.unit_id, p.rm_id))
      union all
      select p.id, 'card' from card k join party p on p.id = k.party_id
        where k.no_token = card and (everyone or strata.sees(p.id, p.unit_id, p.rm_id));
  end if;
  if digits is not null then
    return query
      select p.id, 'phoneEnd' from party p
      where p.phone_last4 = digits and (everyone or strata.sees(p.id, p.unit_id, p.rm_id))
        and (named = '' or (by_name or p.kind = 'company') and (position(lower(named) in lower(p.name)) > 0
          or lower(named) ~ '^[a-z ]{1,60}$' and (starts_with(p.name_initials, lower(named))
            or starts_with(p.name_pinyin, lower(named))
            or exists (select from party_reading r where r.party_id = p.id and r.kind in ('pinyin', 'initials')
              and starts_with(r.reading, lower(named))))))
      limit most;
  end if;
  if latin is not null then
    return query
      (select p.id, 'pinyin' from party p where p.name_pinyin ~>=~ latin and p.name_pinyin ~<~ after_all
        and (by_name or p.kind = 'company') and (everyone or strata.sees(p.id, p.unit_id, p.rm_id)) limit most)
      union all
      (select p.id, 'initials' from party p where p.name_initials ~>=~ latin and p.name_initials ~<~ after_all
        and (by_name or p.kind = 'company') and (everyone or strata.sees(p.id, p.unit_id, p.rm_id)) limit most)
      union all
      (select p.id, r.kind from party_reading r join party p on p.id = r.party_id
        where r.kind = 'pinyin' and r.reading >= latin and r.reading < after_all
          and (by_name or p.kind = 'company') and (everyone or strata.sees(p.id, p.unit_id, p.rm_id)) limit most)
      union all
      (select p.id, r.kind from party_reading r join party p on p.id = r.party_id
        where r.kind = 'initials' and r.reading >= latin and r.reading < after_all
          and (by_name or p.kind = 'company') and (everyone or strata.sees(p.id, p.unit_id, p.rm_id)) limit most);
    any_found := any_found or found;
  end if;
  -- An error is looked for only where what was typed is right nowhere: most pinyin would be asked for in vain
  if variants is not null and not any_found then
    return query
      select p.id, 'similar' from party_reading r join party p on p.id = r.party_id
      where r.kind = 'word' and r.reading = any(variants)
        and beside <@ array(select w.reading from party_reading w where w.party_id = p.id and w.kind = 'word')
        and (by_name or p.kind = 'company') and (everyone or strata.sees(p.id, p.unit_id, p.rm_id))
      limit most;
  end if;
end $$;
revoke all on function strata.find_parties(
  text, boolean, text, text[], text[], text, text, bytea, bytea, bytea, bytea, date, int) from public;

-- Households whose number begins so and of whom a member is seen, each with one to open it by, the head before others
create function strata.find_households(typed text, on_day date, most int) returns table (household_no text, customer_no text)
language sql stable security definer set search_path = public, pg_catalog, pg_temp as $$
  select h.household_no, seen.customer_no
  from household h cross join lateral (
    select p.customer_no from household_member m join party p on p.id = m.party_id
    where m.household_id = h.id and m.from_day <= on_day and m.to_day > on_day
      and strata.sees(p.id, p.unit_id, p.rm_id)
    order by p.id = h.head_id desc, p.id limit 1) seen
  where typed <> '' and h.household_no >= typed and h.household_no < typed || '~'
  order by h.household_no limit most $$;
revoke all on function strata.find_households(text, date, int) from public;
