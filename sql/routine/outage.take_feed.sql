-- Take the staged rows of a feed (temporary table feed_row): what its words for the cause mean, and
-- whether a row can be right. Of rows with one number the one seen last counts. Gives how many rows are
-- new or other than before.
create or replace function outage.take_feed(in_source text)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_changed bigint;
begin
  with cause as materialized (
    select c.cause as words, coalesce((select r.cause from outage.cause_rule r where c.cause ilike r.pattern
                                       order by r.position limit 1), 'unknown') as cause
    from (select distinct coalesce(cause, '') as cause from feed_row) c
  ), changed as (
    insert into outage.feed_outage as f (source, number, started_at, first_seen_at, ended_at, customers, geom, area,
                                         cause_text, cause, doubt)
    select distinct on (r.number) s.code, r.number, r.started_at, r.first_seen_at, r.ended_at, r.customers,
           st_setsrid(st_point(r.lon::double precision, r.lat::double precision), 4326), coalesce(r.area, ''),
           coalesce(r.cause, ''), c.cause,
           case when r.customers = 0 then 'no_customers'
                when r.customers > s.most_customers then 'too_many_customers'
                when r.ended_at < r.started_at then 'ends_before_start'
                when r.ended_at - r.started_at > s.longest then 'too_long' end
    from feed_row r
    join outage.source s on s.code = in_source
    join cause c on c.words = coalesce(r.cause, '')
    order by r.number, r.ended_at desc, r.customers desc
    on conflict (source, number) do update
    set (started_at, first_seen_at, ended_at, customers, geom, area, cause_text, cause, doubt)
      = (excluded.started_at, excluded.first_seen_at, excluded.ended_at, excluded.customers, excluded.geom,
         excluded.area, excluded.cause_text, excluded.cause, excluded.doubt)
    where f.ended_at <= excluded.ended_at
      and (f.started_at, f.first_seen_at, f.ended_at, f.customers, f.geom, f.area, f.cause_text, f.cause, f.doubt)
        is distinct from
          (excluded.started_at, excluded.first_seen_at, excluded.ended_at, excluded.customers, excluded.geom,
           excluded.area, excluded.cause_text, excluded.cause, excluded.doubt)
    returning 1
  )
  select count(*) into l_changed from changed;
  if l_changed > 0 then
    perform outage.match_again((select min(started_at) from feed_row), (select max(ended_at) from feed_row));
  end if;
  return l_changed;
end
$$;
comment on function outage.take_feed(text) is 'Take the staged rows of a feed; gives how many are new or other than before.';
