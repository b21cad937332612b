-- Tell the subscribers what has become of an alarm: whatever is added to the history of one is queued in the
-- same transaction. Neither who nor a note nor a premise goes out.
create or replace function outage.webhook_alarms()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (select from outage.webhook w where w.enabled) then
    perform outage.webhook_queue('alarm.' || t.event, t.at, t.data, null)
    from (
      select n.event, n.at, jsonb_build_object(
               'id', n.alarm_id, 'number', n.number, 'kind', a.kind, 'severity', r.severity, 'means', r.means,
               'device', d.serial, 'since', access.rfc3339(a.since), 'detail', n.detail) as data
      from noted n
      join outage.alarm a on a.alarm_id = n.alarm_id
      join outage.alarm_rule r on r.kind = a.kind
      left join fleet.device d on d.device_id = a.device_id
      order by n.alarm_id, n.number
    ) t;
  end if;
  return null;
end
$$;
comment on function outage.webhook_alarms() is 'Tell the subscribers what has become of an alarm.';
create or replace trigger webhook after insert on outage.alarm_event
referencing new table as noted for each statement execute function outage.webhook_alarms();
