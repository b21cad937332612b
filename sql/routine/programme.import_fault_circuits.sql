-- What is wrong with circuits and their lists taken together and against what is stored.
create or replace function programme.import_fault_circuits(in_import_id bigint)
returns table (row_no integer, field text, hint text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with good as materialized (
    select g.row_no, g.v[1] as circuit_id, g.v[2] as name, g.v[3] as designation,
           g.v[4]::date as valid_from, g.v[5]::date as valid_to,
           min(g.row_no) over (partition by g.v[1]) as first_row,
           min(g.row_no) over (partition by g.v[1], g.v[3], g.v[4]) as first_same
    from programme.import_value(in_import_id, 0, 2147483647) g
  ), period as (
    -- as stored after the commit
    select g.row_no, g.circuit_id, g.designation, g.valid_from, g.valid_to
    from good g where g.designation is not null and g.valid_from is not null and g.first_same = g.row_no
    union all
    select null, d.circuit_id, d.designation, d.valid_from, d.valid_to
    from programme.circuit_designation d
    where (d.circuit_id, d.designation) in (select g.circuit_id, g.designation from good g)
      and not exists (select from good g where (g.circuit_id, g.designation, g.valid_from) = (d.circuit_id, d.designation, d.valid_from))
  ), neighbour as (
    select p.row_no, p.valid_from, p.valid_to,
           lag(p.valid_to) over w as before_to, lag(p.valid_from) over w as before_from, lead(p.valid_from) over w as next_from
    from period p window w as (partition by p.circuit_id, p.designation order by p.valid_from)
  )
  select g.row_no, 'circuit_id', format('is in row %s, too, with the same designation and date; keep one of them', g.first_same)
  from good g where g.first_same <> g.row_no
  union all
  select g.row_no, 'name', format('is ''%s'' in row %s; a circuit has one name', left(f.name, 40), f.row_no)
  from good g join good f on f.row_no = g.first_row where f.name <> g.name
  union all
  select g.row_no, 'valid_from', 'goes together with designation; give both or none'
  from good g where (g.designation is null) <> (g.valid_from is null)
  union all
  select g.row_no, 'valid_to', 'must be after valid_from' from good g where g.valid_to <= g.valid_from
  union all
  select g.row_no, 'valid_to', 'needs a designation and valid_from' from good g where g.valid_to is not null and g.valid_from is null
  union all
  select n.row_no, 'valid_from', 'overlaps another period of the same circuit; end that one before'
  from neighbour n
  where n.row_no is not null
    and (n.before_from is not null and coalesce(n.before_to, 'infinity') > n.valid_from or coalesce(n.valid_to, 'infinity') > n.next_from)
$$;
comment on function programme.import_fault_circuits(bigint) is 'Errors of circuits together and against what is stored.';
grant execute on function programme.import_fault_circuits(bigint) to bptm_import;
