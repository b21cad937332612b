-- A draft of a list of circuits with what is in force, to be changed in the same transaction; gives its version.
create or replace function programme.circuit_list_redraft(in_designation text, in_source text)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_list programme.circuit_list;
begin
  perform pg_advisory_xact_lock(hashtext('programme.circuit_list'));
  insert into programme.circuit_list (designation, version, source, state)
  select in_designation, coalesce(max(l.version), 0) + 1, in_source, 'draft'
  from programme.circuit_list l where l.designation = in_designation
  returning * into l_list;
  insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from, valid_to)
  select l_list.circuit_list_id, d.circuit_id, d.valid_from, d.valid_to
  from programme.circuit_designation d where d.designation = in_designation;
  return l_list.version;
end
$$;
comment on function programme.circuit_list_redraft(text, text) is
  'A draft of a list of circuits with what is in force.';
grant execute on function programme.circuit_list_redraft(text, text) to bptm_import;
