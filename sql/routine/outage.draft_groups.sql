-- Draft the groups of substations in periods: two or more circuits of one that went out within the
-- window of each other. A group is made of the interruptions of its circuits' events.
drop function if exists outage.draft_groups(text, tstzrange);
create or replace function outage.draft_groups(in_substations text[], in_spans tstzrange[])
returns void
language sql volatile
set search_path = pg_catalog, public, pg_temp
as $$
  insert into outage.event_draft (kind, level, element, circuit_id, started_at, ended_at, restored_at,
                                  customers, dark, served, lit, confidence, momentary, centre, members)
  with one as (
    select e.*, count(*) filter (where e.is_first) over w as session
    from (select v.*, u.substation, coalesce(v.started_at - lag(v.started_at) over w > r.window_, true) as is_first
          from unnest(in_substations, in_spans) u(substation, span)
          join programme.circuit c on c.substation = u.substation
          join outage.event v on v.circuit_id = c.circuit_id and v.started_at >= lower(u.span)
            and v.started_at <= upper(u.span) and v.kind = 'outage' and v.level = 'circuit'
          cross join outage.derivation_rule r
          window w as (partition by u.substation order by v.started_at, v.event_id)) e
    window w as (partition by e.substation order by e.started_at, e.event_id)
  ), session as materialized (
    select row_number() over () as n, o.substation, min(o.started_at) as started_at, sum(o.customers)::integer as customers,
           case when bool_and(o.ended_at is not null) then max(o.ended_at) end as ended_at,
           case when bool_and(o.restored_at is not null) then max(o.restored_at) end as restored_at,
           sum(o.dark)::integer as dark, bool_and(o.momentary) as momentary,
           st_centroid(st_collect(o.centre)) as centre, array_agg(o.event_id) as event_ids
    from one o
    group by o.substation, o.session
    having count(distinct o.circuit_id) > 1
  ), state as (
    select t.*
    from (select array_agg('substation'::text) as levels, array_agg(s.substation order by s.n) as elements,
                 array_agg(s.started_at order by s.n) as starts
          from session s) x
    cross join lateral outage.element_state(x.levels, x.elements, x.starts) t
  )
  select 'group', 'substation', s.substation, '', s.started_at, s.ended_at, s.restored_at, s.customers, s.dark,
         greatest(n.served, s.customers), coalesce(n.lit, 0),
         outage.event_confidence(s.customers, coalesce(n.served, 0), coalesce(n.lit, 0)), s.momentary, s.centre,
         (select array_agg(m.outage_id order by m.outage_id) from outage.event_member m where m.event_id = any (s.event_ids))
  from session s
  left join state n on n.n = s.n
$$;
comment on function outage.draft_groups(text[], tstzrange[]) is
  'Draft the groups of substations: circuits that went out together.';
grant execute on function outage.draft_groups(text[], tstzrange[]) to bptm_job;
