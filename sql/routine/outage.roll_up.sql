-- Make the rollups of some days anew, from nothing but their sources; gives the number of rows. An
-- interruption is booked whole on the day it began.
create or replace function outage.roll_up(in_source text, in_from date, in_to date)
returns bigint
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  delete from outage.index_due d where d.source = in_source and d.day >= in_from and d.day < in_to;
  delete from outage.index_day d where d.source = in_source and d.day >= in_from and d.day < in_to;
  delete from outage.served_day d where d.source = in_source and d.day >= in_from and d.day < in_to;
  insert into outage.served_day (source, day, area, circuit_id, customers)
  select in_source, s.day, s.area, s.circuit_id, s.customers from outage.served(in_source, in_from, in_to) s;
  with made as (
    insert into outage.index_day (source, day, area, circuit_id, cause, interruptions, customer_interruptions,
                                  customer_minutes, momentary_events, unended)
    select in_source, (i.started_at at time zone s.time_zone)::date as day, i.area, i.circuit_id, i.cause,
           count(*) filter (where i.kind = 'sustained'),
           coalesce(sum(i.customers) filter (where i.kind = 'sustained'), 0),
           coalesce(sum(i.customers * i.minutes) filter (where i.kind = 'sustained'), 0),
           coalesce(sum(i.customers) filter (where i.kind = 'momentary'), 0),
           coalesce(sum(i.customers) filter (where i.kind = 'unended'), 0)
    from outage.source s
    cross join lateral outage.interruption(s.code, in_from::timestamp at time zone s.time_zone,
                                           in_to::timestamp at time zone s.time_zone) i
    where s.code = in_source and i.kind <> 'within'
    group by day, i.area, i.circuit_id, i.cause
    returning 1
  )
  select count(*) from made
$$;
comment on function outage.roll_up(text, date, date) is
  'Make the rollups of some days anew; gives the number of rows.';
grant execute on function outage.roll_up(text, date, date) to bptm_job;
