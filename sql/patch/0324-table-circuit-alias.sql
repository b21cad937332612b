-- Other spellings of circuits, as regulators' and utilities' lists write them; compared by letters and
-- digits only (outage.circuit_key).
create table outage.circuit_alias (
  circuit_key text primary key check (length(circuit_key) between 1 and 120),
  circuit_id text not null references programme.circuit
);
create index circuit_alias_circuit on outage.circuit_alias (circuit_id);
