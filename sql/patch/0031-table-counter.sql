-- Running totals of the ingest, by name and label; they survive a restart.
create table fleet.counter (
  name text not null,
  label text not null default '',
  value bigint not null default 0,
  primary key (name, label)
) with (fillfactor = 70);
