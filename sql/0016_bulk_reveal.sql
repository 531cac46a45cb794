-- Whose field an approved file showed in clear. The one audit entry of the file holds their count and SHA-256; these rows
-- answer who saw the field of a customer, at a hundredth of what an entry for each customer would cost.
create table bulk_reveal (
  approval_id bigint not null references approval,
  -- no reference: what was shown stays on record as long as its audit entry does
  party_id bigint not null,
  primary key (party_id, approval_id)
);
create index bulk_reveal_approval on bulk_reveal (approval_id);
create trigger only_added before update or delete or truncate on bulk_reveal
  for each statement execute function strata.refuse_change();
call strata.protect_by('bulk_reveal', 'party_id');
