-- The receipt epochs; the highest is in force. Restoring from a backup adds one.
create table fleet.receipt_epoch (
  epoch bigint primary key check (epoch > 0),
  raised_at timestamptz not null,
  reason text not null
);
insert into fleet.receipt_epoch values (1, now(), 'first');
