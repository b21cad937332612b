-- A drill that the utility has announced: what goes dark in it is in no index.
create table outage.drill (
  drill_id bigint generated always as identity primary key,
  name text not null check (length(name) between 1 and 120),
  circuit_id text references programme.circuit,  -- null: everywhere
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  declared_at timestamptz not null default now()
);
create index drill_time on outage.drill using gist (tstzrange(starts_at, ends_at));
