-- Nights: what an interval file was made from, and how the nightly lists are found quickly.

-- SHA-256 over the facts of the month, the file of the month before and the base currency. An interval file whose
-- inputs are unchanged is used again; any other is made anew and the old one superseded.
alter table lake_file add column inputs_sha256 text;
create index lake_file_interval on lake_file (month) where kind = 'interval' and superseded_at is null;

-- The end of a proposal's or a change's life is found by party; nights by their state
create index tier_proposal_party on tier_proposal (party_id, scheme, id desc);
create index night_status on night (scheme, status, day desc);

-- Counts of every night by unit, kind and qualified tier: the list's totals without reading a million rows
create table night_count (
  night_id int not null references night,
  unit_id int not null references unit,
  kind text not null,
  tier smallint not null,
  customers bigint not null,
  assets_fen numeric(38, 0) not null,
  average_fen numeric(38, 0) not null,
  primary key (night_id, unit_id, kind, tier)
);
