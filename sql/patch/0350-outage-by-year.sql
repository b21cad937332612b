-- Interruptions are partitioned by the year of their start, so that a year whose time is over is dropped
-- and not deleted row by row. What depends on the table is applied again with the objects that follow.
create table outage.outage_whole as select * from outage.outage;
drop table outage.outage cascade;
create table outage.outage (
  outage_id bigint generated always as identity,
  device_id bigint not null,
  lost_seq bigint not null,               -- the utility_lost record that opened it
  premise_id bigint,                      -- by the assignment in force at started_at
  started_at timestamptz not null,
  ended_at timestamptz,
  end_basis text check (end_basis in ('restored', 'boot', 'unknown')),  -- null: open; see outage.derived
  start_quality smallint not null,        -- of the device's clock: 0 none, 1 estimated, 2 synchronised
  on_generator_ms bigint not null default 0,
  transferred_at timestamptz,
  returned_at timestamptz,
  transfer_delay_ms bigint,               -- loss to generator contactor closed
  retransfer_delay_ms bigint,             -- utility's return to utility contactor closed
  retransfer_setting_ms bigint,
  failed_transfers integer not null default 0,
  missing bigint not null default 0,      -- records not stored between its first and its last one
  derived_at timestamptz not null,
  circuit_id text not null default '',    -- '' is not known
  transformer_id text not null default '',
  chain_at timestamptz not null,          -- when the chain of drops that it belongs to began
  uncounted text check (uncounted in ('field_work', 'exchange', 'drill')),
  primary key (outage_id, started_at),
  unique (device_id, lost_seq, started_at),
  check ((ended_at is not null) = (coalesce(end_basis, 'unknown') <> 'unknown'))
) partition by range (started_at);
create index outage_time on outage.outage (started_at, outage_id);
create index outage_premise on outage.outage (premise_id, started_at);
create index outage_circuit on outage.outage (circuit_id, chain_at);
-- for lists of a time in the middle: what began before it and lasted into it
create index outage_lasted on outage.outage using gist (tstzrange(started_at, ended_at));
create table outage.outage_default partition of outage.outage default;
insert into outage.outage (outage_id, device_id, lost_seq, premise_id, started_at, ended_at, end_basis, start_quality,
  on_generator_ms, transferred_at, returned_at, transfer_delay_ms, retransfer_delay_ms, retransfer_setting_ms,
  failed_transfers, missing, derived_at, circuit_id, transformer_id, chain_at, uncounted)
overriding system value
select outage_id, device_id, lost_seq, premise_id, started_at, ended_at, end_basis, start_quality,
  on_generator_ms, transferred_at, returned_at, transfer_delay_ms, retransfer_delay_ms, retransfer_setting_ms,
  failed_transfers, missing, derived_at, circuit_id, transformer_id, chain_at, uncounted
from outage.outage_whole;
select setval(pg_get_serial_sequence('outage.outage', 'outage_id'), coalesce(max(outage_id), 0) + 1, false) from outage.outage;
drop table outage.outage_whole;
