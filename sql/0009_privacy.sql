-- Personal data under law: generations of the master key, keys of purposes and of original files, the ledger of consents,
-- erasures, and how long each noun is kept.

-- Keys ----------------------------------------------------------------------------------------------------------------
-- The master key itself is never here; a generation says which master a key is wrapped under (access/keys.ts).
create table master_generation (
  id int primary key check (id between 1 and 65535),
  -- the master as the key service sealed it; null: it is given by file or environment
  wrapped text,
  -- differs for every other master, and says nothing about this one
  check_value bytea not null,
  made_at timestamptz not null default now(),
  -- everything is wrapped under a newer one: nobody needs this master any more
  retired_at timestamptz
);

-- What accounts, cards, blind indexes, quarantined rows and the lake's tokens are made with. Wrapped under the master, so
-- that a new master changes these few rows and none of theirs.
create table purpose_key (
  purpose text primary key,
  wrapped bytea not null
);

-- Which generation a wrapped key needs: version 1 is from before there were several
create function strata.key_generation(wrapped bytea) returns int language sql immutable strict parallel safe
  set search_path = pg_catalog, pg_temp
  as $$ select case get_byte(wrapped, 0) when 1 then 1 else get_byte(wrapped, 1) * 256 + get_byte(wrapped, 2) end $$;

-- The original of a loaded file is sealed under a key of its own, itself sealed under the purpose key of files: destroying
-- the row makes every copy of the file unreadable.
create table load_key (
  load_id int primary key references load,
  sealed bytea not null
);

-- Consents ------------------------------------------------------------------------------------------------------------
-- A ledger: entries are added and never changed. The newest entry that speaks of a purpose, channel and day decides.
alter table consent add column id bigint generated always as identity;
alter table consent drop constraint consent_pkey;
alter table consent add primary key (id);
alter table consent add column kind text not null default 'given' check (kind in ('given', 'withdrawn'));
alter table consent add column recorded_at timestamptz not null default now();
-- 'login:17', 'key:3', or 'strata' for what a feed brought
alter table consent add column recorded_by text not null default 'strata';
alter table consent add column reason text;
create index consent_party on consent (party_id, id);

-- Erasure -------------------------------------------------------------------------------------------------------------
-- One row per customer number that was erased. The party is null where the record (restored from an older backup) has no
-- such customer yet: its number is refused all the same.
create table erasure (
  id bigint generated always as identity primary key,
  customer_no text not null unique collate "C",
  party_id bigint references party,
  erased_at timestamptz not null,
  erased_by text not null,
  reason text not null check (reason <> ''),
  -- from the ledger beside the record, after a restore
  reapplied_at timestamptz
);
create index erasure_party on erasure (party_id);
call strata.protect_by('erasure', 'party_id');
alter table party add column erased_at timestamptz;
create index party_erased on party (id) where erased_at is not null;

-- Retention -----------------------------------------------------------------------------------------------------------
create table retention (
  noun text primary key check (noun in ('originals', 'quarantine', 'sessions', 'events', 'nights', 'monthEnds', 'audit')),
  -- days; of nights and month-ends how many are kept in full; null: for ever
  keep int check (keep between 0 and 36500),
  edited_at timestamptz,
  edited_by text
);
insert into retention (noun, keep) values
  ('originals', 90), ('quarantine', 180), ('sessions', 0), ('events', 30), ('nights', 7), ('monthEnds', 27), ('audit', null);
-- What was kept out keeps its reason; the row itself goes
alter table quarantine alter column row_sealed drop not null;
