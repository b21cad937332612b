-- Add to the history of an alarm what has just become of it.
create or replace function outage.alarm_note(in_alarm_id bigint, in_event text, in_by text, in_note text,
                                             in_at timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into outage.alarm_event (alarm_id, at, event, by, note, subject, detail, number)
  select a.alarm_id, in_at, in_event, in_by, in_note, a.subject, a.detail,
         1 + (select count(*) from outage.alarm_event e where e.alarm_id = a.alarm_id)
  from outage.alarm a where a.alarm_id = in_alarm_id
$$;
comment on function outage.alarm_note(bigint, text, text, text, timestamptz) is
  'Add to the history of an alarm what has just become of it.';
grant execute on function outage.alarm_note(bigint, text, text, text, timestamptz) to bptm_job, bptm_http;
