-- N_T of each day where it is counted: premises with a device. A rollup, like index_day.
create table outage.served_day (
  source text not null references outage.source,
  day date not null,
  area text not null,
  circuit_id text not null,
  customers integer not null,
  primary key (source, day, circuit_id, area)
);
