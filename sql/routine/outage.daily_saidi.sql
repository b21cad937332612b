-- SAIDI of each day of a period on which a sustained interruption began: customer minutes over N_T,
-- which is the source's own number or else counted on that day.
create or replace function outage.daily_saidi(in_source text, in_from date, in_to date)
returns table (day date, interruptions bigint, saidi double precision)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select d.day, d.interruptions, d.minutes / coalesce(s.customers_served, nullif(n.customers, 0))
  from outage.source s
  cross join lateral (
    select i.day, sum(i.interruptions) as interruptions, sum(i.customer_minutes) as minutes
    from outage.index_day i
    where i.source = s.code and i.day >= in_from and i.day < in_to
    group by i.day
  ) d
  left join (
    -- all areas and circuits together, from one day until it is another number
    select c.day, lead(c.day, 1, 'infinity') over w as until, sum(c.change) over w as customers
    from (select x.day, sum(x.change) as change
          from outage.served_span v
          cross join lateral (values (v.from_day, v.customers), (v.to_day, -v.customers)) x(day, change)
          where v.source = in_source
          group by x.day) c
    window w as (order by c.day)
  ) n on d.day >= n.day and d.day < n.until
  where s.code = in_source and d.minutes > 0
$$;
comment on function outage.daily_saidi(text, date, date) is
  'SAIDI of each day on which a sustained interruption began.';
grant execute on function outage.daily_saidi(text, date, date) to bptm_http;
