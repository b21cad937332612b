-- What became of an alarm, in order; rows are only added.
create table outage.alarm_event (
  alarm_id bigint not null references outage.alarm,
  at timestamptz not null,
  event text not null check (event in ('raised', 'changed', 'acknowledged', 'cleared')),
  by text,                              -- null: the server
  note text check (length(note) between 1 and 1000),
  subject text not null,
  detail jsonb not null,
  number integer not null,
  primary key (alarm_id, number)
);
