-- Rows of an import that have not as many cells as the header.
create or replace function programme.import_check_width(in_import_id bigint, in_from integer, in_to integer)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  insert into person.import_error (import_id, row_no, n, hint)
  select r.import_id, r.row_no, 0,
         format('has %s cells, the header %s; look for a separator or a quote that is missing or too many',
           cardinality(r.cells), cardinality(i.header))
  from programme.import i join person.import_row r using (import_id)
  where i.import_id = in_import_id and r.row_no between in_from and in_to
    and cardinality(r.cells) <> cardinality(i.header)
  on conflict do nothing;
end;
comment on function programme.import_check_width(bigint, integer, integer) is
  'Errors of rows that have not as many cells as the header.';
grant execute on function programme.import_check_width(bigint, integer, integer) to bptm_import;

-- First pass over rows of an import: their number of cells, and each cell by itself, by the table of
-- fields. What is wrong is said as an advice. Cells that are sealed are judged by what who calls has opened of them
-- (server/store/import_person.c), and kept as they are.
create or replace function programme.import_check_cells(in_import_id bigint, in_from integer, in_to integer)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select programme.import_check_width(in_import_id, in_from, in_to);

  insert into person.import_error (import_id, row_no, n, column_name, field, value, hint)
  select r.import_id, r.row_no, f.place, i.header[i.places[f.place]], f.name,
         case when c.value <> s.cell then case when length(c.value) <= 400 then s.cell end
              else regexp_replace(left(c.value, 80), '[[:cntrl:]]', ' ', 'g') end, x.hint
  from programme.import i
  join person.import_row r using (import_id)
  join programme.import_field f on f.kind = i.kind and i.places[f.place] is not null
  cross join lateral (select btrim(r.cells[i.places[f.place]]) as cell) s
  cross join lateral (
    select coalesce((select nullif(current_setting('bptm.cells', true), '')::jsonb) ->> s.cell, s.cell) as value) c
  cross join lateral (select case
    when c.value = '' then case when f.required then 'is empty; give ' || f.wanted end
    when c.value ~ '[[:cntrl:]]' then 'has a line break or another control character; take it out'
    when length(c.value) > f.most and f.type in ('id', 'text', 'email', 'code', 'form')
      then format('has %s characters; give %s', length(c.value), f.wanted)
    when f.type = 'id' and c.value ~ '^[0-9][.,][0-9]+[eE][+][0-9]+$'
      then 'was turned into a number by a spreadsheet; make its column text and export again'
    when f.type in ('id', 'text') then case when length(c.value) < f.least then 'is too short; give ' || f.wanted end
    when f.type = 'number' then case
      when c.value ~ '^[-+]?[0-9]+,[0-9]+$' then 'has a decimal comma; write a point'
      when c.value !~ '^[-+]?[0-9]{1,5}([.][0-9]{1,20})?$' then 'is not a number; give ' || f.wanted
      when c.value::numeric between f.least and f.most then null
      when f.name = 'latitude' and abs(c.value::numeric) <= 180
        then 'is no latitude; longitude and latitude look swapped'
      else 'is out of range; give ' || f.wanted end
    when f.type = 'integer' then case
      when c.value !~ '^[0-9]{1,9}$' then 'must be ' || f.wanted
      when c.value::integer not between f.least and f.most then 'must be ' || f.wanted end
    when f.type = 'date' then case
      when c.value ~ '^[0-9]{1,4}[/.][0-9]{1,2}[/.][0-9]{1,4}$' then 'is written in another order; write it as YYYY-MM-DD'
      when programme.import_date(c.value) is null then 'is not ' || f.wanted end
    when f.type = 'boolean' then case
      when lower(c.value) not in ('yes', 'no', 'y', 'n', 'true', 'false', '1', '0') then 'must be yes or no' end
    when f.type = 'word' then case when lower(c.value) <> all (f.choices) then 'must be ' || f.wanted end
    when f.type = 'email' then case when c.value !~ '^[^@[:space:]]+@[^@[:space:]]+$' then 'is not ' || f.wanted end
    when f.type = 'code' then case when c.value !~ '^[a-z0-9][a-z0-9-]+$' then 'must be ' || f.wanted end
    when f.type = 'form' then case when c.value !~ '^[0-9A-Z]+$' then 'is not ' || f.wanted end
    else 'is of a type that cannot be read'
    end as hint) x
  where i.import_id = in_import_id and r.row_no between in_from and in_to
    and cardinality(r.cells) = cardinality(i.header) and x.hint is not null;
end;
comment on function programme.import_check_cells(bigint, integer, integer) is
  'Errors of single cells in a range of rows of an import.';
grant execute on function programme.import_check_cells(bigint, integer, integer) to bptm_import;
