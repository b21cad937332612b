-- SAIDI of each day of a period on which a sustained interruption began: customer minutes over N_T,
-- which is the source's own number or else counted on that day.
create or replace function outage.daily_saidi(in_source text, in_from date, in_to date)
returns table (day date, interruptions bigint, saidi double precision)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select d.day, d.interruptions, d.minutes / coalesce(s.customers_served, n.customers)
  from outage.source s
  cross join lateral (
    select i.day, sum(i.interruptions) as interruptions, sum(i.customer_minutes) as minutes
    from outage.index_day i
    where i.source = s.code and i.day >= in_from and i.day < in_to
    group by i.day
  ) d
  left join (
    select v.day, sum(v.customers) as customers
    from outage.served_day v
    where v.source = in_source and v.day >= in_from and v.day < in_to
    group by v.day
  ) n on n.day = d.day
  where s.code = in_source and d.minutes > 0
$$;
comment on function outage.daily_saidi(text, date, date) is
  'SAIDI of each day on which a sustained interruption began.';
grant execute on function outage.daily_saidi(text, date, date) to bptm_http;
