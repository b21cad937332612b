-- Make the stored N_T what assignments and circuits say now, also of the past; gives how many spans changed.
drop function if exists outage.mark_served();
create or replace function outage.count_served()
returns bigint
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  with counted as materialized (
    select s.code as source, n.*
    from outage.source s
    cross join lateral outage.served(s.code) n
    where s.kind = 'meters'
  ), gone as (
    delete from outage.served_span v
    where not exists (select from counted c
                      where c.source = v.source and c.area = v.area and c.circuit_id = v.circuit_id and c.from_day = v.from_day)
    returning 1
  ), made as (
    insert into outage.served_span as v (source, area, circuit_id, from_day, to_day, customers)
    select c.source, c.area, c.circuit_id, c.from_day, c.to_day, c.customers from counted c
    on conflict (source, circuit_id, area, from_day) do update
    set (to_day, customers) = (excluded.to_day, excluded.customers)
    where (v.to_day, v.customers) <> (excluded.to_day, excluded.customers)
    returning 1
  )
  select (select count(*) from gone) + (select count(*) from made)
$$;
comment on function outage.count_served() is
  'Make the stored N_T what assignments and circuits say now; gives how many spans changed.';
grant execute on function outage.count_served() to bptm_job;
