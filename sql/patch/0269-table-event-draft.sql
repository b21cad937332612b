-- Events as they are derived now, before they are matched with those that were: empty between runs.
create unlogged table outage.event_draft (
  draft_id bigint generated always as identity primary key,
  kind text not null,
  parent_id bigint,
  level text not null,
  element text not null,
  circuit_id text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  restored_at timestamptz,
  customers integer not null,
  dark integer not null,
  served integer not null,
  lit integer not null,
  confidence real not null,
  momentary boolean not null,
  centre geometry(Point, 4326),
  members bigint[] not null  -- outage_ids, sorted
);
