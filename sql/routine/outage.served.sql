-- N_T of a source that is counted: how many premises had a device on each day, by area and circuit.
-- A day counts where it began with the device there; a premise without a known circuit counts under ''.
create or replace function outage.served(in_source text, in_from date, in_to date)
returns table (day date, area text, circuit_id text, customers integer)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with stay as (
    -- one device after the other at a premise is one stay
    select a.premise_id,
           range_agg(daterange((a.assigned_from at time zone s.time_zone)::date,
                               (a.assigned_to at time zone s.time_zone)::date)
                     * daterange(in_from, in_to)) as days
    from outage.source s
    cross join fleet.assignment a
    where s.code = in_source and s.kind = 'meters'
    group by a.premise_id
  ), link as (
    select l.premise_id, range_agg(daterange(l.valid_from, l.valid_to)) as days
    from programme.premise_circuit l
    where l.premise_id in (select stay.premise_id from stay)
    group by l.premise_id
  ), piece as (
    select p.city as area, pc.circuit_id, unnest(s.days * datemultirange(daterange(pc.valid_from, pc.valid_to))) as days
    from stay s
    join programme.premise p on p.premise_id = s.premise_id
    join programme.premise_circuit pc on pc.premise_id = s.premise_id
    union all
    select p.city, '', unnest(s.days - coalesce(l.days, '{}'))
    from stay s
    join programme.premise p on p.premise_id = s.premise_id
    left join link l on l.premise_id = s.premise_id
  ), step as (
    select d.area, d.circuit_id, d.day, sum(d.change)::integer as change
    from (select area, circuit_id, lower(days) as day, 1 as change from piece where not isempty(days)
          union all
          select area, circuit_id, upper(days), -1 from piece where not isempty(days)) d
    group by d.area, d.circuit_id, d.day
  ), level as (
    -- as many as this from its day to the next change
    select s.area, s.circuit_id, s.day,
           lead(s.day, 1, in_to) over w as until,
           sum(s.change) over w as customers
    from step s
    window w as (partition by s.area, s.circuit_id order by s.day)
  )
  select g.day::date, l.area, l.circuit_id, l.customers::integer
  from level l
  cross join lateral generate_series(l.day, l.until - 1, interval '1 day') g(day)
  where l.customers > 0
$$;
comment on function outage.served(text, date, date) is
  'How many premises had a device on each day, by area and circuit.';
grant execute on function outage.served(text, date, date) to bptm_job;
