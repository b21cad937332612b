-- Which circuit fed a premise, and when; switching moves premises.
create table programme.premise_circuit (
  premise_id bigint not null references programme.premise,
  circuit_id text not null references programme.circuit,
  valid_from date not null,
  valid_to date check (valid_to > valid_from),
  primary key (premise_id, valid_from),
  exclude using gist (premise_id with =, daterange(valid_from, valid_to) with &&)
);
create index premise_circuit_circuit on programme.premise_circuit (circuit_id);
