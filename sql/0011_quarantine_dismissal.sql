-- A quarantined row that somebody decides not to mend: it stays, with who, when and why. A row that is mended after all
-- counts as mended. A decision is about a whole line, so all its faults carry it.
alter table quarantine add column dismissed_at timestamptz;
alter table quarantine add column dismissed_by text;
alter table quarantine add column dismissed_reason text;
alter table quarantine add constraint quarantine_dismissed
  check (num_nonnulls(dismissed_at, dismissed_by, dismissed_reason) in (0, 3) and dismissed_reason <> '');

drop index quarantine_open;
create index quarantine_open on quarantine (load_id) where mended_by_load_id is null and dismissed_at is null;
