-- Seals over the audit, each with the hash of the one before: what is changed, taken out or put in among sealed rows shows. Rows
-- are added and never changed; the part that seals may do no more.
create table access.audit_seal (
  number bigint primary key check (number > 0),
  previous bytea not null,     -- hash of the seal before; empty of the first
  sealed_at timestamptz not null,
  ids bigint[] not null,       -- of the rows, ascending
  hashes bytea[] not null,     -- of each row (access.audit_row_hash)
  hash bytea not null check (length(hash) = 32),
  constraint audit_seal_rows check (cardinality(ids) > 0 and cardinality(ids) = cardinality(hashes))
);
