-- Second pass over an import: its rows together and against what is stored.
create or replace function programme.import_check_rows(in_import_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_kind text;
begin
  select i.kind into strict l_kind from programme.import i where i.import_id = in_import_id;
  -- kept apart first: what is found must not hide rows from what is still looking
  execute format(
    'with found as materialized (select f.row_no, f.field, f.hint from programme.import_fault_%s($1) f)
     insert into person.import_error (import_id, row_no, n, column_name, field, value, hint)
     select i.import_id, r.row_no, d.place, i.header[i.places[d.place]], d.name, case when i.kind = ''accounts'' and d.name = ''customer_name'' then btrim(r.cells[i.places[d.place]])
       else left(btrim(r.cells[i.places[d.place]]), 80) end, x.hint
     from found x
     join programme.import i on i.import_id = $1
     join person.import_row r on r.import_id = i.import_id and r.row_no = x.row_no
     join programme.import_field d on d.kind = i.kind and d.name = x.field
     on conflict (import_id, row_no, n) do nothing', l_kind) using in_import_id;
end
$$;
comment on function programme.import_check_rows(bigint) is 'Errors of the rows of an import together and against what is stored.';
grant execute on function programme.import_check_rows(bigint) to bptm_import;
