-- Good rows of an import of circuits, each with one place on a list or none, beside what is stored.
create or replace function programme.import_rows_circuits(in_import_id bigint, in_from integer, in_to integer)
returns table (row_no integer, object_key text, target_id bigint, before jsonb, after jsonb)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select g.row_no, concat_ws(' ', g.v[1], g.v[3], g.v[4]), null::bigint,
    case when c.circuit_id is not null then jsonb_build_object(
      'circuit_id', c.circuit_id, 'name', c.name, 'designation', d.designation, 'valid_from', d.valid_from, 'valid_to', d.valid_to) end,
    jsonb_build_object(
      'circuit_id', g.v[1], 'name', g.v[2], 'designation', g.v[3], 'valid_from', g.v[4]::date, 'valid_to', g.v[5]::date)
  from programme.import_value(in_import_id, in_from, in_to) g
  left join programme.circuit c on c.circuit_id = g.v[1]
  left join programme.circuit_designation d
    on d.circuit_id = g.v[1] and d.designation = g.v[3] and d.valid_from = g.v[4]::date
$$;
comment on function programme.import_rows_circuits(bigint, integer, integer) is 'Circuits of an import beside those stored.';
grant execute on function programme.import_rows_circuits(bigint, integer, integer) to bptm_import;
