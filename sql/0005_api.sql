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
