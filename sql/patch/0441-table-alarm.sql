-- An alarm: one condition of one device, from when it is noticed until it is gone or somebody clears it.
create table outage.alarm (
  alarm_id bigint generated always as identity primary key,
  kind text not null references outage.alarm_rule,
  device_id bigint not null,
  premise_id bigint,                    -- where the device was when it was raised
  subject text not null,                -- what the condition rests on; another subject is news
  since timestamptz not null,           -- when the condition began, by the device where it tells
  detail jsonb not null,
  raised_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  cleared_at timestamptz,
  cleared_by text,                      -- null: the condition went away
  check ((acknowledged_at is null) = (acknowledged_by is null)),
  check (cleared_by is null or cleared_at is not null)
);
create unique index alarm_open on outage.alarm (kind, device_id) where cleared_at is null;
create index alarm_device on outage.alarm (device_id, kind, alarm_id);
