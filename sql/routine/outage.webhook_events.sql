-- Tell the subscribers of a new version of an outage event: whatever version is kept is queued in the same
-- transaction. An event that is over when it is first known opens and closes. No home is named.
create or replace function outage.webhook_events()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from outage.webhook w where w.enabled) then
    return null;
  end if;
  perform outage.webhook_queue('outage_event.' || t.type, t.revised_at, t.data, null)
  from (
    select n.event_id, n.version, k.n, k.type, n.revised_at, jsonb_build_object(
             'id', n.event_id, 'version', n.version, 'reasons', n.reasons)
           || coalesce((select jsonb_object_agg(s.key, case when s.key like '%\_at' and s.value <> 'null'
                                                       then to_jsonb(access.rfc3339((s.value #>> '{}')::timestamptz))
                                                       else s.value end)
                        from jsonb_each(n.state - 'members' - case n.state ->> 'level' when 'premise' then 'element' else '' end) s),
                       '{}') as data
    from noted n
    left join outage.event_version o on o.event_id = n.event_id and o.version = n.version - 1
    cross join lateral (select n.state ->> 'ended_at' is not null and o.state ->> 'ended_at' is null as is_end) e
    cross join lateral (values
      (1, 'opened', n.state is not null and o.state is null),
      (2, 'closed', n.state is not null and e.is_end),
      (3, 'revised', n.state is not null and o.state is not null and not e.is_end),
      (4, 'withdrawn', n.state is null)) k(n, type, holds)
    where k.holds
    order by n.event_id, n.version, k.n
  ) t;
  return null;
end
$$;
comment on function outage.webhook_events() is 'Tell the subscribers of a new version of an outage event.';
create or replace trigger webhook after insert on outage.event_version
referencing new table as noted for each statement execute function outage.webhook_events();
