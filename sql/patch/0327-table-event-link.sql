-- How events of ours are matched with what others say, one row.
create table outage.match_rule (
  one boolean primary key default true check (one),
  place_weight real not null default 0.4,
  time_weight real not null default 0.4,
  circuit_weight real not null default 0.2,
  reach_km real not null default 5,                    -- farther apart is another place
  start_within interval not null default '6 hours',    -- starts farther apart have nothing in common
  propose_from real not null default 0.5,              -- a match with less is not proposed
  most integer not null default 5,                     -- proposals for one event from one kind of source
  check (place_weight > 0 and time_weight > 0 and circuit_weight > 0 and reach_km > 0 and start_within > '0'
         and propose_from between 0 and 1 and most between 1 and 100)
);
insert into outage.match_rule default values;
-- That an event may be what another source tells of: proposed with a score and its parts, then confirmed or
-- refused by a person. Nothing is ever merged.
create table outage.event_link (
  event_link_id bigint generated always as identity primary key,
  event_id bigint not null,
  source text not null check (source in ('feed', 'psps', 'epss', 'meter_events')),
  key text not null check (length(key) between 1 and 90),  -- feed and number; utility_event_id; meter_events
  score real not null check (score between 0 and 1),
  parts jsonb not null,                                     -- each part with what it was made of
  status text not null default 'proposed' check (status in ('proposed', 'confirmed', 'refused')),
  reason text check (length(reason) between 1 and 500),
  proposed_at timestamptz not null default now(),
  decided_at timestamptz,
  unique (event_id, source, key),
  check ((status = 'proposed') = (decided_at is null))
);
create index event_link_key on outage.event_link (source, key);
-- Up to which version each event was matched; what is imported takes its events off the list.
create table outage.event_match (
  event_id bigint primary key,
  version integer not null
);
