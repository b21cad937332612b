-- The newest receipt that was issued to each device in each epoch: it covers all before it.
create table fleet.receipt (
  device_id bigint not null,
  epoch bigint not null,
  through_seq bigint not null,
  head_hash bytea not null,
  issued_at timestamptz not null,
  message bytea not null,
  primary key (device_id, epoch)
) with (fillfactor = 70);
