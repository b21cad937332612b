-- Make the rollups of some days anew, from nothing but their sources, and of the months they are in; gives
-- the number of rows of days. An interruption is booked whole on the day it began. How many homes there were
-- is outage.count_served's. Planned for the days it is given: one or a thousand.
create or replace function outage.roll_up(in_source text, in_from date, in_to date)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan set work_mem = '256MB'
as $$
declare
  l_zone text := (select s.time_zone from outage.source s where s.code = in_source);
  l_longest interval := (select s.longest from outage.source s where s.code = in_source);
  l_from timestamptz := in_from::timestamp at time zone l_zone;
  l_to timestamptz := in_to::timestamp at time zone l_zone;
  l_first date := date_trunc('month', in_from::timestamp);
  l_until date := date_trunc('month', (in_to - 1)::timestamp) + interval '1 month';
  l_rows bigint;
begin
  delete from outage.index_due d where d.source = in_source and d.day >= in_from and d.day < in_to;
  delete from outage.index_day d where d.source = in_source and d.day >= in_from and d.day < in_to;
  insert into outage.index_day (source, day, area, circuit_id, cause, interruptions, customer_interruptions,
                                customer_minutes, momentary_events, unended)
  select in_source, (i.started_at at time zone l_zone)::date as day, i.area, i.circuit_id, i.cause,
         count(*) filter (where i.kind = 'sustained'),
         coalesce(sum(i.customers) filter (where i.kind = 'sustained'), 0),
         coalesce(sum(i.customers * i.minutes) filter (where i.kind = 'sustained'), 0),
         coalesce(sum(i.customers) filter (where i.kind = 'momentary'), 0),
         coalesce(sum(i.customers) filter (where i.kind = 'unended'), 0)
  from outage.interruption(in_source, l_from, l_to, l_longest) i
  where i.kind <> 'within'
  group by day, i.circuit_id, i.area, i.cause
  order by day;
  get diagnostics l_rows = row_count;
  delete from outage.index_month m where m.source = in_source and m.month >= l_first and m.month < l_until;
  insert into outage.index_month (source, month, area, circuit_id, cause, interruptions, customer_interruptions,
                                  customer_minutes, momentary_events, unended)
  select d.source, date_trunc('month', d.day::timestamp) as month, d.area, d.circuit_id, d.cause, sum(d.interruptions),
         sum(d.customer_interruptions), sum(d.customer_minutes), sum(d.momentary_events), sum(d.unended)
  from outage.index_day d
  where d.source = in_source and d.day >= l_first and d.day < l_until
  group by d.source, month, d.area, d.circuit_id, d.cause;
  return l_rows;
end
$$;
comment on function outage.roll_up(text, date, date) is
  'Make the rollups of some days anew; gives the number of rows.';
grant execute on function outage.roll_up(text, date, date) to bptm_job;
