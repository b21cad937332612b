-- The alarms that the state of the fleet calls for, one a kind and device at most.
--   device_silent        silent alone (outage.silent: unit). A dark home is an outage, a silent area the network's,
--                        and time in which we were blind counts for nobody, so our own restart raises none
--   journal_fork         a batch was kept beside the chain
--   records_unaccounted  gaps are open
create or replace function outage.alarms_of_state(in_now timestamptz)
returns setof outage.alarm_draft
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with found as (
    select 'device_silent' as kind, s.device_id, access.rfc3339(s.heard_at) as subject, s.heard_at as since,
           jsonb_build_object('circuit_id', nullif(s.circuit_id, '')) as detail
    from outage.silent(in_now) s
    where s.cause = 'unit'
    union all
    select 'journal_fork', f.device_id, access.rfc3339(max(f.received_at)), min(f.received_at),
           jsonb_build_object('batches', count(*), 'seq', min(f.fork_seq))
    from fleet.journal_fork f
    group by f.device_id
    union all
    select 'records_unaccounted', g.device_id, max(g.to_seq)::text, min(g.detected_at),
           jsonb_build_object('gaps', count(*), 'records', sum(g.to_seq - g.from_seq + 1), 'from_seq', min(g.from_seq))
    from fleet.journal_gap g
    where g.closed_at is null
    group by g.device_id
  )
  select f.kind, f.device_id, f.subject, f.since, f.detail
  from found f
  join outage.alarm_rule a on a.kind = f.kind
  where f.since <= in_now - a.after
    and (a.in_field_work or not outage.in_field_work(f.device_id, in_now))
$$;
comment on function outage.alarms_of_state(timestamptz) is
  'The alarms that the state of the fleet calls for, one a kind and device at most.';
grant execute on function outage.alarms_of_state(timestamptz) to bptm_job;
