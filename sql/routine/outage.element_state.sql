-- The homes on network elements when events were on, one row for each element that has any, by its place in
-- the arrays: how many have a device, and how many of these are known to have had power, because they were
-- heard from since it began and were not dark in its window. A home that is silent is neither.
-- Only nested loops are on: it goes by index from few rows into large tables, whatever statistics say.
drop function if exists outage.element_state(text, text, timestamptz);
create or replace function outage.element_state(in_levels text[], in_elements text[], in_started_at timestamptz[])
returns table (n bigint, served integer, lit integer)
language sql stable
set search_path = pg_catalog, public, pg_temp
set enable_hashjoin = off set enable_mergejoin = off
as $$
  with element as materialized (
    select e.n, e.level, e.element, e.started_at, (e.started_at at time zone 'UTC')::date as day
    from unnest(in_levels, in_elements, in_started_at) with ordinality e(level, element, started_at, n)
  ), circuit as (
    select e.n, e.day, e.started_at, e.element as circuit_id from element e where e.level = 'circuit'
    union all
    select e.n, e.day, e.started_at, c.circuit_id
    from element e join programme.circuit c on c.substation = e.element where e.level = 'substation'
  ), transformer as (
    select e.n, e.day, e.started_at, e.element as transformer_id from element e where e.level = 'transformer'
    union all
    select e.n, e.day, e.started_at, t.transformer_id
    from element e join programme.transformer t on t.segment_id = e.element where e.level = 'segment'
  ), below as (
    select c.n, c.started_at, l.premise_id
    from circuit c
    join programme.premise_circuit l on l.circuit_id = c.circuit_id and daterange(l.valid_from, l.valid_to) @> c.day
    union all
    select t.n, t.started_at, l.premise_id
    from transformer t
    join programme.premise_transformer l on l.transformer_id = t.transformer_id
      and daterange(l.valid_from, l.valid_to) @> t.day
    union all
    select e.n, e.started_at, e.element::bigint from element e where e.level = 'premise'
  )
  select b.n, count(*)::integer,
         (count(*) filter (where (exists (select from fleet.journal_head j
                                          where j.device_id = a.device_id and j.updated_at >= b.started_at)
                                  or exists (select from fleet.device_status s
                                             where s.device_id = a.device_id and s.received_at >= b.started_at))
            and not exists (
              select from outage.outage o, outage.derivation_rule r
              where o.device_id = a.device_id and o.started_at <= b.started_at + r.window_
                and (o.end_basis is null or coalesce(o.ended_at, o.started_at) >= b.started_at))))::integer
  from below b
  join fleet.assignment a on a.premise_id = b.premise_id and tstzrange(a.assigned_from, a.assigned_to) @> b.started_at
  group by b.n
$$;
comment on function outage.element_state(text[], text[], timestamptz[]) is
  'How many homes on network elements have a device, and how many of these are known to have had power.';
grant execute on function outage.element_state(text[], text[], timestamptz[]) to bptm_job;
