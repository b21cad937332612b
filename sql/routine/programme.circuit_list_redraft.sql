-- A draft of a list of circuits with what is in force, to be changed in the same transaction; gives its version.
create or replace function programme.circuit_list_redraft(in_designation text, in_source text)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_advisory_xact_lock(hashtext('programme.circuit_list')); -- what is in force is read under it
  return programme.circuit_list_draft(in_designation, in_source, (
    select coalesce(jsonb_agg(to_jsonb(d)), '[]') from programme.circuit_designation d where d.designation = in_designation));
end
$$;
comment on function programme.circuit_list_redraft(text, text) is
  'A draft of a list of circuits with what is in force.';
grant execute on function programme.circuit_list_redraft(text, text) to bptm_import;
