-- Rows with errors, cell by cell: the row as it came, its number, and what is wrong with it. Row 1 is the header.
create or replace function programme.import_reject_cells(in_import_id bigint, in_after integer, in_most integer)
returns table (row_no integer, cell text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select x.row_no, c.cell
  from (
    select 1 as row_no, i.header || array['row', 'error'] as cells
    from programme.import i where i.import_id = in_import_id and in_after < 1 and i.header is not null
    union all
    (select r.row_no,
            array(select coalesce(r.cells[n], '') from generate_series(1, greatest(cardinality(i.header), cardinality(r.cells))) n)
            || array[r.row_no::text, e.errors]
     from programme.import i
     join person.import_row r using (import_id)
     cross join lateral (
       select string_agg(concat(x.column_name || ': ', x.hint), ' | ' order by x.n) as errors
       from person.import_error x where x.import_id = r.import_id and x.row_no = r.row_no) e
     where i.import_id = in_import_id and r.row_no > in_after and e.errors is not null
       and r.row_no in (select x.row_no from person.import_error x where x.import_id = in_import_id and x.row_no > in_after
                        order by x.row_no limit in_most)
     order by r.row_no)
  ) x
  cross join lateral unnest(x.cells) with ordinality c(cell, n)
  order by x.row_no, c.n;
end;
comment on function programme.import_reject_cells(bigint, integer, integer) is 'Rows of an import with errors, cell by cell.';
grant execute on function programme.import_reject_cells(bigint, integer, integer) to bptm_http;
