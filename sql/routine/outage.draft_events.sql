-- Draft the events of circuits for whole sessions (outage.event_span): chains whose starts follow each
-- other within the window are one event, at the nearest element above all of them. One home alone is its
-- transformer when that is a large enough share of the transformer's homes. Homes whose circuit is not
-- known have nothing above them: each is an event of its own.
drop function if exists outage.draft_events(text, tstzrange);
create or replace function outage.draft_events(in_circuits text[], in_spans tstzrange[])
returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  insert into outage.event_draft (kind, level, element, circuit_id, started_at, ended_at, restored_at,
                                  customers, dark, served, lit, confidence, momentary, centre, members)
  with chain as materialized (
    select c.*, count(*) filter (where c.is_first) over w as session
    from (select e.*, e.circuit_id = '' or coalesce(e.started_at - lag(e.started_at) over w > r.window_, true) as is_first
          from outage.event_chain(in_circuits, in_spans) e cross join outage.derivation_rule r
          window w as (partition by e.circuit_id order by e.started_at, e.premise_id)) c
    window w as (partition by c.circuit_id order by c.started_at, c.premise_id)
  ), member as (
    select c.circuit_id, c.session, array_agg(m.id order by m.id) as members
    from chain c cross join lateral unnest(c.outage_ids) m(id)
    group by c.circuit_id, c.session
  ), session as materialized (
    select row_number() over () as n, c.circuit_id, c.session, count(distinct c.premise_id)::integer as customers,
           min(c.started_at) as started_at,
           case when bool_and(c.ended_at is not null) then max(c.ended_at) end as ended_at,
           (count(distinct c.premise_id) filter (where c.ended_at is null))::integer as dark,
           -- when the share is back; null while fewer are
           percentile_disc(r.restored_share) within group (order by coalesce(c.ended_at, 'infinity')) as restored_at,
           bool_and(c.is_momentary) as momentary, st_centroid(st_collect(c.geom)) as centre,
           min(c.transformer_id) as transformer_id, count(distinct c.transformer_id) as transformers,
           min(c.segment_id) as segment_id, count(distinct c.segment_id) as segments,
           min(c.premise_id) as premise_id
    from chain c cross join outage.derivation_rule r
    group by c.circuit_id, c.session, r.restored_share
  ), alone as (
    select s.n, t.served
    from (select array_agg(s.n order by s.n) as ns, array_agg('transformer'::text) as levels,
                 array_agg(s.transformer_id order by s.n) as elements, array_agg(s.started_at order by s.n) as starts
          from session s where s.customers = 1 and s.transformer_id <> '') x
    cross join lateral outage.element_state(x.levels, x.elements, x.starts) t
    join session s on s.n = x.ns[t.n]
  ), placed as materialized (
    select s.*, l.level, case l.level when 'premise' then s.premise_id::text when 'transformer' then s.transformer_id
                                      when 'segment' then s.segment_id else s.circuit_id end as element
    from session s
    cross join outage.derivation_rule r
    left join alone t on t.n = s.n
    cross join lateral (
      select case when t.served > 1 and 1 >= r.transformer_share * t.served then 'transformer'
                  when s.customers = 1 then 'premise'
                  when s.transformers = 1 and s.transformer_id <> '' then 'transformer'
                  when s.segments = 1 and s.segment_id <> '' then 'segment'
                  else 'circuit' end as level) l
  ), state as (
    select t.*
    from (select array_agg(p.level order by p.n) as levels, array_agg(p.element order by p.n) as elements,
                 array_agg(p.started_at order by p.n) as starts
          from placed p) x
    cross join lateral outage.element_state(x.levels, x.elements, x.starts) t
  )
  select 'outage', p.level, p.element, p.circuit_id, p.started_at, p.ended_at,
         nullif(p.restored_at, 'infinity'), p.customers, p.dark, greatest(n.served, p.customers), coalesce(n.lit, 0),
         outage.event_confidence(p.customers, coalesce(n.served, 0), coalesce(n.lit, 0)), p.momentary, p.centre, m.members
  from placed p
  join member m using (circuit_id, session)
  left join state n on n.n = p.n
$$;
comment on function outage.draft_events(text[], tstzrange[]) is
  'Draft the events of circuits for whole sessions.';
grant execute on function outage.draft_events(text[], tstzrange[]) to bptm_job;
