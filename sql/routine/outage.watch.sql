-- Keep our own health record: called every few seconds by the jobs, before they say that they are well.
-- A part that has been silent for 15 seconds, or has no broker, is blind from when it was last well; the
-- jobs themselves are when nobody called this. Adjacent times are one row.
create or replace function outage.watch(in_now timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  with ill as (
    select v.part, h.at as from_at
    from fleet.part_health h
    cross join lateral (values
      (h.part, h.at < in_now - interval '15 seconds'),
      ('broker', h.part = 'mqtt' and h.at >= in_now - interval '15 seconds' and h.detail @> '{"broker": false}')
    ) v(part, is_ill)
    where v.is_ill
  ), longer as (
    update outage.blind b set to_at = in_now
    from ill i
    where b.part = i.part and b.to_at >= least(i.from_at, in_now - interval '15 seconds')
      and b.from_at = (select max(x.from_at) from outage.blind x where x.part = i.part)
    returning b.part
  )
  insert into outage.blind (part, from_at, to_at)
  select i.part, i.from_at, in_now from ill i
  where i.part not in (select l.part from longer l)
  on conflict (part, from_at) do update set to_at = excluded.to_at
$$;
comment on function outage.watch(timestamptz) is 'Keep our own health record: when we could not hear the devices.';
grant execute on function outage.watch(timestamptz) to bptm_job;
