-- Good rows of an import of links of premises to circuits beside what is stored. No end
-- keeps the stored one, which the next link may have given.
create or replace function programme.import_rows_links(in_import_id bigint, in_from integer, in_to integer)
returns table (row_no integer, object_key text, target_id bigint, before jsonb, after jsonb)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select g.row_no, concat_ws(' ', g.v[1], g.v[3]), p.premise_id,
    case when l.premise_id is not null then jsonb_build_object(
      'premise_code', p.code, 'circuit_id', l.circuit_id, 'valid_from', l.valid_from, 'valid_to', l.valid_to) end,
    jsonb_build_object('premise_code', p.code, 'circuit_id', g.v[2], 'valid_from', g.v[3]::date,
      'valid_to', coalesce(g.v[4]::date, l.valid_to))
  from programme.import_value(in_import_id, in_from, in_to) g
  join programme.premise p on p.code = g.v[1]
  left join programme.premise_circuit l on l.premise_id = p.premise_id and l.valid_from = g.v[3]::date
$$;
comment on function programme.import_rows_links(bigint, integer, integer) is 'Links of an import beside those stored.';
grant execute on function programme.import_rows_links(bigint, integer, integer) to bptm_import;
