-- One outage of a utility's feed, as it was last seen there. A row that cannot be right is kept and
-- says why it is not counted.
create table outage.feed_outage (
  source text not null references outage.source,
  number text not null check (length(number) between 1 and 40),
  started_at timestamptz not null,
  first_seen_at timestamptz not null,
  ended_at timestamptz not null check (ended_at >= first_seen_at),  -- last seen
  customers integer not null check (customers >= 0),                -- the most that were seen
  geom geometry(Point, 4326),
  area text not null default '' check (length(area) <= 100),
  circuit_id text not null default '' check (length(circuit_id) <= 32),
  cause_text text not null default '' check (length(cause_text) <= 400),
  cause text not null default 'unknown' check (cause ~ '^[a-z][a-zA-Z]{2,39}$'),
  doubt text check (doubt in ('no_customers', 'ends_before_start', 'too_long', 'too_many_customers')),
  primary key (source, number)
);
create index feed_outage_time on outage.feed_outage (source, started_at);
create index feed_outage_geom on outage.feed_outage using gist (geom);
