-- What was imported of a period may be about events that were matched already: match these again.
create or replace function outage.match_again(in_from timestamptz, in_to timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  insert into outage.match_due (event_id)
  select e.event_id
  from outage.event e cross join outage.match_rule r
  where e.kind = 'outage' and tstzrange(e.started_at, e.ended_at, '[]') && tstzrange(in_from - r.start_within, in_to + r.start_within, '[]')
$$;
comment on function outage.match_again(timestamptz, timestamptz) is 'Match the events of a period again.';
grant execute on function outage.match_again(timestamptz, timestamptz) to bptm_import;
