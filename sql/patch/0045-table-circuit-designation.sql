-- Lists that a circuit is on, such as fast-trip (epss), with dates.
create table programme.circuit_designation (
  circuit_id text not null references programme.circuit,
  designation text not null check (designation ~ '^[a-z0-9][a-z0-9-]{1,39}$'),
  valid_from date not null,
  valid_to date check (valid_to > valid_from),
  primary key (circuit_id, designation, valid_from),
  exclude using gist (circuit_id with =, designation with =, daterange(valid_from, valid_to) with &&)
);
