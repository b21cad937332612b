-- A season of a programme: when it takes applications, and how many homes it can serve. The newest
-- one that has opened is the one whose places are given out. A programme without any is always open
-- and has no limit.
create table programme.programme_year (
  programme_year_id bigint generated always as identity primary key,
  programme_id bigint not null references programme.programme,
  season integer not null check (season between 2000 and 2999),
  quota integer check (quota between 0 and 10000000),            -- null: no limit
  reserved integer not null default 0 check (reserved >= 0),     -- places given out
  opens_on date not null,
  closes_on date check (closes_on > opens_on),                   -- first day without applications
  created_at timestamptz not null default now(),
  unique (programme_id, season),
  constraint programme_year_quota check (reserved <= quota),
  constraint programme_year_dates
    exclude using gist (programme_id with =, daterange(opens_on, closes_on) with &&)
);
