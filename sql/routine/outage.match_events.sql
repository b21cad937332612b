-- Match at most `in_limit` events that are new or other than when they were matched; gives how many there were.
-- A proposal that no longer holds is gone; what a person has decided stays.
create or replace function outage.match_events(in_limit integer)
returns integer
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_ids bigint[] := array(select e.event_id from outage.event e
                          left join outage.event_match m on m.event_id = e.event_id
                          where e.kind = 'outage' and m.version is distinct from e.version
                          order by e.started_at desc, e.event_id limit in_limit);
begin
  if cardinality(l_ids) = 0 then
    return 0;
  end if;
  with found as materialized (
    select * from outage.match_candidates(l_ids)
  ), gone as (
    delete from outage.event_link l
    where l.event_id = any (l_ids) and l.status = 'proposed'
      and not exists (select from found f where f.event_id = l.event_id and f.source = l.source and f.key = l.key)
  )
  insert into outage.event_link as l (event_id, source, key, score, parts)
  select f.event_id, f.source, f.key, f.score, f.parts from found f
  on conflict (event_id, source, key) do update set (score, parts) = (excluded.score, excluded.parts)
  where l.status = 'proposed' and (l.score, l.parts) is distinct from (excluded.score, excluded.parts);
  insert into outage.event_match (event_id, version)
  select e.event_id, e.version from outage.event e where e.event_id = any (l_ids)
  on conflict (event_id) do update set version = excluded.version;
  -- of events that are gone
  delete from outage.event_link l where l.status = 'proposed' and not exists (select from outage.event e where e.event_id = l.event_id);
  delete from outage.event_match m where not exists (select from outage.event e where e.event_id = m.event_id);
  return cardinality(l_ids);
end
$$;
comment on function outage.match_events(integer) is 'Match events with what others say; gives how many there were.';
grant execute on function outage.match_events(integer) to bptm_job;
