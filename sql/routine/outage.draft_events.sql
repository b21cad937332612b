-- Draft the events of a circuit for whole sessions (outage.event_span): chains whose starts follow each
-- other within the window are one event, at the nearest element above all of them. One home alone is its
-- transformer when that is a large enough share of the transformer's homes. Homes whose circuit is not
-- known have nothing above them: each is an event of its own.
create or replace function outage.draft_events(in_circuit_id text, in_span tstzrange)
returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  insert into outage.event_draft (kind, level, element, circuit_id, started_at, ended_at, restored_at,
                                  customers, dark, served, lit, confidence, momentary, centre, members)
  with chain as materialized (
    select c.*, count(*) filter (where c.is_first) over (order by c.started_at, c.premise_id) as session
    from (select e.*,
                 in_circuit_id = ''
                   or coalesce(e.started_at - lag(e.started_at) over (order by e.started_at, e.premise_id)
                               > r.window_, true) as is_first
          from outage.event_chain(in_circuit_id, in_span) e cross join outage.derivation_rule r) c
  ), session as (
    select c.session, count(distinct c.premise_id)::integer as customers, min(c.started_at) as started_at,
           case when bool_and(c.ended_at is not null) then max(c.ended_at) end as ended_at,
           (count(distinct c.premise_id) filter (where c.ended_at is null))::integer as dark,
           -- when the share is back; null while fewer are
           percentile_disc(r.restored_share) within group (order by coalesce(c.ended_at, 'infinity')) as restored_at,
           bool_and(c.is_momentary) as momentary, st_centroid(st_collect(c.geom)) as centre,
           min(c.transformer_id) as transformer_id, count(distinct c.transformer_id) as transformers,
           min(c.segment_id) as segment_id, count(distinct c.segment_id) as segments,
           min(c.premise_id) as premise_id
    from chain c cross join outage.derivation_rule r
    group by c.session, r.restored_share
  ), placed as (
    select s.*, e.level, e.element
    from session s
    cross join outage.derivation_rule r
    left join lateral outage.element_state('transformer', s.transformer_id, s.started_at) t
      on s.customers = 1 and s.transformer_id <> ''
    cross join lateral (
      select case when s.customers = 1 and coalesce(t.served, 0) > 1 and 1 >= r.transformer_share * t.served
                    then 'transformer'
                  when s.customers = 1 then 'premise'
                  when s.transformers = 1 and s.transformer_id <> '' then 'transformer'
                  when s.segments = 1 and s.segment_id <> '' then 'segment'
                  else 'circuit' end as level
    ) l
    cross join lateral (
      select l.level, case l.level when 'premise' then s.premise_id::text when 'transformer' then s.transformer_id
                                   when 'segment' then s.segment_id else in_circuit_id end as element
    ) e
  )
  select 'outage', p.level, p.element, in_circuit_id, p.started_at, p.ended_at,
         nullif(p.restored_at, 'infinity'), p.customers, p.dark, greatest(n.served, p.customers), n.lit,
         outage.event_confidence(p.customers, n.served, n.lit), p.momentary, p.centre,
         (select array_agg(m.id order by m.id) from chain c, unnest(c.outage_ids) m(id) where c.session = p.session)
  from placed p
  cross join lateral outage.element_state(p.level, p.element, p.started_at) n
$$;
comment on function outage.draft_events(text, tstzrange) is
  'Draft the events of a circuit for whole sessions.';
grant execute on function outage.draft_events(text, tstzrange) to bptm_job;
