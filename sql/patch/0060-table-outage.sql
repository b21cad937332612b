-- An interruption of the utility at one premise, derived from its device's records. Recomputed as a
-- whole for a device whenever it has new records, so the same records always give the same rows.
create table outage.outage (
  outage_id bigint generated always as identity primary key,
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
  unique (device_id, lost_seq),
  check ((ended_at is not null) = (coalesce(end_basis, 'unknown') <> 'unknown'))
);
create index outage_time on outage.outage (started_at, outage_id);
create index outage_premise on outage.outage (premise_id, started_at);
