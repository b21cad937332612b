-- An outage event: the homes that lost the utility together, at the nearest network element above all
-- of them. What stands here is the latest version; every version is kept in event_version.
create table outage.event (
  event_id bigint generated always as identity primary key,
  kind text not null                         -- outage: homes that went dark together; nested: of these, homes still
    check (kind in ('outage', 'nested', 'group')), -- dark when most are back; group: circuits of a substation together
  parent_id bigint,                          -- of a nested one its outage; of an outage its group
  level text not null check (level in ('premise', 'transformer', 'segment', 'circuit', 'substation')),
  element text not null,                     -- its id; of a premise the premise_id
  circuit_id text not null,                  -- '' when not known, or more than one
  started_at timestamptz not null,
  ended_at timestamptz check (ended_at >= started_at),  -- null: some are still dark
  restored_at timestamptz,                   -- when most were back
  customers integer not null check (customers > 0),  -- homes that went dark
  dark integer not null,                     -- of these, still dark by the last that is known
  served integer not null,                   -- homes with a device on the element
  lit integer not null,                      -- of these, known to have had power meanwhile
  confidence real not null check (confidence between 0 and 1),  -- that it was the whole element
  momentary boolean not null,                -- no home was dark for longer than the limit
  version integer not null default 1,
  revised_at timestamptz not null,
  centre geometry(Point, 4326),              -- of its homes
  check ((kind = 'nested') <= (parent_id is not null)),
  check ((kind = 'group') = (level = 'substation'))
);
create index event_time on outage.event (started_at, event_id);
create index event_circuit on outage.event (circuit_id, started_at);
create index event_parent on outage.event (parent_id) where parent_id is not null;
create index event_centre on outage.event using gist (centre);
