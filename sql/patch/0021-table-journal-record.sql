-- The records, one row each. part_ts is a pure function of the record (its own time, or that of its
-- boot), so that a redelivery lands where the first copy is. Fields beyond the columns, and values
-- that do not fit them, are in extra under their names (or numbers, when newer than this server).
create table fleet.journal_record (
  device_id bigint not null,
  seq bigint not null,
  part_ts timestamptz not null,
  received_at timestamptz not null,
  device_at timestamptz,
  mono_ms bigint not null,
  boot bigint not null,
  kind integer not null,
  quality smallint not null,
  cause integer,
  since_ms bigint,
  delay_ms bigint,
  setting_ms bigint,
  l1_dv integer,
  l2_dv integer,
  freq_chz integer,
  load_da integer,
  hash bytea not null,
  extra jsonb,
  primary key (device_id, seq, part_ts)
) partition by range (part_ts);
create index journal_record_time on fleet.journal_record using brin (part_ts);
create table fleet.journal_record_default partition of fleet.journal_record default;
