-- Write planned links of premises to circuits.
create or replace function programme.import_apply_links(in_import_id bigint, in_from integer, in_to integer)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform programme.import_link(array_agg(c.target_id), array_agg(v.v[2]), array_agg(v.v[3]::date), array_agg((c.after ->> 'valid_to')::date))
  from person.import_change c join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  where c.import_id = in_import_id;

  insert into access.audit (token_id, role, action, object_id, before, after, request_id, reason)
  select i.commit_token_id, i.commit_role, 'premise_circuit.import', c.target_id,
         c.before, c.after - 'premise_code' || jsonb_build_object('valid_from', v.v[3]), 'import-' || i.import_id, i.why
  from programme.import i join person.import_change c using (import_id)
  join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  where i.import_id = in_import_id
  order by c.row_no;
end
$$;
comment on function programme.import_apply_links(bigint, integer, integer) is 'Write planned links of an import.';
grant execute on function programme.import_apply_links(bigint, integer, integer) to bptm_import;
