-- What codes of end device events mean (IEC 61968-9); editable, because makers use more than the standard's.
create table outage.meter_event_code (
  code text primary key check (code ~ '^[0-9]+(\.[0-9]+){1,7}$'),
  meaning text not null check (meaning in ('power_down', 'power_up', 'nothing'))
);
insert into outage.meter_event_code values
  ('3.26.0.47', 'power_down'), ('3.26.136.47', 'power_down'), ('3.26.0.216', 'power_up'), ('3.26.136.216', 'power_up');
-- What the utility's own meters at our homes said of their power: a source beside the devices. Meters of
-- other homes are not kept.
create table outage.meter_event (
  premise_id bigint not null references programme.premise,
  at timestamptz not null,
  meaning text not null check (meaning in ('power_down', 'power_up')),
  code text not null,
  imported_at timestamptz not null default now(),
  primary key (premise_id, at, meaning)
);
create index meter_event_time on outage.meter_event (at);
