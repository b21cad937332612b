-- Which device is in the collar of which premise, and when.
create table fleet.assignment (
  device_id bigint not null,
  assigned_from timestamptz not null,
  assigned_to timestamptz check (assigned_to > assigned_from),
  premise_id bigint not null,
  application_id bigint,
  primary key (device_id, assigned_from),
  exclude using gist (device_id with =, tstzrange(assigned_from, assigned_to) with &&)
);
create index assignment_premise on fleet.assignment (premise_id);
