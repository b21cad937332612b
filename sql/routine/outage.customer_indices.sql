-- Indices that need to know each customer, of a period, for sources that do (our meters):
--   cemi     share of customers with `in_n` or more sustained interruptions (in_above: more than in_n)
--   celid_s  share with at least one of `in_hours` or longer
--   caifi    customer interruptions / customers interrupted
-- N_T is the mean number of premises with a device. Major event days as in outage.indices.
create or replace function outage.customer_indices(in_source text, in_from date, in_to date,
                                                   in_n integer default 4, in_above boolean default false,
                                                   in_hours double precision default 8,
                                                   in_area text default null, in_circuit text default null,
                                                   in_major text default 'with',
                                                   in_basis_from date default null,
                                                   in_basis_to date default null)
returns table (customers_served double precision, customers_interrupted bigint,
               customer_interruptions bigint, customers_n bigint, customers_s bigint,
               cemi double precision, celid_s double precision, caifi double precision)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with major as materialized (
    select m.day from outage.major_event_days(in_source, in_from, in_to, in_basis_from, in_basis_to) m
    where in_major <> 'with'
  ), span as (
    select count(*) as days, range_agg(daterange(g.day::date, g.day::date + 1)) as dates
    from generate_series(in_from, in_to - 1, interval '1 day') g(day)
    where in_major = 'with' or (g.day::date in (select m.day from major m)) = (in_major = 'only')
  ), premise as (
    select i.premise_id, count(*) as interruptions, max(i.minutes) as longest
    from outage.source s
    cross join lateral outage.interruption(s.code, in_from::timestamp at time zone s.time_zone,
                                           in_to::timestamp at time zone s.time_zone, s.longest) i
    where s.code = in_source and s.kind = 'meters' and i.kind = 'sustained'
      and (in_area is null or i.area = in_area) and (in_circuit is null or i.circuit_id = in_circuit)
      and (in_major = 'with'
           or ((i.started_at at time zone s.time_zone)::date in (select m.day from major m)) = (in_major = 'only'))
    group by i.premise_id
  ), served as (
    select sum(v.customers * (upper(d) - lower(d)))::double precision / nullif(max(p.days), 0) as n_t
    from span p
    join outage.served_span v on v.source = in_source
    cross join lateral unnest(p.dates * daterange(v.from_day, v.to_day)::datemultirange) d
    where (in_area is null or v.area = in_area) and (in_circuit is null or v.circuit_id = in_circuit)
  ), found as (
    select count(*) as interrupted, coalesce(sum(p.interruptions), 0)::bigint as ci,
           count(*) filter (where p.interruptions >= in_n + in_above::integer) as often,
           count(*) filter (where p.longest >= in_hours * 60) as long
    from premise p
  )
  select coalesce(n.n_t, 0), f.interrupted, f.ci, f.often, f.long, f.often / nullif(n.n_t, 0),
         f.long / nullif(n.n_t, 0), f.ci::double precision / nullif(f.interrupted, 0)
  from found f cross join served n
$$;
comment on function outage.customer_indices(text, date, date, integer, boolean, double precision, text, text, text, date, date) is
  'CEMI_n, CELID-s and CAIFI of a period, for sources that know each customer.';
grant execute on function outage.customer_indices(text, date, date, integer, boolean, double precision, text, text, text, date, date)
  to bptm_http;
