-- Batches that contradict what is stored: kept beside the chain, never in it.
create table fleet.journal_fork (
  device_id bigint not null,
  message_hash bytea not null check (length(message_hash) = 32),
  first_seq bigint not null,
  last_seq bigint not null,
  fork_seq bigint not null,
  stored_hash bytea not null,
  claimed_hash bytea not null,
  message bytea not null,
  received_at timestamptz not null,
  primary key (device_id, message_hash)
);
