-- The good rows of an import as trimmed values by field, null where empty or not in the file.
create or replace function programme.import_value(in_import_id bigint, in_from integer, in_to integer)
returns table (row_no integer, v text[])
language sql stable rows 5000
set search_path = pg_catalog, pg_temp
begin atomic
  select r.row_no, array[nullif(btrim(r.cells[i.places[1]]), ''), nullif(btrim(r.cells[i.places[2]]), ''),
    nullif(btrim(r.cells[i.places[3]]), ''), nullif(btrim(r.cells[i.places[4]]), ''), nullif(btrim(r.cells[i.places[5]]), ''),
    nullif(btrim(r.cells[i.places[6]]), ''), nullif(btrim(r.cells[i.places[7]]), ''), nullif(btrim(r.cells[i.places[8]]), ''),
    nullif(btrim(r.cells[i.places[9]]), ''), nullif(btrim(r.cells[i.places[10]]), ''), nullif(btrim(r.cells[i.places[11]]), ''),
    nullif(btrim(r.cells[i.places[12]]), '')]
  from programme.import i join person.import_row r using (import_id)
  where i.import_id = in_import_id and r.row_no between in_from and in_to
    and not exists (select from person.import_error e where e.import_id = r.import_id and e.row_no = r.row_no);
end;
comment on function programme.import_value(bigint, integer, integer) is 'Good rows of an import as trimmed values by field.';
grant execute on function programme.import_value(bigint, integer, integer) to bptm_import;
