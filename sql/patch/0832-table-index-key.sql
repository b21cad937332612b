-- Versions of the key of the blind index, which is in a file outside the database: persons are written under the highest; none is
-- version 1. What a person's digests are made with stands beside them, so that a change of the key can go on person by person.
create table person.index_key (
  version integer primary key check (version > 0),
  print bytea not null check (length(print) = 16), -- by which a file is known to hold it
  since timestamptz not null default now()
);
comment on table person.index_key is 'Versions of the key of the blind index in use; the keys are in a file.';

alter table person.customer add column index_version integer not null default 1;

-- What a request is known by when it is repeated was a plain hash, by which anybody could try what a person's data may have been.
comment on column access.idempotency.request_hash is 'Of method, path and body, under a key made of that of the blind index.';
