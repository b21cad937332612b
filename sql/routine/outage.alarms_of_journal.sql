-- The alarms that the journals of these devices call for, one a kind and device at most.
--   backfeed, welded_contact  a fault of such a cause is latched, and not cleared since
--   transfer_failed           one was tried in vain, and none came about since
create or replace function outage.alarms_of_journal(in_device_ids bigint[], in_now timestamptz)
returns setof outage.alarm_draft
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with told as (
    select r.device_id, r.seq, r.kind, r.cause, coalesce(r.device_at, r.received_at) as at, r.setting_ms,
           max(r.seq) filter (where r.kind = 6) over (partition by r.device_id) as transferred,
           max(r.seq) filter (where r.kind = 11) over (partition by r.device_id, r.cause) as cleared
    from fleet.journal_record r
    where r.device_id = any (in_device_ids) and r.kind in (6, 8, 10, 11)
  ), faults as (
    select f.kind, t.device_id, t.seq, t.at, jsonb_build_object('cause', t.cause) as detail
    from told t join outage.alarm_fault f using (cause)
    where t.kind = 10 and t.seq > coalesce(t.cleared, 0)
    union all
    select 'transfer_failed', t.device_id, t.seq, t.at, jsonb_build_object('cause', t.cause)
    from told t
    where t.kind = 8 and t.seq > coalesce(t.transferred, 0)
  )
  select f.kind, f.device_id, max(f.seq)::text, min(f.at),
         (array_agg(f.detail order by f.seq desc))[1] || jsonb_build_object('seq', max(f.seq), 'times', count(*))
  from faults f
  join outage.alarm_rule a on a.kind = f.kind
  where a.in_field_work or not outage.in_field_work(f.device_id, in_now)
  group by f.kind, f.device_id
$$;
comment on function outage.alarms_of_journal(bigint[], timestamptz) is
  'The alarms that the journals of these devices call for, one a kind and device at most.';
grant execute on function outage.alarms_of_journal(bigint[], timestamptz) to bptm_job;
