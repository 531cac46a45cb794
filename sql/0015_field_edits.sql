-- What of a person's facts a role may edit, for roles that edit at all (customers.edit); until now that was every one.
alter table role add column edits text[] not null default '{phone,email,address,occupation}'
  check (edits <@ array['phone', 'email', 'address', 'occupation']);
