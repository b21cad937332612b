-- The signed messages as they came: the evidence. Kept when they brought at least one new record.
create table fleet.journal_batch (
  device_id bigint not null,
  first_seq bigint not null,
  last_seq bigint not null,
  part_ts timestamptz not null,
  received_at timestamptz not null,
  prev_hash bytea not null,
  message bytea not null,
  primary key (device_id, first_seq, last_seq, part_ts)
) partition by range (part_ts);
create table fleet.journal_batch_default partition of fleet.journal_batch default;
