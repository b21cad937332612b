-- Versions of the master key of personal data, which is in a file outside the database: what is new is wrapped under the highest.
create table person.master_key (
  version integer primary key check (version > 0),
  print bytea not null check (length(print) = 16), -- by which a file is known to hold it
  since timestamptz not null default now()
);
comment on table person.master_key is 'Versions of the master key of personal data in use; the keys are in a file.';
