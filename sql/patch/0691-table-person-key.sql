-- The data key of each person, wrapped under the master key. Deleting it is what erases a person: all that is sealed under it, here,
-- in backups of later and in answers that are kept, can no longer be read.
create table person.person_key (
  customer_id bigint primary key references person.customer,
  version integer not null references person.master_key,
  box bytea not null check (length(box) = 72)
);
create index person_key_version on person.person_key (version, customer_id);
comment on table person.person_key is 'Wrapped data keys of persons.';
