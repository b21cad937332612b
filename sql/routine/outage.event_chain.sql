-- Chains of drops that began in periods on circuits: at each premise the interruptions that follow
-- each other within the rejoin time are one. Field work, exchanges and drills are not among them, nor
-- what is over before the debounce time. An end that is not known is taken as the last start.
-- Only nested loops are on: it goes by index from few rows into large tables, whatever statistics say.
drop function if exists outage.event_chain(text, tstzrange);
create or replace function outage.event_chain(in_circuits text[], in_spans tstzrange[])
returns table (circuit_id text, premise_id bigint, transformer_id text, segment_id text, started_at timestamptz,
               ended_at timestamptz, is_momentary boolean, geom public.geometry, outage_ids bigint[])
language sql stable
set search_path = pg_catalog, public, pg_temp
set enable_hashjoin = off set enable_mergejoin = off
as $$
  select c.circuit_id, c.premise_id, c.transformer_id, coalesce(t.segment_id, ''), c.started_at, c.ended_at,
         c.is_momentary, p.geom, c.outage_ids
  from outage.derivation_rule r
  cross join lateral (
    select o.circuit_id, o.premise_id, o.chain_at as started_at, min(o.transformer_id) as transformer_id,
           case when bool_and(o.end_basis is not null) then max(coalesce(o.ended_at, o.started_at)) end as ended_at,
           bool_and(coalesce(o.ended_at - o.started_at <= s.momentary, false)) as is_momentary,
           array_agg(o.outage_id order by o.outage_id) as outage_ids
    from unnest(in_circuits, in_spans) u(circuit_id, span)
    join outage.outage o on o.circuit_id = u.circuit_id and o.chain_at >= lower(u.span) and o.chain_at <= upper(u.span)
    join outage.source s on s.kind = 'meters'
    where o.premise_id is not null and o.uncounted is null
    group by o.circuit_id, o.premise_id, o.chain_at
  ) c
  join programme.premise p on p.premise_id = c.premise_id
  left join programme.transformer t on t.transformer_id = c.transformer_id
  where c.ended_at is null or c.ended_at - c.started_at >= r.debounce or not c.is_momentary
$$;
comment on function outage.event_chain(text[], tstzrange[]) is
  'Chains of drops that began in periods on circuits, one row for each premise and chain.';
grant execute on function outage.event_chain(text[], tstzrange[]) to bptm_job;
