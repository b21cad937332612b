-- Make all rollups of a source anew; gives the number of rows.
create or replace function outage.roll_up_all(in_source text)
returns bigint
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  delete from outage.index_day d where d.source = in_source;
  delete from outage.index_month m where m.source = in_source;
  select coalesce(outage.roll_up(s.code, min(x.day), max(x.day) + 1), 0)
  from outage.source s
  left join lateral (
    select (f.started_at at time zone s.time_zone)::date as day
    from outage.feed_outage f where f.source = s.code and f.doubt is null
    union all
    select (o.started_at at time zone s.time_zone)::date from outage.outage o where s.kind = 'meters'
  ) x on true
  where s.code = in_source
  group by s.code
$$;
comment on function outage.roll_up_all(text) is 'Make all rollups of a source anew; gives the number of rows.';
