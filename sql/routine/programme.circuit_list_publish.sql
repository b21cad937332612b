-- Make a version of a list of circuits the active one.
create or replace function programme.circuit_list_publish(in_circuit_list_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update programme.circuit_list l set active = false
  where l.active and l.designation = (select n.designation from programme.circuit_list n where n.circuit_list_id = in_circuit_list_id);
  update programme.circuit_list l set state = 'published', active = true where l.circuit_list_id = in_circuit_list_id;
end
$$;
comment on function programme.circuit_list_publish(bigint) is 'Make a version of a list of circuits the active one.';
grant execute on function programme.circuit_list_publish(bigint) to bptm_http;
