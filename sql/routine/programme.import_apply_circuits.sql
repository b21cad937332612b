-- Write planned circuits. Their places on lists become a draft of each list that the file changes: what is in
-- force, with the changes. A preview shows it and puts it in force.
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

  update programme.import i
  set circuit_lists = coalesce(i.circuit_lists, '{}') || f.made
  from (
    select jsonb_object_agg(t.designation, programme.circuit_list_redraft(t.designation, left(format('import %s: %s', in_import_id, o.file_name), 200))) as made
    from (
      select distinct v.v[3] as designation
      from person.import_change c join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
      where c.import_id = in_import_id and v.v[3] is not null and c.after ?| array['designation', 'valid_to']
    ) t
    join programme.import o on o.import_id = in_import_id
    where not coalesce(o.circuit_lists, '{}') ? t.designation
  ) f
  where i.import_id = in_import_id and f.made is not null;

  -- ends before beginnings, so that periods that follow each other never overlap on the way
  update programme.circuit_list_entry e
  set valid_to = (c.after ->> 'valid_to')::date
  from person.import_change c join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  join programme.import i using (import_id)
  join programme.circuit_list l on l.designation = v.v[3] and l.version = (i.circuit_lists ->> v.v[3])::integer
  where c.import_id = in_import_id and c.after ? 'valid_to'
    and (e.circuit_list_id, e.circuit_id, e.valid_from) = (l.circuit_list_id, v.v[1], v.v[4]::date);
  insert into programme.circuit_list_entry (circuit_list_id, circuit_id, valid_from, valid_to)
  select l.circuit_list_id, v.v[1], v.v[4]::date, v.v[5]::date
  from person.import_change c join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  join programme.import i using (import_id)
  join programme.circuit_list l on l.designation = v.v[3] and l.version = (i.circuit_lists ->> v.v[3])::integer
  where c.import_id = in_import_id and c.after ? 'designation' and c.after -> 'designation' <> 'null'
  order by v.v[1], v.v[4];

  insert into access.audit (token_id, role, action, object_id, before, after, request_id, reason)
  select i.commit_token_id, i.commit_role, 'circuit.import', v.v[1], c.before, c.after, 'import-' || i.import_id, i.why
  from programme.import i join person.import_change c using (import_id)
  join programme.import_value(in_import_id, in_from, in_to) v using (row_no)
  where i.import_id = in_import_id
  order by c.row_no;
  insert into access.audit (token_id, role, action, object_id, request_id, reason)
  select i.commit_token_id, i.commit_role, 'circuit_list.draft', d.key || ' ' || d.value, 'import-' || i.import_id, i.why
  from programme.import i cross join jsonb_each_text(i.circuit_lists) d
  where i.import_id = in_import_id and in_to > i.rows;   -- with the last piece
end
$$;
comment on function programme.import_apply_circuits(bigint, integer, integer) is 'Write planned circuits of an import.';
grant execute on function programme.import_apply_circuits(bigint, integer, integer) to bptm_import;
