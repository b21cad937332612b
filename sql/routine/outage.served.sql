-- N_T of a source that is counted: how many premises have a device, by area and circuit, from one day until
-- it is another number. A day counts where it began with the device there; a premise without a known
-- circuit counts under ''.
drop function if exists outage.served(text, date, date);
create or replace function outage.served(in_source text)
returns table (area text, circuit_id text, from_day date, to_day date, customers integer)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with stay as (
    -- one device after the other at a premise is one stay
    select a.premise_id, range_agg(daterange((a.assigned_from at time zone s.time_zone)::date,
                                             (a.assigned_to at time zone s.time_zone)::date)) as days
    from outage.source s
    cross join fleet.assignment a
    where s.code = in_source and s.kind = 'meters'
    group by a.premise_id
  ), link as (
    select l.premise_id, range_agg(daterange(l.valid_from, l.valid_to)) as days
    from programme.premise_circuit l
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
    select d.area, d.circuit_id, d.day, sum(d.change) as change
    from (select area, circuit_id, lower(days) as day, 1 as change from piece
          union all
          select area, circuit_id, upper(days), -1 from piece where not upper_inf(days)) d
    group by d.area, d.circuit_id, d.day
    having sum(d.change) <> 0
  ), level as (
    select s.area, s.circuit_id, s.day, lead(s.day, 1, 'infinity') over w as until, sum(s.change) over w as customers
    from step s
    window w as (partition by s.area, s.circuit_id order by s.day)
  )
  select l.area, l.circuit_id, l.day, l.until, l.customers::integer from level l where l.customers > 0
$$;
comment on function outage.served(text) is
  'How many premises have a device, by area and circuit, from one day until it is another number.';
grant execute on function outage.served(text) to bptm_job;
