-- How long each class of data is kept. `gone_before`: what is older has been dropped, so that nothing is
-- derived from what is left of it.
create table outage.retention (
  class text primary key check (class in ('journal', 'interruptions', 'commands')),
  keep interval not null check (keep >= interval '90 days'),
  gone_before timestamptz not null default '-infinity'
);
insert into outage.retention (class, keep) values
  ('journal', '7 years'),         -- records and signed batches, by the month
  ('interruptions', '10 years'),  -- and the events made of them, by the year
  ('commands', '3 years');        -- that operators gave, closed or expired
-- What must not be dropped, whatever its age, and why. A hold ends by being lifted, and stays readable.
create table outage.hold (
  hold_id bigint generated always as identity primary key,
  kind text not null check (kind in ('device', 'premise', 'event', 'period')),
  device_id bigint,
  premise_id bigint,
  event_id bigint,
  from_at timestamptz,
  to_at timestamptz check (to_at > from_at),
  reason text not null check (length(reason) between 1 and 200),
  placed_at timestamptz not null default now(),
  lifted_at timestamptz,
  check ((kind = 'device') = (device_id is not null) and (kind = 'premise') = (premise_id is not null)
         and (kind = 'event') = (event_id is not null)
         and (kind = 'period') = (from_at is not null) and (kind = 'period') = (to_at is not null))
);
