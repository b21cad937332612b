-- The good rows of an import of a list as CSV, with the names of its fields as header; a row whose number
-- of cells is not that of the header becomes an error first.
create or replace function programme.import_list_text(in_import_id bigint)
returns text
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select programme.import_check_width(in_import_id, 1, max(r.row_no)) from person.import_row r where r.import_id = in_import_id;

  select (select string_agg(f.name, ',' order by f.place)
          from programme.import_field f where f.kind = i.kind and i.places[f.place] is not null) || E'\n'
         || coalesce((
           select string_agg((
             select string_agg('"' || replace(btrim(r.cells[i.places[f.place]]), '"', '""') || '"', ',' order by f.place)
             from programme.import_field f where f.kind = i.kind and i.places[f.place] is not null) || E'\n', '' order by r.row_no)
           from person.import_row r
           where r.import_id = i.import_id
             and not exists (select from person.import_error e where e.import_id = r.import_id and e.row_no = r.row_no)), '')
  from programme.import i where i.import_id = in_import_id;
end;
comment on function programme.import_list_text(bigint) is 'The good rows of an import of a list as CSV.';
grant execute on function programme.import_list_text(bigint) to bptm_import;

-- The number of each of these rows, in the order of the text.
create or replace function programme.import_list_rows(in_import_id bigint)
returns setof integer
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select r.row_no from person.import_row r
  where r.import_id = in_import_id
    and not exists (select from person.import_error e where e.import_id = r.import_id and e.row_no = r.row_no)
  order by r.row_no;
end;
comment on function programme.import_list_rows(bigint) is 'The numbers of the good rows of an import of a list.';
grant execute on function programme.import_list_rows(bigint) to bptm_import;
