-- Serial numbers are unique in the whole fleet; written before the device itself.
create table fleet.device_serial (
  serial text primary key check (serial ~ '^[A-Z0-9][A-Z0-9-]{2,23}$'),
  device_id bigint not null generated always as identity
);
