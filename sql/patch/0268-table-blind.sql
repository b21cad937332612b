-- When we ourselves could not hear the devices: a part of the server or the broker was away. What a
-- device did not say in such a time says nothing about the device.
create table outage.blind (
  part text not null check (part in ('mqtt', 'broker', 'job')),
  from_at timestamptz not null,
  to_at timestamptz not null check (to_at >= from_at),
  primary key (part, from_at)
);
