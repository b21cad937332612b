-- Match what was noted, the newest first: at most `in_limit` notes; gives how many there were. A proposal that no
-- longer holds is gone, also with its event; what a person has decided stays.
create or replace function outage.match_events(in_limit integer)
returns integer
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_notes bigint[] := array(select d.match_due_id from outage.match_due d order by d.match_due_id desc limit in_limit);
  l_ids bigint[] := array(select distinct d.event_id from outage.match_due d where d.match_due_id = any (l_notes));
begin
  if cardinality(l_notes) = 0 then
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
  delete from outage.match_due d where d.match_due_id = any (l_notes);
  return cardinality(l_notes);
end
$$;
comment on function outage.match_events(integer) is 'Match events with what others say; gives how many notes there were.';
grant execute on function outage.match_events(integer) to bptm_job;
