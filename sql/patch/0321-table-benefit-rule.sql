-- What the benefit of backup power is judged by, one row.
create table outage.benefit_rule (
  one boolean primary key default true check (one),
  running_after interval not null default '30 minutes',  -- a generator that runs on for longer was left running
  return_tolerance interval not null default '2 seconds', -- a return later than its setting by more is late
  whole_share real not null default 0.9,                 -- of an outage carried: it was covered
  check (running_after > '0' and return_tolerance >= '0' and whole_share between 0 and 1)
);
insert into outage.benefit_rule default values;
