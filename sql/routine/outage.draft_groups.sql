-- Draft the groups of a substation in a period: two or more of its circuits that went out within the
-- window of each other. A group is made of the interruptions of its circuits' events.
create or replace function outage.draft_groups(in_substation text, in_span tstzrange)
returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  insert into outage.event_draft (kind, level, element, circuit_id, started_at, ended_at, restored_at,
                                  customers, dark, served, lit, confidence, momentary, centre, members)
  with one as (
    select e.*, count(*) filter (where e.is_first) over (order by e.started_at, e.event_id) as session
    from (select v.*, coalesce(v.started_at - lag(v.started_at) over (order by v.started_at, v.event_id)
                               > r.window_, true) as is_first
          from outage.event v
          join programme.circuit c on c.circuit_id = v.circuit_id and c.substation = in_substation
          cross join outage.derivation_rule r
          where v.kind = 'outage' and v.level = 'circuit' and in_span @> v.started_at) e
  ), session as (
    select o.session, min(o.started_at) as started_at, sum(o.customers)::integer as customers,
           case when bool_and(o.ended_at is not null) then max(o.ended_at) end as ended_at,
           case when bool_and(o.restored_at is not null) then max(o.restored_at) end as restored_at,
           sum(o.dark)::integer as dark, bool_and(o.momentary) as momentary,
           st_centroid(st_collect(o.centre)) as centre, array_agg(o.event_id) as event_ids
    from one o
    group by o.session
    having count(distinct o.circuit_id) > 1
  )
  select 'group', 'substation', in_substation, '', s.started_at, s.ended_at, s.restored_at, s.customers, s.dark,
         greatest(n.served, s.customers), n.lit, outage.event_confidence(s.customers, n.served, n.lit), s.momentary,
         s.centre, (select array_agg(m.outage_id order by m.outage_id) from outage.event_member m
                    where m.event_id = any (s.event_ids))
  from session s
  cross join lateral outage.element_state('substation', in_substation, s.started_at) n
$$;
comment on function outage.draft_groups(text, tstzrange) is
  'Draft the groups of a substation: circuits that went out together.';
grant execute on function outage.draft_groups(text, tstzrange) to bptm_job;
