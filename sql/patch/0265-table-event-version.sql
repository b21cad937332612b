-- Every version of every event, and why it is another one. An event that its records no longer tell is
-- gone from outage.event; its last version says so.
create table outage.event_version (
  event_id bigint not null,
  version integer not null,
  revised_at timestamptz not null,
  reasons text[] not null,
  state jsonb,            -- the columns of outage.event; null: withdrawn
  primary key (event_id, version)
);
