-- Make the open alarms of these kinds (and devices; null: all) those of the drafts; gives how many changed.
-- What a person has cleared stays so until its subject is another.
create or replace function outage.apply_alarms(in_kinds text[], in_device_ids bigint[], in_drafts outage.alarm_draft[],
                                               in_now timestamptz)
returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l record;
  l_id bigint;
  l_count integer := 0;
begin
  for l in
    with draft as (
      select d.* from unnest(in_drafts) d
    ), open as (
      select a.* from outage.alarm a
      where a.cleared_at is null and a.kind = any (in_kinds)
        and (in_device_ids is null or a.device_id = any (in_device_ids))
    )
    select o.alarm_id, coalesce(d.kind, o.kind) as kind, coalesce(d.device_id, o.device_id) as device_id,
           d.subject, d.since, d.detail,
           case when d.kind is null then 'cleared' when o.alarm_id is null then 'raised' else 'changed' end as event
    from draft d
    full join open o on o.kind = d.kind and o.device_id = d.device_id
    where o.alarm_id is null or d.kind is null or d.subject <> o.subject
    order by 3, 2
  loop
    l_id := l.alarm_id;
    if l.event = 'cleared' then
      update outage.alarm set cleared_at = in_now where alarm_id = l_id;
    elsif l.event = 'changed' then
      update outage.alarm set subject = l.subject, detail = l.detail where alarm_id = l_id;
    elsif l.subject is not distinct from (
        select case when a.cleared_by is not null then a.subject end from outage.alarm a
        where a.device_id = l.device_id and a.kind = l.kind order by a.alarm_id desc limit 1) then
      continue;
    else
      insert into outage.alarm (kind, device_id, premise_id, subject, since, detail, raised_at)
      values (l.kind, l.device_id,
              (select s.premise_id from fleet.assignment s
               where s.device_id = l.device_id and tstzrange(s.assigned_from, s.assigned_to) @> in_now),
              l.subject, l.since, l.detail, in_now)
      returning alarm_id into l_id;
    end if;
    perform outage.alarm_note(l_id, l.event, null, null, in_now);
    l_count := l_count + 1;
  end loop;
  return l_count;
end
$$;
comment on function outage.apply_alarms(text[], bigint[], outage.alarm_draft[], timestamptz) is
  'Make the open alarms of these kinds and devices those of the drafts; gives how many changed.';
grant execute on function outage.apply_alarms(text[], bigint[], outage.alarm_draft[], timestamptz) to bptm_job;
