-- Up to which state of its journal each device's outages are derived.
create table outage.derivation (
  device_id bigint primary key,
  stored bigint not null,                 -- journal_head.stored at that moment
  derived_at timestamptz not null
);
