-- IEEE 1366 indices of a period from the rollups: one row in all, or one for each group of `in_by`
-- (month, area, circuit, cause). `in_major`: with, without or only the major event days, by T_MED of
-- the five years before, or of the basis named. Interruptions are booked whole on the day they began.
--   saidi   minutes        customer minutes / N_T
--   saifi   interruptions  customer interruptions / N_T
--   caidi   minutes        saidi / saifi
--   asai    share          (N_T x T - customer minutes) / (N_T x T), T the minutes of the days that count
--   maifi_e events         momentary events / N_T
-- N_T is the mean over the days that count of the premises with a device in the group. A feed says
-- only one N_T, so a group of a feed shows what it adds to the index of the whole.
create or replace function outage.indices(in_source text, in_from date, in_to date,
                                          in_by text[] default '{}', in_area text default null,
                                          in_circuit text default null, in_cause text default null,
                                          in_major text default 'with',
                                          in_basis_from date default null, in_basis_to date default null)
returns table (month date, area text, circuit_id text, cause text, days integer,
               customers_served double precision, interruptions bigint, customer_interruptions bigint,
               customer_minutes double precision, momentary_events bigint, unended bigint,
               saidi double precision, saifi double precision, caidi double precision,
               asai double precision, maifi_e double precision)
language plpgsql stable
set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan set work_mem = '64MB'
as $$
#variable_conflict use_column
declare
  -- whole months are read as such, unless days are to be left out
  l_first date := date_trunc('month', in_from::timestamp + interval '1 month' - interval '1 day');
  l_until date := date_trunc('month', in_to::timestamp);
begin
  if in_major <> 'with' or l_until < l_first then
    l_first := in_to;
    l_until := in_to;
  end if;
  return query
  with major as materialized (
    select m.day from outage.major_event_days(in_source, in_from, in_to, in_basis_from, in_basis_to) m
    where in_major <> 'with'
  ), span as (
    -- the days that count, by month or all in one; those on which the clocks change have 23 or 25 hours
    select case when 'month' = any (in_by) then date_trunc('month', g.day::timestamp)::date else '-infinity' end as month,
           count(*)::integer as days, range_agg(daterange(g.day::date, g.day::date + 1)) as dates,
           sum(extract(epoch from (g.day::date + 1)::timestamp at time zone s.time_zone
                                  - g.day::date::timestamp at time zone s.time_zone) / 60)::double precision as minutes
    from outage.source s
    cross join generate_series(in_from, in_to - 1, interval '1 day') g(day)
    where s.code = in_source
      and (in_major = 'with' or (g.day::date in (select m.day from major m)) = (in_major = 'only'))
    group by 1
  ), counted as (
    select p.month, case when 'area' = any (in_by) then v.area end as area,
           case when 'circuit' = any (in_by) then v.circuit_id end as circuit_id,
           sum(v.customers * case when daterange(v.from_day, v.to_day) @> p.dates then p.days
                                  else (select sum(upper(d) - lower(d))
                                        from unnest(p.dates * daterange(v.from_day, v.to_day)::datemultirange) d) end)
             as customer_days
    from span p
    join outage.served_span v on v.source = in_source and p.dates && daterange(v.from_day, v.to_day)
    where (in_area is null or v.area = in_area) and (in_circuit is null or v.circuit_id = in_circuit)
    group by 1, 2, 3
  ), happened as (
    select case when 'month' = any (in_by) then date_trunc('month', i.day::timestamp)::date else '-infinity' end as month,
           case when 'area' = any (in_by) then i.area end as area,
           case when 'circuit' = any (in_by) then i.circuit_id end as circuit_id,
           case when 'cause' = any (in_by) then i.cause end as cause,
           sum(i.interruptions)::bigint as interruptions, sum(i.customer_interruptions)::bigint as ci,
           sum(i.customer_minutes) as cmi, sum(i.momentary_events)::bigint as momentary,
           sum(i.unended)::bigint as unended
    from (select m.* from outage.index_month m
          where m.source = in_source and m.month >= l_first and m.month < l_until
          union all
          select d.*
          from (values (in_from, l_first), (l_until, in_to)) r(from_day, to_day)
          join outage.index_day d on d.source = in_source and d.day >= r.from_day and d.day < r.to_day
          where in_major = 'with' or (d.day in (select m.day from major m)) = (in_major = 'only'))
         i(source, day, area, circuit_id, cause, interruptions, customer_interruptions, customer_minutes, momentary_events, unended)
    where (in_area is null or i.area = in_area) and (in_circuit is null or i.circuit_id = in_circuit)
      and (in_cause is null or i.cause = in_cause)
    group by 1, 2, 3, 4
  ), grouped as (
    -- a group that is served and had nothing is a row of zeros
    select coalesce(h.month, c.month) as month, coalesce(h.area, c.area) as area,
           coalesce(h.circuit_id, c.circuit_id) as circuit_id, h.cause, c.customer_days,
           coalesce(h.interruptions, 0) as interruptions, coalesce(h.ci, 0) as ci, coalesce(h.cmi, 0) as cmi,
           coalesce(h.momentary, 0) as momentary, coalesce(h.unended, 0) as unended
    from happened h
    full join counted c on c.month = h.month and coalesce(c.area, '') = coalesce(h.area, '')
      and coalesce(c.circuit_id, '') = coalesce(h.circuit_id, '')
  ), told as (
    select nullif(p.month, '-infinity') as month, g.area, g.circuit_id, g.cause, p.days, p.minutes,
           coalesce(s.customers_served, g.customer_days::double precision / p.days) as n_t,
           coalesce(g.interruptions, 0) as interruptions, coalesce(g.ci, 0) as ci, coalesce(g.cmi, 0) as cmi,
           coalesce(g.momentary, 0) as momentary, coalesce(g.unended, 0) as unended
    from outage.source s
    cross join span p
    left join grouped g on g.month = p.month
    where s.code = in_source and (g.month is not null or in_by <@ array['month'])
  )
  select t.month, t.area, t.circuit_id, t.cause, t.days, coalesce(t.n_t, 0), t.interruptions, t.ci, t.cmi,
         t.momentary, t.unended, t.cmi / nullif(t.n_t, 0), t.ci / nullif(t.n_t, 0), t.cmi / nullif(t.ci, 0),
         1 - t.cmi / nullif(t.n_t * t.minutes, 0), t.momentary / nullif(t.n_t, 0)
  from told t
  order by t.month nulls first, t.area, t.circuit_id, t.cause;
end
$$;
comment on function outage.indices(text, date, date, text[], text, text, text, text, date, date) is
  'IEEE 1366 indices of a period from the rollups, in all or by month, area, circuit and cause.';
grant execute on function outage.indices(text, date, date, text[], text, text, text, text, date, date)
  to bptm_http;
