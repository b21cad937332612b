-- Derive the events where interruptions have changed: at most `in_limit` rows of outage.event_due; gives
-- how many there were. The same interruptions give the same events, in whatever order and pieces they came:
-- each piece is widened to whole sessions, and these are drafted anew.
create or replace function outage.derive_events(in_limit integer)
returns integer
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_taken integer;
  l_circuits text[];
  l_spans tstzrange[];
  l_old bigint[];
  l_now bigint[];
begin
  with taken as (
    delete from outage.event_due d
    using (select x.circuit_id, x.from_at from outage.event_due x order by x.from_at, x.circuit_id limit in_limit) x
    where d.circuit_id = x.circuit_id and d.from_at = x.from_at
    returning d.*
  ), whole as (
    select p.circuit_id, range_agg(outage.event_span(p.circuit_id, lower(u.span), upper(u.span))) as spans
    from (select t.circuit_id, range_agg(tstzrange(t.from_at, t.to_at, '[]')) as spans from taken t group by 1) p
    cross join lateral unnest(p.spans) u(span)
    group by p.circuit_id
  )
  select (select count(*) from taken), array_agg(w.circuit_id), array_agg(u.span) into l_taken, l_circuits, l_spans
  from whole w cross join lateral unnest(w.spans) u(span);
  if l_taken = 0 then
    return 0;
  end if;
  perform outage.draft_events(l_circuits, l_spans);
  -- an interruption whose circuit has changed leaves its old event
  l_old := array(select e.event_id
                 from unnest(l_circuits, l_spans) u(circuit_id, span)
                 join outage.event e on e.kind = 'outage' and e.circuit_id = u.circuit_id
                   and e.started_at >= lower(u.span) and e.started_at <= upper(u.span)
                 union
                 select e.event_id
                 from outage.event_draft d cross join lateral unnest(d.members) i(outage_id)
                 join outage.event_member m on m.outage_id = i.outage_id
                 join outage.event e on e.event_id = m.event_id and e.kind = 'outage');
  l_now := outage.apply_drafts(l_old);

  perform outage.draft_nested(l_now);
  perform outage.apply_drafts(array(select e.event_id from outage.event e
                                    where e.kind = 'nested' and e.parent_id = any (l_now)));
  perform outage.derive_groups(l_now, l_circuits, l_spans);
  return l_taken;
end
$$;
comment on function outage.derive_events(integer) is
  'Derive the events where interruptions have changed; gives how many pieces there were.';
grant execute on function outage.derive_events(integer) to bptm_job;
