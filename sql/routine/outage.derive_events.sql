-- Derive the events where interruptions have changed: at most `in_limit` rows of outage.event_due; gives
-- how many there were. The same interruptions give the same events, in whatever order and pieces they came:
-- each piece is widened to whole sessions, and these are drafted anew.
create or replace function outage.derive_events(in_limit integer)
returns integer
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_piece record;
  l_taken integer := 0;
  l_old bigint[] := '{}';
  l_now bigint[];
  l_nested bigint[];
  l_circuits text[] := '{}';
  l_spans tstzrange[] := '{}';
begin
  for l_piece in
    with taken as (
      delete from outage.event_due d
      using (select x.circuit_id, x.from_at, x.to_at from outage.event_due x order by x.from_at, x.circuit_id
             limit in_limit) x
      where d.circuit_id = x.circuit_id and d.from_at = x.from_at and d.to_at = x.to_at
      returning d.*
    )
    select t.circuit_id, s.span, (row_number() over (partition by t.circuit_id order by s.span) = 1)::integer * t.n as n
    from (select circuit_id, count(*)::integer as n, range_agg(outage.event_span(circuit_id, from_at, to_at)) as spans
          from taken group by circuit_id) t
    cross join lateral unnest(t.spans) s(span)
  loop
    l_taken := l_taken + l_piece.n;
    l_circuits := l_circuits || l_piece.circuit_id;
    l_spans := l_spans || l_piece.span;
    l_old := l_old || array(select e.event_id from outage.event e
                            where e.kind = 'outage' and e.circuit_id = l_piece.circuit_id
                              and e.started_at between lower(l_piece.span) and upper(l_piece.span));
    perform outage.draft_events(l_piece.circuit_id, l_piece.span);
  end loop;
  if l_taken = 0 then
    return 0;
  end if;
  -- an interruption whose circuit has changed leaves its old event
  l_old := array(select distinct x.event_id
                 from (select unnest(l_old) as event_id
                       union all
                       select m.event_id from outage.event_draft d cross join lateral unnest(d.members) i(outage_id)
                       join outage.event_member m on m.outage_id = i.outage_id
                       join outage.event e on e.event_id = m.event_id and e.kind = 'outage') x);
  l_now := outage.apply_drafts(l_old);

  perform outage.draft_nested(l_now);
  l_nested := outage.apply_drafts(array(select e.event_id from outage.event e
                                        where e.kind = 'nested' and e.parent_id = any (l_now)));
  perform outage.derive_groups(l_now, l_circuits, l_spans);
  return l_taken;
end
$$;
comment on function outage.derive_events(integer) is
  'Derive the events where interruptions have changed; gives how many pieces there were.';
grant execute on function outage.derive_events(integer) to bptm_job;
