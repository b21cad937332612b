-- What is wrong with premises taken together and against what is stored, over the whole file.
create or replace function programme.import_fault_premises(in_import_id bigint)
returns table (row_no integer, field text, hint text)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with good as materialized (
    select g.row_no, g.v[1] as code, g.v[5]::numeric as lon, g.v[6]::numeric as lat, g.v[7] as meter, g.v[11] as circuit_id,
           coalesce(g.v[12]::date, current_date) as circuit_from,
           min(g.row_no) over (partition by g.v[1]) as first_code, min(g.row_no) over (partition by g.v[7]) as first_meter
    from programme.import_value(in_import_id, 0, 2147483647) g
  )
  select g.row_no, 'code', format('is in row %s, too; keep one of them', g.first_code)
  from good g where g.first_code <> g.row_no
  union all
  select g.row_no, 'meter_number', format('is in row %s, too; one meter serves one premise', g.first_meter)
  from good g where g.meter is not null and g.first_meter <> g.row_no
  union all
  -- taken by a premise that the file does not give another meter
  select g.row_no, 'meter_number', format('is the meter of premise %s', p.code)
  from good g join programme.premise p on p.meter_number = g.meter and p.code <> g.code
  where not exists (select from good o where o.code = p.code and o.meter is not null)
  union all
  select g.row_no, 'longitude', 'is no place with latitude 0; give the position of the premise'
  from good g where g.lon = 0 and g.lat = 0
  union all
  select g.row_no, 'circuit_id', 'is not a known circuit; import the circuits first'
  from good g left join programme.circuit c using (circuit_id) where g.circuit_id is not null and c.circuit_id is null
  union all
  select g.row_no, 'circuit_id', format('begins %s, but a link from %s is stored; use an import of links for history', g.circuit_from, max(l.valid_from))
  from good g join programme.premise p using (code) join programme.premise_circuit l using (premise_id)
  where g.circuit_id is not null and l.valid_from >= g.circuit_from and l.circuit_id <> g.circuit_id
    and (l.valid_from > g.circuit_from or l.valid_to is not null)
  group by g.row_no, g.circuit_from
$$;
comment on function programme.import_fault_premises(bigint) is 'Errors of premises together and against what is stored.';
grant execute on function programme.import_fault_premises(bigint) to bptm_import;
