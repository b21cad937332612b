-- What the broker last said of each device's connection; not signed, so only a hint.
create table fleet.device_link (
  device_id bigint primary key,
  session bigint not null,
  online boolean not null,
  received_at timestamptz not null
) with (fillfactor = 70);
