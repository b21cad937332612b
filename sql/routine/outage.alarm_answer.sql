-- A person acknowledges or clears an alarm; gives its id, or nothing when it is cleared already or, for an
-- acknowledgement, acknowledged.
create or replace function outage.alarm_answer(in_alarm_id bigint, in_event text, in_by text, in_note text)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_id bigint;
begin
  update outage.alarm a
  set acknowledged_at = case when in_event = 'acknowledged' then now() else a.acknowledged_at end,
      acknowledged_by = case when in_event = 'acknowledged' then in_by else a.acknowledged_by end,
      cleared_at = case when in_event = 'cleared' then now() end,
      cleared_by = case when in_event = 'cleared' then in_by end
  where a.alarm_id = in_alarm_id and a.cleared_at is null
    and (in_event = 'cleared' or a.acknowledged_at is null)
  returning a.alarm_id into l_id;
  if l_id is not null then
    perform outage.alarm_note(l_id, in_event, in_by, in_note, now());
  end if;
  return l_id;
end
$$;
comment on function outage.alarm_answer(bigint, text, text, text) is
  'A person acknowledges or clears an alarm; nothing when it is cleared already, or acknowledged.';
grant execute on function outage.alarm_answer(bigint, text, text, text) to bptm_http;
