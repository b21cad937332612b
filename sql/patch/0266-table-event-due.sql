-- Where and when interruptions have changed, so that events are to be derived anew.
create table outage.event_due (
  circuit_id text not null,  -- '' for premises whose circuit is not known
  from_at timestamptz not null,
  to_at timestamptz not null,
  primary key (circuit_id, from_at, to_at)
);
