-- What a device's journal tells of backup power, one row a fact: made again as a whole for a device whenever
-- its outages are (outage.device_facts), so the same records always give the same rows.
create table outage.device_fact (
  device_id bigint not null,
  seq bigint not null,                    -- the record that tells it
  fact text not null check (fact in ('outage', 'transfer', 'return', 'failed_transfer', 'overload', 'lockout', 'backfeed', 're_outage')),
  at timestamptz not null,
  premise_id bigint,                      -- by the assignment in force
  circuit_id text not null default '',    -- '' is not known
  firmware text not null default '',      -- of the boot that wrote it; '' is not known
  cause integer,                          -- as api/wire/record.def numbers it
  running_ms bigint,                      -- of a return: how long the generator ran on; null: not known
  is_open boolean not null default false, -- of a return: it runs on by the last that is known
  primary key (device_id, seq, fact)
);
create index device_fact_time on outage.device_fact (at);
-- up to which state of its journal the facts of a device are made
alter table outage.derivation add column facts_stored bigint;
