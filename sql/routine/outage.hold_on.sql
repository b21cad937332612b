-- The holds on a partition of the journal or of the interruptions, in words; null when there is none.
-- A hold on a device, premise or event is on the partitions that have rows of it.
create or replace function outage.hold_on(in_part regclass, in_from timestamptz, in_to timestamptz)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  l_hold record;
  l_found boolean;
  l_told text[] := '{}';
begin
  for l_hold in
    select h.*, case h.kind
             when 'device' then 'device ' || coalesce((select d.serial from fleet.device d where d.device_id = h.device_id), h.device_id::text)
             when 'premise' then 'premise ' || h.premise_id
             when 'event' then 'event ' || h.event_id
             else 'period ' || h.from_at::date || ' to ' || h.to_at::date end as what
    from outage.hold h where h.lifted_at is null order by h.hold_id
  loop
    case l_hold.kind
      when 'period' then
        l_found := tstzrange(l_hold.from_at, l_hold.to_at) && tstzrange(in_from, in_to);
      when 'device' then
        execute format('select exists (select from %s where device_id = $1)', in_part) into l_found using l_hold.device_id;
      when 'premise' then
        execute format('select exists (select from %s r join fleet.assignment a using (device_id)
          where a.premise_id = $1 and tstzrange(a.assigned_from, a.assigned_to) && tstzrange($2, $3))', in_part)
        into l_found using l_hold.premise_id, in_from, in_to;
      else
        execute format('select exists (select from %s r where r.device_id in (
            select o.device_id from outage.event_member m join outage.outage o using (outage_id) where m.event_id = $1))
          and exists (select from outage.event e where e.event_id = $1
            and tstzrange(e.started_at - interval ''1 day'', e.ended_at + interval ''1 day'') && tstzrange($2, $3))', in_part)
        into l_found using l_hold.event_id, in_from, in_to;
    end case;
    if l_found then
      l_told := l_told || format('hold %s on %s: %s', l_hold.hold_id, l_hold.what, l_hold.reason);
    end if;
  end loop;
  return nullif(array_to_string(l_told, '; '), '');
end
$$;
comment on function outage.hold_on(regclass, timestamptz, timestamptz) is 'The holds on a partition, in words.';
