-- Audit: entries that are sealed and never change, a chain of hashes over them, and signed heads of the chain.

-- Entries -------------------------------------------------------------------------------------------------------------
-- before, after and reason hold a sealed value (its first byte is 1, see access/seal.ts). Entries from before this
-- migration keep the text they had; a JSON text never begins with that byte.
alter table audit_entry alter column before type bytea using convert_to(before::text, 'UTF8');
alter table audit_entry alter column after type bytea using convert_to(after::text, 'UTF8');
alter table audit_entry alter column reason type bytea using convert_to(reason, 'UTF8');
-- The customer it speaks of. No foreign key: an entry outlives what it speaks of.
alter table audit_entry add column party_id bigint;
-- Whether before and after are sealed under that party's own key, and so go with it when it is erased
alter table audit_entry add column by_party_key boolean not null default false;
alter table audit_entry add check (not by_party_key or party_id is not null);

-- When it was written, not when its transaction began: a load takes minutes
alter table audit_entry alter column at set default clock_timestamp();

create index audit_entry_by on audit_entry (who, id desc);
create index audit_entry_action on audit_entry (action, id desc);
create index audit_entry_noun on audit_entry (noun, noun_id, id desc);
create index audit_entry_party on audit_entry (party_id, id desc) where party_id is not null;

-- The chain -----------------------------------------------------------------------------------------------------------
-- A row per sealed entry. `seq` has no holes; `hash` covers the entry as ciphertext and the hash before it.
create table audit_seal (
  seq bigint primary key check (seq > 0),
  entry_id bigint not null unique references audit_entry,
  hash bytea not null check (octet_length(hash) = 32)
);
-- Public halves (PEM) of the keys that heads were signed with
create table audit_signer (
  key_id text primary key,
  public_key text not null,
  first_used_at timestamptz not null default now()
);
-- A signed statement that the chain stood at `hash` with its entry `seq`
create table audit_head (
  seq bigint primary key references audit_seal,
  hash bytea not null,
  sealed_at timestamptz not null,
  key_id text not null references audit_signer,
  signature bytea not null
);
-- What the sealer has still to chain: an entry can be committed after one with a higher id, so ids do not tell
create table audit_pending (
  entry_id bigint primary key references audit_entry
);
insert into audit_pending select id from audit_entry;

create function strata.audit_added() returns trigger language plpgsql security definer
set search_path = public, pg_catalog, pg_temp as $$
begin
  insert into audit_pending select id from added;
  return null;
end $$;
-- Per statement, so that many entries at once cost one insert
create trigger audit_added after insert on audit_entry referencing new table as added
  for each statement execute function strata.audit_added();

-- Nobody changes what was written, the owner included ----------------------------------------------------------------
create function strata.refuse_change() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% is only ever added to', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger only_added before update or delete or truncate on audit_entry
  for each statement execute function strata.refuse_change();
create trigger only_added before update or delete or truncate on audit_seal
  for each statement execute function strata.refuse_change();
create trigger only_added before update or delete or truncate on audit_head
  for each statement execute function strata.refuse_change();
create trigger only_added before update or delete or truncate on audit_signer
  for each statement execute function strata.refuse_change();
create trigger only_added before update or delete or truncate on tier_change
  for each statement execute function strata.refuse_change();

-- Everybody adds; who sees the whole bank reads all, others their own and what speaks of a customer whom they see
alter table audit_entry enable row level security;
alter table audit_entry force row level security;
create policy owner_all on audit_entry to current_user using (true) with check (true);
create policy adding on audit_entry for insert to public with check (true);
create policy by_scope on audit_entry for select to public using ((select strata.sees_all())
  or who = (select current_setting('strata.who', true))
  or exists (select from party seen where seen.id = audit_entry.party_id));

-- Changes of tiers ----------------------------------------------------------------------------------------------------
-- A first night changes a million tiers: a million entries would more than double its writing and the record's audit.
-- Instead the one entry of a night, a load or a decision holds count and SHA-256 of its tier_change rows, in the order
-- of their ids: per thousand, then over those. No row of it can change, go or come without the entry saying otherwise.
create function strata.tier_change_digest(of_night int, of_load int, of_ids bigint[])
returns table (changes bigint, digest text) language plpgsql stable
set search_path = public, pg_catalog, pg_temp as $body$
begin
  return query execute format($q$
    select coalesce(sum(rows), 0)::bigint, encode(sha256(coalesce(string_agg(sha, '' order by block), '')), 'hex')
    from (select block, count(*) as rows, sha256(convert_to(string_agg(line, E'\n' order by id), 'UTF8')) as sha
      from (select id, (row_number() over (order by id) - 1) / 1000 as block,
          row(id, party_id, scheme, from_tier, to_tier, effective_on - date '2000-01-01', made_by, reason, night_id,
            proposal_id, staff_id, load_id, (extract(epoch from recorded_at) * 1000000)::bigint)::text as line
        from tier_change where %s) lines
      group by block) blocks$q$,
    case when of_night is not null then 'night_id = $1 and made_by = ''policy'''
      when of_load is not null then 'load_id = $2' else 'id = any($3)' end)
  using of_night, of_load, of_ids;
end $body$;

-- Edits ---------------------------------------------------------------------------------------------------------------
-- Facts of people that staff have edited, until the source says the same.

-- `sealed` under the party's own key: {was, is} as JSON, `was` being what the source said. Where a later load brought a
-- third value, the newer one is in force and both stand here for somebody to look at.
create table party_edit (
  party_id bigint not null references party,
  field text not null check (field in ('phone', 'email', 'address', 'occupation')),
  sealed bytea not null,
  edited_at timestamptz not null default now(),
  login_id int not null references login,
  conflict_load_id int,
  conflict_at timestamptz,
  -- what that load brought, sealed likewise
  conflict_sealed bytea,
  primary key (party_id, field),
  check ((conflict_load_id is null) = (conflict_sealed is null))
);
call strata.protect_by('party_edit', 'party_id');
