-- Which circuits have which designation and when, by the lists in force.
create or replace view programme.circuit_designation as
select e.circuit_id, l.designation, e.valid_from, e.valid_to
from programme.circuit_list l join programme.circuit_list_entry e using (circuit_list_id)
where l.active;
comment on view programme.circuit_designation is 'Designations of circuits, by the lists in force.';
grant select on programme.circuit_designation to bptm_http, bptm_import;
