-- Outages of circuits, for the metrics of area rules such as "8 or more since a date".
create table programme.circuit_outage (
  circuit_id text not null references programme.circuit,
  started_at timestamptz not null,
  cause text not null check (cause ~ '^[a-z0-9][a-z0-9-]{1,39}$'),   -- 'epss'
  primary key (circuit_id, started_at)
);
