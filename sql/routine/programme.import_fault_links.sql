-- What is wrong with links of premises to circuits taken together and against what is stored. A link
-- without an end is ended by the next one.
create or replace function programme.import_fault_links(in_import_id bigint)
returns table (row_no integer, field text, hint text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with good as materialized (
    select g.row_no, g.v[1] as premise_code, p.premise_id, g.v[2] as circuit_id,
           g.v[3]::date as valid_from, g.v[4]::date as valid_to,
           min(g.row_no) over (partition by g.v[1], g.v[3]) as first_row
    from programme.import_value(in_import_id, 0, 2147483647) g left join programme.premise p on p.code = g.v[1]
  ), period as (
    select g.row_no, g.premise_id, g.valid_from, g.valid_to from good g where g.first_row = g.row_no and g.premise_id is not null
    union all
    select null, l.premise_id, l.valid_from, l.valid_to
    from programme.premise_circuit l
    where l.premise_id in (select g.premise_id from good g)
      and not exists (select from good g where g.premise_id = l.premise_id and g.valid_from = l.valid_from)
  ), neighbour as (
    select p.row_no, p.valid_to, lead(p.valid_from) over w as next_from, lag(p.valid_to) over w as before_to, p.valid_from,
           lag(p.row_no) over w as before_row
    from period p window w as (partition by p.premise_id order by p.valid_from)
  )
  select g.row_no, 'valid_from', format('is in row %s, too, for the same premise; keep one of them', g.first_row)
  from good g where g.first_row <> g.row_no
  union all
  select g.row_no, 'premise_code', 'is not a known premise; import the premises first' from good g where g.premise_id is null
  union all
  select g.row_no, 'circuit_id', 'is not a known circuit; import the circuits first'
  from good g left join programme.circuit c using (circuit_id) where c.circuit_id is null
  union all
  select g.row_no, 'valid_to', 'must be after valid_from' from good g where g.valid_to <= g.valid_from
  union all
  select n.row_no, 'valid_to', format('is after %s, when another link begins; end this one before', n.next_from)
  from neighbour n where n.row_no is not null and n.valid_to > n.next_from
  union all
  select n.row_no, 'valid_from', format('is before %s, when the stored link before it ends', n.before_to)
  from neighbour n where n.row_no is not null and n.before_row is null and n.before_to > n.valid_from
$$;
comment on function programme.import_fault_links(bigint) is 'Errors of links together and against what is stored.';
grant execute on function programme.import_fault_links(bigint) to bptm_import;
