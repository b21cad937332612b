-- What happened on a day, ready to be summed to indices: a rollup of outage.interruption that can be
-- made again at any time (outage.roll_up). '' is not known.
create table outage.index_day (
  source text not null references outage.source,
  day date not null,
  area text not null,
  circuit_id text not null,
  cause text not null,
  interruptions integer not null,             -- sustained
  customer_interruptions bigint not null,     -- sum of N_i
  customer_minutes double precision not null, -- sum of r_i N_i
  momentary_events bigint not null,           -- customers x events
  unended bigint not null,                    -- customers whose interruption has no known end
  primary key (source, day, circuit_id, area, cause)
);
