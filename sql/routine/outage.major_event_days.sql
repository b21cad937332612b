-- Days of a period whose SAIDI is above T_MED of a basis period; the basis is by default the five
-- years before the period, as IEEE 1366 has it.
create or replace function outage.major_event_days(in_source text, in_from date, in_to date,
                                                   in_basis_from date default null,
                                                   in_basis_to date default null)
returns table (day date, saidi double precision, t_med double precision)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  select d.day, d.saidi, t.t_med
  from outage.major_event_threshold(
    in_source, coalesce(in_basis_from, (in_from - interval '5 years')::date),
    coalesce(in_basis_to, in_from)) t
  join outage.daily_saidi(in_source, in_from, in_to) d on d.saidi > t.t_med
  order by d.day
$$;
comment on function outage.major_event_days(text, date, date, date, date) is
  'Days of a period whose SAIDI is above T_MED of a basis period.';
grant execute on function outage.major_event_days(text, date, date, date, date) to bptm_http;
