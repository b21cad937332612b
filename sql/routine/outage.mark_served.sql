-- Put on the list of rollups every day whose stored N_T is not what assignments and circuits say now:
-- days that have come, devices that were assigned or moved, also for the past. Gives how many.
create or replace function outage.mark_served()
returns bigint
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  with span as (
    select s.code, (min(a.assigned_from) at time zone s.time_zone)::date as first,
           (now() at time zone s.time_zone)::date + 1 as until
    from outage.source s
    cross join fleet.assignment a
    where s.kind = 'meters'
    group by s.code, s.time_zone
  ), counted as (
    select p.code as source, n.day, n.area, n.circuit_id, n.customers
    from span p
    cross join lateral outage.served(p.code, p.first, p.until) n
  ), stored as (
    select v.source, v.day, v.area, v.circuit_id, v.customers
    from outage.served_day v join outage.source s on s.code = v.source and s.kind = 'meters'
  ), marked as (
    insert into outage.index_due (source, day)
    select d.source, d.day
    from ((select * from counted except select * from stored)
          union all
          (select * from stored except select * from counted)) d
    group by d.source, d.day
    on conflict do nothing
    returning 1
  )
  select count(*) from marked
$$;
comment on function outage.mark_served() is
  'Put on the list of rollups every day whose stored N_T is not what assignments and circuits say now.';
grant execute on function outage.mark_served() to bptm_job;
