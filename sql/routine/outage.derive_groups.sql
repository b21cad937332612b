-- Derive the groups of substations around some events, and say of each event of a circuit to which group
-- it belongs.
create or replace function outage.derive_groups(in_event_ids bigint[])
returns void
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_piece record;
  l_now bigint[];
begin
  for l_piece in
    -- sessions of events reach as far as the window takes them: a day on either side holds them
    select c.substation, range_merge(range_agg(tstzrange(e.started_at - interval '1 day',
                                                         e.started_at + interval '1 day'))) as span
    from outage.event e
    join programme.circuit c on c.circuit_id = e.circuit_id and c.substation is not null
    where e.event_id = any (in_event_ids) and e.kind = 'outage'
    group by c.substation, date_bin('1 day', e.started_at, 'epoch')
  loop
    perform outage.draft_groups(l_piece.substation, l_piece.span);
    l_now := outage.apply_drafts(array(select e.event_id from outage.event e
                                       where e.kind = 'group' and e.element = l_piece.substation
                                         and l_piece.span @> e.started_at));
    update outage.event o
    set parent_id = w.parent_id
    from (select e.event_id, max(g.event_id) as parent_id
          from outage.event e
          join programme.circuit c on c.circuit_id = e.circuit_id and c.substation = l_piece.substation
          left join outage.event_member m on m.event_id = e.event_id
          left join outage.event_member n on n.outage_id = m.outage_id
          left join outage.event g on g.event_id = n.event_id and g.kind = 'group'
          where e.kind = 'outage' and e.level = 'circuit' and l_piece.span @> e.started_at
          group by e.event_id) w
    where o.event_id = w.event_id and o.parent_id is distinct from w.parent_id;
  end loop;
end
$$;
comment on function outage.derive_groups(bigint[]) is
  'Derive the groups of substations around some events.';
grant execute on function outage.derive_groups(bigint[]) to bptm_job;
