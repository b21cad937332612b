-- A distribution circuit. Its id is text: 9 digits, often with leading zeros.
create table programme.circuit (
  circuit_id text primary key check (length(circuit_id) between 1 and 32),
  name text not null check (length(name) between 1 and 120)
);
