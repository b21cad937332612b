-- Derive the groups of substations around some events and in some periods of circuits, and say of each
-- event of a circuit to which group it belongs.
drop function if exists outage.derive_groups(bigint[]);
create or replace function outage.derive_groups(in_event_ids bigint[], in_circuits text[], in_spans tstzrange[])
returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_substations text[];
  l_spans tstzrange[];
begin
  -- sessions of events reach as far as the window takes them: a day on either side holds them
  select array_agg(a.substation), array_agg(p.span) into l_substations, l_spans
  from (select c.substation, range_agg(tstzrange(x.from_at - interval '1 day', x.to_at + interval '1 day', '[]')) as spans
        from (select e.circuit_id, e.started_at as from_at, e.started_at as to_at
              from outage.event e
              where e.event_id = any (in_event_ids) and e.kind = 'outage'
              union
              select u.circuit_id, lower(u.span), upper(u.span) from unnest(in_circuits, in_spans) u(circuit_id, span)) x
        join programme.circuit c on c.circuit_id = x.circuit_id and c.substation is not null
        group by c.substation) a
  cross join lateral unnest(a.spans) p(span);
  if l_substations is null then
    return;
  end if;
  perform outage.draft_groups(l_substations, l_spans);
  perform outage.apply_drafts(array(select e.event_id
                                    from unnest(l_substations, l_spans) u(substation, span)
                                    join outage.event e on e.kind = 'group' and e.element = u.substation
                                      and e.started_at >= lower(u.span) and e.started_at <= upper(u.span)));
  with changed as (
    update outage.event o
    set (parent_id, version, revised_at) = (w.parent_id, o.version + 1, now())
    from (select e.event_id, max(g.event_id) as parent_id
          from unnest(l_substations, l_spans) u(substation, span)
          join programme.circuit c on c.substation = u.substation
          join outage.event e on e.circuit_id = c.circuit_id and e.kind = 'outage'
            and e.started_at >= lower(u.span) and e.started_at <= upper(u.span)
          left join outage.event_member m on m.event_id = e.event_id
          left join outage.event_member n on n.outage_id = m.outage_id
          left join outage.event g on g.event_id = n.event_id and g.kind = 'group'
          group by e.event_id) w
    where o.event_id = w.event_id and o.parent_id is distinct from w.parent_id
    returning o as event
  )
  insert into outage.event_version (event_id, version, revised_at, reasons, state)
  select (c.event).event_id, (c.event).version, now(), outage.event_reasons(v.state, s.state), s.state
  from changed c
  join outage.event_version v on v.event_id = (c.event).event_id and v.version = (c.event).version - 1
  cross join lateral (select outage.event_state(c.event, array(select m.outage_id from outage.event_member m
                                                               where m.event_id = (c.event).event_id
                                                               order by m.outage_id)) as state) s;
end
$$;
comment on function outage.derive_groups(bigint[], text[], tstzrange[]) is
  'Derive the groups of substations around some events and in some periods of circuits.';
grant execute on function outage.derive_groups(bigint[], text[], tstzrange[]) to bptm_job;
