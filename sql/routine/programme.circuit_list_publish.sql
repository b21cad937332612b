-- Make a version of a list of circuits the active one, and the register of circuits the same, so that
-- the next import goes on from there.
create or replace function programme.circuit_list_publish(in_circuit_list_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_list programme.circuit_list;
begin
  select * into l_list from programme.circuit_list l where l.circuit_list_id = in_circuit_list_id;
  update programme.circuit_list l set active = false where l.designation = l_list.designation and l.active;
  -- of this transaction, so that the change of the register makes no version of its own
  update programme.circuit_list l set state = 'published', active = true, created_in = pg_current_xact_id()
  where l.circuit_list_id = in_circuit_list_id;
  delete from programme.circuit_designation d where d.designation = l_list.designation;
  insert into programme.circuit_designation (circuit_id, designation, valid_from, valid_to)
  select e.circuit_id, l_list.designation, e.valid_from, e.valid_to
  from programme.circuit_list_entry e where e.circuit_list_id = in_circuit_list_id;
end
$$;
comment on function programme.circuit_list_publish(bigint) is
  'Make a version of a list of circuits the active one, and the register of circuits the same.';
grant execute on function programme.circuit_list_publish(bigint) to bptm_http;
