-- Drop what one row of outage.retention_plan names; gives what was done, in words. Looks at the holds
-- again under the lock, so that a hold placed meanwhile is respected. The owner calls it: to drop a
-- partition is to own it.
create or replace function outage.retain(in_class text, in_part text, in_to timestamptz)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  l_plan record;
  l_rows bigint;
begin
  lock table outage.hold in share mode;
  select p.* into l_plan from outage.retention_plan(now()) p
  where p.class = in_class and p.part is not distinct from in_part and (in_part is null or p.to_at = in_to);
  if not found then
    return 'nothing to do';
  elsif l_plan.held is not null then
    return 'held: ' || l_plan.held;
  elsif in_part is null then
    delete from fleet.command c
    where c.requested_at < in_to and c.expires_at < now()
      and not exists (
        select from outage.hold h where h.lifted_at is null and (
          h.device_id = c.device_id
          or (h.kind = 'period' and tstzrange(h.from_at, h.to_at) @> c.requested_at)
          or exists (select from fleet.assignment a where a.device_id = c.device_id and a.premise_id = h.premise_id)
          or exists (select from outage.event_member m join outage.outage o using (outage_id)
                     where m.event_id = h.event_id and o.device_id = c.device_id)));
    get diagnostics l_rows = row_count;
  else
    if l_plan.from_at is null then
      execute format('delete from %s where %I < $1', in_part::regclass,
                     case in_class when 'journal' then 'part_ts' else 'started_at' end) using in_to;
      get diagnostics l_rows = row_count;
    else
      execute format('select count(*) from %s', in_part::regclass) into l_rows;
      execute format('drop table %s', in_part::regclass);
    end if;
    if in_class = 'interruptions' then
      -- the events of that time: all that is left of them are their homes
      with gone as (
        delete from outage.event e
        where e.ended_at < l_plan.to_at and not exists (
          select from outage.event_member m join outage.outage o using (outage_id) where m.event_id = e.event_id)
        returning e.event_id)
      delete from outage.event_version v where v.event_id in (select g.event_id from gone g);
    end if;
  end if;
  update outage.retention r set gone_before = greatest(r.gone_before, l_plan.to_at) where r.class = in_class;
  return format('%s rows dropped', l_rows);
end
$$;
comment on function outage.retain(text, text, timestamptz) is 'Drop what one row of outage.retention_plan names.';
