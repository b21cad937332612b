-- Draft what is nested in events: when most homes of an event are back, those that stay dark much longer
-- are, by transformer (or each home alone where it is not known), outages below it: the worklist of a
-- crew that has left.
-- Only nested loops are on: it goes by index from few rows into large tables, whatever statistics say.
create or replace function outage.draft_nested(in_event_ids bigint[])
returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
set enable_hashjoin = off set enable_mergejoin = off
as $$
  insert into outage.event_draft (kind, parent_id, level, element, circuit_id, started_at, ended_at, restored_at,
                                  customers, dark, served, lit, confidence, momentary, centre, members)
  with member as (
    select e.event_id, e.circuit_id, o.outage_id, o.premise_id, o.transformer_id, o.chain_at, o.started_at,
           case when o.end_basis is not null then coalesce(o.ended_at, o.started_at) end as ended_at, p.geom
    from outage.event e
    cross join outage.derivation_rule r
    join outage.event_member m using (event_id)
    join outage.outage o on o.outage_id = m.outage_id and o.started_at >= e.started_at
    join programme.premise p on p.premise_id = o.premise_id
    where e.event_id = any (in_event_ids) and e.kind = 'outage' and e.customers > 1
      and (o.end_basis is null or coalesce(o.ended_at, o.started_at) >= e.restored_at + r.nested_after)
  ), below as materialized (
    select row_number() over () as n, m.event_id, m.circuit_id, case when m.transformer_id = '' then 'premise' else 'transformer' end as level,
           case when m.transformer_id = '' then m.premise_id::text else m.transformer_id end as element,
           count(distinct m.premise_id)::integer as customers, min(m.chain_at) as started_at,
           case when bool_and(m.ended_at is not null) then max(m.ended_at) end as ended_at,
           (count(distinct m.premise_id) filter (where m.ended_at is null))::integer as dark,
           st_centroid(st_collect(m.geom)) as centre, array_agg(m.outage_id order by m.outage_id) as members
    from member m
    group by m.event_id, m.circuit_id, 4, 5
  ), state as (
    select t.*
    from (select array_agg(b.level order by b.n) as levels, array_agg(b.element order by b.n) as elements,
                 array_agg(b.started_at order by b.n) as starts
          from below b) x
    cross join lateral outage.element_state(x.levels, x.elements, x.starts) t
  )
  select 'nested', b.event_id, b.level, b.element, b.circuit_id, b.started_at, b.ended_at, b.ended_at, b.customers,
         b.dark, greatest(n.served, b.customers), coalesce(n.lit, 0),
         outage.event_confidence(b.customers, coalesce(n.served, 0), coalesce(n.lit, 0)), false, b.centre, b.members
  from below b
  join outage.event e on e.event_id = b.event_id and e.restored_at is not null
  left join state n on n.n = b.n
$$;
comment on function outage.draft_nested(bigint[]) is
  'Draft the outages nested in events: homes that stay dark when most are back.';
grant execute on function outage.draft_nested(bigint[]) to bptm_job;
