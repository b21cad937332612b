-- Sequences that were missing when later ones came, and how each gap closed.
create table fleet.journal_gap (
  device_id bigint not null,
  from_seq bigint not null,
  to_seq bigint not null check (to_seq >= from_seq),
  detected_at timestamptz not null,
  closed_at timestamptz,
  closed_by text check (closed_by in ('resend', 'overwritten')),
  primary key (device_id, from_seq),
  check ((closed_at is null) = (closed_by is null))
);
create index journal_gap_open on fleet.journal_gap (device_id) where closed_at is null;
