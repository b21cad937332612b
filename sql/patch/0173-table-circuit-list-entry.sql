-- A circuit on a version of a list, with dates; never changed.
create table programme.circuit_list_entry (
  circuit_list_id bigint not null references programme.circuit_list,
  circuit_id text not null references programme.circuit,
  valid_from date not null,
  valid_to date check (valid_to > valid_from),
  primary key (circuit_list_id, circuit_id, valid_from),
  exclude using gist (circuit_list_id with =, circuit_id with =, daterange(valid_from, valid_to) with &&)
);
create index circuit_list_entry_circuit on programme.circuit_list_entry (circuit_id, circuit_list_id);

with list as (
  insert into programme.circuit_list (designation, version, source, state, active)
  select distinct d.designation, 1, 'register', 'published', true from programme.circuit_designation d
  returning circuit_list_id, designation
)
insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from, valid_to)
select l.circuit_list_id, d.circuit_id, d.valid_from, d.valid_to
from list l join programme.circuit_designation d using (designation);
