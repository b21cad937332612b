-- Write planned circuits and their places on lists.
create or replace function programme.import_apply_circuits(in_import_id bigint, in_from integer, in_to integer)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into programme.circuit as o (circuit_id, name)
  select distinct on (v.v[1]) v.v[1], v.v[2]
  from person.import_change c join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  where c.import_id = in_import_id and c.after ? 'name'
  order by v.v[1]
  on conflict (circuit_id) do update set name = excluded.name where o.name <> excluded.name;

  -- ends before beginnings, so that periods that follow each other never overlap on the way
  update programme.circuit_designation d
  set valid_to = (c.after ->> 'valid_to')::date
  from person.import_change c join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  where c.import_id = in_import_id and c.after ? 'valid_to'
    and (d.circuit_id, d.designation, d.valid_from) = (v.v[1], v.v[3], v.v[4]::date);
  insert into programme.circuit_designation (circuit_id, designation, valid_from, valid_to)
  select v.v[1], v.v[3], v.v[4]::date, v.v[5]::date
  from person.import_change c join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  where c.import_id = in_import_id and c.after ? 'designation' and c.after -> 'designation' <> 'null'
  order by v.v[1], v.v[3], v.v[4];

  insert into access.audit (token_id, role, action, object_id, before, after, request_id, reason)
  select i.commit_token_id, i.commit_role, 'circuit.import', v.v[1], c.before, c.after, 'import-' || i.import_id, i.why
  from programme.import i join person.import_change c using (import_id)
  join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  where i.import_id = in_import_id
  order by c.row_no;
end
$$;
comment on function programme.import_apply_circuits(bigint, integer, integer) is 'Write planned circuits of an import.';
grant execute on function programme.import_apply_circuits(bigint, integer, integer) to bptm_import;
