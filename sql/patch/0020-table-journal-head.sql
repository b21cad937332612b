-- Where each device's chain stands: the row that every ingest of the device locks first.
create table fleet.journal_head (
  device_id bigint primary key,
  head_seq bigint not null default 0 check (head_seq >= 0),  -- highest contiguous
  head_hash bytea not null check (length(head_hash) = 32),
  seen int8multirange not null default '{}',                 -- stored
  overwritten int8multirange not null default '{}',          -- declared lost by the device
  claimed_seq bigint not null default 0,                     -- highest seq the device says it wrote
  stored bigint not null default 0,
  duplicates bigint not null default 0,
  forks bigint not null default 0,
  updated_at timestamptz not null
) with (fillfactor = 70);
