-- A bulk import makes drafts of lists of circuits, which a preview puts in force, like every other list. So the
-- register that imports changed, and the trigger that made it the list in force, go: which circuits have a
-- designation today is what the lists in force say (view programme.circuit_designation); that there is a circuit,
-- and its name, is programme.circuit.
drop trigger circuit_list_keep on programme.circuit_designation;
drop function programme.circuit_list_keep();
drop table programme.circuit_designation;
alter table programme.circuit_list drop column created_in;
alter table programme.import
  add column circuit_lists jsonb,
  add constraint import_circuit_lists check (circuit_lists is null or kind = 'circuits');
comment on column programme.import.circuit_lists is 'Drafts that the commit made: version by designation.';
