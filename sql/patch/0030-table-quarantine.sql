-- Messages that cannot be believed, bounded per device and in all.
create table fleet.quarantine (
  bucket smallint not null,
  quarantine_id bigint not null generated always as identity,
  serial text,                  -- as the topic claims; null when the topic has none
  topic text not null,
  reason text not null,         -- slug of api/errors.def
  size integer not null,        -- of the whole message
  payload bytea not null,       -- its first 8,192 bytes
  received_at timestamptz not null,
  primary key (bucket, quarantine_id)
);
create index quarantine_serial on fleet.quarantine (bucket, serial);
