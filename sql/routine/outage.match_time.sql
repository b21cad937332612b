-- How well two spells agree in time, 0 to 1: the mean of the share of their common time in all of their time, and of
-- how near their starts are.
create or replace function outage.match_time(in_a tstzrange, in_b tstzrange, in_within interval)
returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
  select jsonb_build_object('score', round(((o.share + greatest(0, 1 - s.apart / extract(epoch from in_within))) / 2)::numeric, 3),
                            'overlap', round(o.share::numeric, 3), 'start_minutes', round((s.apart / 60)::numeric, 1))
  from (select case when isempty(in_a * in_b) then 0
                    when upper(in_a + in_b) = lower(in_a + in_b) then 1
                    else extract(epoch from upper(in_a * in_b) - lower(in_a * in_b))
                         / extract(epoch from upper(in_a + in_b) - lower(in_a + in_b)) end as share
        where in_a && in_b
        union all
        select 0 where not in_a && in_b) o
  cross join (select abs(extract(epoch from lower(in_a) - lower(in_b))) as apart) s
$$;
comment on function outage.match_time(tstzrange, tstzrange, interval) is 'How well two spells agree in time.';
grant execute on function outage.match_time(tstzrange, tstzrange, interval) to bptm_job;
