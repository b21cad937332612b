-- The homes on a network element when an event was on: how many have a device, and how many of these
-- are known to have had power, because they were heard from since it began and were not dark in its
-- window. A home that is silent is neither.
create or replace function outage.element_state(in_level text, in_element text, in_started_at timestamptz)
returns table (served integer, lit integer)
language sql stable
set search_path = pg_catalog, public, pg_temp
as $$
  with home as (
    select a.premise_id, a.device_id
    from fleet.assignment a
    where a.premise_id in (
      select l.premise_id from programme.premise_circuit l
      where in_level = 'circuit' and l.circuit_id = in_element
        and daterange(l.valid_from, l.valid_to) @> (in_started_at at time zone 'UTC')::date
      union all
      select l.premise_id from programme.premise_circuit l
      join programme.circuit c using (circuit_id)
      where in_level = 'substation' and c.substation = in_element
        and daterange(l.valid_from, l.valid_to) @> (in_started_at at time zone 'UTC')::date
      union all
      select l.premise_id from programme.premise_transformer l
      where in_level = 'transformer' and l.transformer_id = in_element
        and daterange(l.valid_from, l.valid_to) @> (in_started_at at time zone 'UTC')::date
      union all
      select l.premise_id from programme.premise_transformer l
      join programme.transformer t using (transformer_id)
      where in_level = 'segment' and t.segment_id = in_element
        and daterange(l.valid_from, l.valid_to) @> (in_started_at at time zone 'UTC')::date
      union all
      select in_element::bigint where in_level = 'premise')
      and tstzrange(a.assigned_from, a.assigned_to) @> in_started_at
  )
  select count(*)::integer,
         (count(*) filter (where not exists (
            select from outage.outage o, outage.derivation_rule r
            where o.device_id = h.device_id and o.started_at <= in_started_at + r.window_
              and (o.end_basis is null or coalesce(o.ended_at, o.started_at) >= in_started_at))
          and (exists (select from fleet.journal_head j
                       where j.device_id = h.device_id and j.updated_at >= in_started_at)
               or exists (select from fleet.device_status s
                          where s.device_id = h.device_id and s.received_at >= in_started_at))))::integer
  from home h
$$;
comment on function outage.element_state(text, text, timestamptz) is
  'How many homes on a network element have a device, and how many of these are known to have had power.';
grant execute on function outage.element_state(text, text, timestamptz) to bptm_job;
