-- An erasure is what two people agreed on: who asked and who checked stand in the approval. Null after a restore, when the
-- ledger beside the record did it again.
alter table erasure add column approval_id bigint references approval;
create index erasure_approval on erasure (approval_id);
-- Approved and not carried out yet; used_at of an erasure is when it was.
create index approval_to_erase on approval (id) where kind = 'erase' and status = 'approved' and used_at is null;
