-- A proposal that nobody decides ends by itself: the world it was made for is gone.
alter table approval drop constraint approval_status_check;
alter table approval add constraint approval_status_check
  check (status in ('open', 'approved', 'returned', 'withdrawn', 'expired'));
alter table approval add check (status <> 'expired' or decided_by is null);
create index approval_waiting on approval (proposed_at) where status = 'open';
