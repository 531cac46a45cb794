-- What the API needs: counted sign-in attempts, events that wake listeners, jobs from the application's role.

-- Attempts are counted by name and by address, known or not, so that waiting tells nothing about which names exist
create table sign_in_attempt (
  key text primary key,
  attempts int not null,
  last_at timestamptz not null,
  locked_until timestamptz
);
alter table login drop column failures;
alter table login drop column locked_until;
create index session_login on session (login_id);
create index api_key_login on api_key (login_id);

-- Whoever adds an event wakes those who listen: the number goes over the channel, the row is read afterwards
create function strata.tell_event() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('strata_event', new.id::text);
  return null;
end $$;
create trigger event_told after insert on event for each row execute function strata.tell_event();
create index event_at on event (at);

-- Jobs enter here: graphile-worker's tables are closed to the application's role. Tasks from this list only.
create function strata.enqueue(task text, payload json, key text default null) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare job bigint;
begin
  if task not in ('night', 'sweep') then
    raise exception 'no task %', task;
  end if;
  select (graphile_worker.add_job(task, payload, job_key => key, max_attempts => 3)).id into job;
  return job;
end $$;
revoke all on function strata.enqueue(text, json, text) from public;

-- Lists of people go by keyset; these serve the orders that are not on the night's own partition
create index household_unit on household (unit_id);
create index load_feed on load (feed, id desc);

-- Search -------------------------------------------------------------------------------------------------------------
-- Two neighbouring characters each: 欧阳志远 → 欧阳 阳志 志远. A part of a name of two or more characters is found by
-- those it contains; a single character by its own.
-- A loop, because the same with generate_series and array_agg cost 14 times as much (148 against 11 us a name).
create function strata.bigrams(name text) returns text[] language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp as $$
declare
  plain text := lower(name);
  parts text[] := '{}';
begin
  for i in 1..length(plain) loop
    parts := parts || substr(plain, i, 1) || substr(plain, i, 2);
  end loop;
  return parts;
end $$;
create index party_bigrams on party using gin (strata.bigrams(name));
create index party_pinyin on party (name_pinyin text_pattern_ops);

-- Runs as the owner, past row-level security, and therefore applies the scope of the transaction itself, from the
-- setting and never from an argument. At most 5,000 hits: a longer list is no answer to a search.
create function strata.find_parties(typed text, token bytea) returns setof bigint
language plpgsql stable security definer set search_path = public, pg_catalog, pg_temp as $$
declare
  everyone boolean := strata.sees_all();
  everywhere boolean := coalesce(current_setting('strata.units', true), '') = 'all';
  here int[] := strata.units();
  mine int := strata.book();
  plain text := lower(typed);
  latin boolean := lower(typed) ~ '^[a-z ]{1,60}$';
  escaped text := replace(replace(replace(plain, '\', '\\'), '%', '\%'), '_', '\_');
  -- Of two characters and more, pairs only: a single character is in far too many names to be worth looking up
  wanted text[] := case when length(plain) < 2 then array[plain]
    else array(select substr(plain, i, 2) from generate_series(1, length(plain) - 1) i) end;
begin
  if typed = '' then return; end if;
  return query
    (select p.id from customer c join party p on p.id = c.party_id
      where c.customer_no >= typed and c.customer_no < typed || '~'
        and (everyone or ((everywhere or p.unit_id = any(here)) and (mine is null or p.rm_id = mine)))
      limit 5000)
    union
    (select p.id from party p
      where strata.bigrams(p.name) @> wanted and position(plain in lower(p.name)) > 0
        and (everyone or ((everywhere or p.unit_id = any(here)) and (mine is null or p.rm_id = mine)))
      limit 5000)
    union
    (select p.id from party p
      where latin and (p.name_initials like escaped || '%' or p.name_pinyin like escaped || '%')
        and (everyone or ((everywhere or p.unit_id = any(here)) and (mine is null or p.rm_id = mine)))
      limit 5000)
    union
    (select p.id from party p
      where token is not null and (p.phone_token = token or p.identity_token = token)
        and (everyone or ((everywhere or p.unit_id = any(here)) and (mine is null or p.rm_id = mine)))
      limit 5000)
    limit 5000;
end $$;
revoke all on function strata.find_parties(text, bytea) from public;
