-- What loading needs beside the foundation.

-- The name by which a corrected file is recognised: without folder and without .gz or .zst
alter table load add column logical_name text not null default '';
-- Products that a complete snapshot spoke of: an open account of theirs that is absent is a gap
alter table load add column covers int[] not null default '{}';
create index load_logical on load (feed, logical_name) where status = 'loaded' and superseded_by_id is null;

-- Scores are kept per load, so that a superseded load's can be left out; readers add them up
drop index quality_score_key;
create unique index quality_score_key on quality_score
  (day, feed, column_name, dimension, (coalesce(unit_id, 0)), (coalesce(load_id, 0)));
create index quality_score_load on quality_score (load_id);

create index quarantine_open on quarantine (load_id) where mended_by_load_id is null;

-- An opening tier is given once per party and scheme, however often its file is loaded
create unique index tier_change_opening on tier_change (party_id, scheme) where made_by = 'opening';

-- The staff member's own customer number as the feed gave it; the flag follows when the customer is there
alter table staff add column customer_no text;

-- Both languages of what was expected and what to do
alter table quarantine add column expected_zh text not null default '';
alter table quarantine add column advice_zh text not null default '';
-- The file's header, under which row_sealed is a CSV record
alter table load add column header text[] not null default '{}';
