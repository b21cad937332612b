-- One row per start of a device: where its records without a clock belong, and its time anchor.
create table fleet.device_boot (
  device_id bigint not null,
  boot bigint not null,
  part_ts timestamptz not null,
  anchor_at timestamptz,        -- UTC at mono_ms 0, from a record with quality synchronised
  primary key (device_id, boot)
);
