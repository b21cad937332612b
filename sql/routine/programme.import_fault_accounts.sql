-- What is wrong with accounts taken together and against what is stored, over the whole file.
create or replace function programme.import_fault_accounts(in_import_id bigint)
returns table (row_no integer, field text, hint text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with good as materialized (
    select g.row_no, g.v[1] as number, g.v[2] as premise_code, array[g.v[5], g.v[6], g.v[7], g.v[8]] as customer,
           lower(g.v[4]) in ('yes', 'y', 'true', '1') as active, g.v[9]::date as moved_out,
           min(g.row_no) over (partition by g.v[1]) as first_number
    from programme.import_value(in_import_id, 0, 2147483647) g
  ), shared as (
    select a.customer_id, min(g.row_no) as first_row, array_agg(g.row_no) as row_nos
    from good g join programme.account a using (number)
    group by a.customer_id having count(distinct g.customer) > 1
  )
  select g.row_no, 'number', format('is in row %s, too; keep one of them', g.first_number)
  from good g where g.first_number <> g.row_no
  union all
  select g.row_no, 'premise_code', 'is not a known premise; import the premises first'
  from good g left join programme.premise p on p.code = g.premise_code where p.premise_id is null
  union all
  select g.row_no, 'premise_code', format('differs from premise %s, where this account is; an account does not move: end it and give a new number', p.code)
  from good g join programme.account a using (number) join programme.premise p using (premise_id)
  where p.code <> g.premise_code
  union all
  select n.row_no, 'customer_name', format('gives the customer of row %s other data; both accounts have one customer', s.first_row)
  from shared s cross join lateral unnest(s.row_nos) n(row_no) where n.row_no <> s.first_row
  union all
  select g.row_no, 'moved_out', x.hint
  from good g left join programme.account a using (number)
  cross join lateral (select case
    when a.account_id is null then 'is for an account that is stored, and this one is not; leave it empty'
    when g.active then 'goes together with active no'
    when g.moved_out <> a.moved_out then format('differs from %s, when the customer of record moved out', a.moved_out)
    when g.moved_out < a.moved_in then format('is before %s, when the customer of record moved in', a.moved_in) end as hint) x
  where g.moved_out is not null and x.hint is not null
  union all
  select g.row_no, 'active', x.hint
  from good g join programme.account a using (number)
  cross join lateral (select case
    when g.active and a.moved_out is not null and g.moved_out is null
      then format('is yes, but nobody has held the account since %s; enter by hand who moved in', a.moved_out)
    when not g.active and a.active and g.moved_out is null and a.moved_in > current_date
      then format('is no, but the customer of record moves in on %s; give moved_out', a.moved_in) end as hint) x
  where x.hint is not null
$$;
comment on function programme.import_fault_accounts(bigint) is 'Errors of accounts together and against what is stored.';
grant execute on function programme.import_fault_accounts(bigint) to bptm_import;
