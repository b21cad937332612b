-- T_MED of IEEE 1366 by the 2.5 beta method over the days of a basis period: alpha and beta are mean
-- and standard deviation (n - 1) of ln(daily SAIDI), days without customer minutes left out. No T_MED
-- (null) from fewer than two such days.
create or replace function outage.major_event_threshold(in_source text, in_from date, in_to date)
returns table (days bigint, interruptions bigint, alpha double precision, beta double precision,
               t_med double precision)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select l.days, l.interruptions, l.alpha, l.beta, exp(l.alpha + 2.5 * l.beta)
  from (select count(*) as days, coalesce(sum(d.interruptions), 0)::bigint as interruptions,
               avg(ln(d.saidi)) as alpha, stddev_samp(ln(d.saidi)) as beta
        from outage.daily_saidi(in_source, in_from, in_to) d) l
$$;
comment on function outage.major_event_threshold(text, date, date) is
  'T_MED, alpha and beta by the 2.5 beta method over a basis period.';
grant execute on function outage.major_event_threshold(text, date, date) to bptm_http;
