-- How long an application of a programme may stay in a state before it is overdue.
create table programme.state_deadline (
  programme_id bigint not null references programme.programme,
  state text not null,
  days integer not null check (days between 1 and 3650),
  primary key (programme_id, state)
);
