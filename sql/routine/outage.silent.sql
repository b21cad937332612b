-- Devices at homes that have not been heard from for too long, and what that says. Time in which we
-- were blind ourselves does not count, so that after a restart of ours nobody is silent at once.
--   dark  the utility is gone at the home, by the device's own last word or an open event of its circuit
--   area  most devices of its circuit are silent: the network between, not the unit
--   unit  only this one
create or replace function outage.silent(in_now timestamptz)
returns table (device_id bigint, premise_id bigint, circuit_id text, heard_at timestamptz, cause text)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with home as (
    select a.device_id, a.premise_id, coalesce(c.circuit_id, '') as circuit_id,
           greatest(s.received_at, l.received_at, h.updated_at, a.assigned_from) as heard_at
    from fleet.assignment a
    left join fleet.device_status s on s.device_id = a.device_id
    left join fleet.device_link l on l.device_id = a.device_id
    left join fleet.journal_head h on h.device_id = a.device_id
    left join programme.premise_circuit c on c.premise_id = a.premise_id
      and daterange(c.valid_from, c.valid_to) @> (in_now at time zone 'UTC')::date
    where tstzrange(a.assigned_from, a.assigned_to) @> in_now
  ), blind as (
    select unnest(range_agg(tstzrange(b.from_at, b.to_at))) as span
    from outage.blind b
    where b.to_at > in_now - interval '30 days'
  ), quiet as (
    select h.*, in_now - h.heard_at - coalesce((
             select sum(least(upper(b.span), in_now) - greatest(lower(b.span), h.heard_at))
             from blind b
             where b.span && tstzrange(h.heard_at, in_now)), '0') > r.silent_after as is_silent
    from home h cross join outage.derivation_rule r
  ), judged as (
    select q.*, count(*) over (partition by q.circuit_id) as devices,
           count(*) filter (where q.is_silent) over (partition by q.circuit_id) as silent
    from quiet q
  )
  select j.device_id, j.premise_id, j.circuit_id, j.heard_at,
         case when exists (select from outage.outage o where o.device_id = j.device_id and o.end_basis is null)
                or exists (select from outage.event e
                           where e.circuit_id = j.circuit_id and e.kind = 'outage' and e.level = 'circuit'
                             and e.ended_at is null and e.confidence >= 0.5) then 'dark'
              when j.circuit_id <> '' and j.silent > 2 and j.silent >= r.area_share * j.devices then 'area'
              else 'unit' end
  from judged j cross join outage.derivation_rule r
  where j.is_silent
$$;
comment on function outage.silent(timestamptz) is
  'Devices that have not been heard from for too long, and what that says: dark, area or unit.';
grant execute on function outage.silent(timestamptz) to bptm_http, bptm_job;
