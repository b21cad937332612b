-- Where interruptions come from: our own meters, or a feed of the utility's outage system. What the
-- indices need to know of a source is data: whose days count, N_T, and which rows are not believed.
create table outage.source (
  code text primary key check (code ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
  name text not null check (length(name) between 1 and 120),
  kind text not null check (kind in ('meters', 'feed')),
  time_zone text not null                               -- an interruption is booked on its start day here
    check ((timestamptz 'epoch' at time zone time_zone) is not null),
  customers_served integer check (customers_served > 0), -- N_T of a feed; null: the premises with a device
  momentary interval not null default '5 minutes' check (momentary > '0'),  -- up to this, and not above
  longest interval not null default '14 days' check (longest > momentary),  -- a longer row is doubtful
  most_customers integer not null default 100000 check (most_customers > 0),
  check ((kind = 'feed') = (customers_served is not null))
);
insert into outage.source (code, name, kind, time_zone)
values ('meters', 'Homes of the programme, by their own meters', 'meters', 'UTC');
