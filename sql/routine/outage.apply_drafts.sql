-- Make the drafts the events, in place of those named: an event goes on as the draft that it shares most
-- interruptions with, and when it says anything else it gets a new version; a draft without one is a new
-- event; an event without one is withdrawn. That another home was heard from, which changes how sure we are
-- by little, is noted in the event without a version: a circuit has hundreds of homes. Empties the drafts; gives the events that now are, changed
-- or not, and those withdrawn.
create or replace function outage.apply_drafts(in_old_ids bigint[])
returns bigint[]
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  l_ids bigint[];
begin
  with old as materialized (
    select e as event, e.event_id, m.members, outage.event_state(e, m.members) as state, v.state as told
    from outage.event e
    left join outage.event_version v on v.event_id = e.event_id and v.version = e.version
    cross join lateral (select coalesce(array_agg(m.outage_id order by m.outage_id), '{}') as members
                        from outage.event_member m where m.event_id = e.event_id) m
    where e.event_id = any (in_old_ids)
  ), had as materialized (
    select o.event_id, x.outage_id from old o cross join lateral unnest(o.members) x(outage_id)
  ), shared as (
    select m.event_id, d.draft_id, count(*) as n
    from (select d.draft_id, x.outage_id from outage.event_draft d cross join lateral unnest(d.members) x(outage_id)) d
    join had m using (outage_id)
    group by m.event_id, d.draft_id
  ), best as (
    select s.*, row_number() over (partition by s.draft_id order by s.n desc, s.event_id) as of_draft,
           row_number() over (partition by s.event_id order by s.n desc, s.draft_id) as of_event
    from shared s
  ), next as materialized (
    select d.*, o.event_id as old_id, o.state as old_state, o.told as old_told, (o.event).version as old_version, (o.event).centre as old_centre,
           (o.event).revised_at as old_revised_at,
           coalesce(o.event_id, nextval(pg_get_serial_sequence('outage.event', 'event_id'))) as event_id,
           coalesce(d.parent_id, (o.event).parent_id) as parent
    from outage.event_draft d
    left join best b on b.draft_id = d.draft_id and b.of_draft = 1 and b.of_event = 1
    left join old o on o.event_id = b.event_id
  ), drafted as materialized (
    select n.*, outage.event_state(
             row(n.event_id, n.kind, n.parent, n.level, n.element, n.circuit_id, n.started_at, n.ended_at,
                 n.restored_at, n.customers, n.dark, n.served, n.lit, n.confidence, n.momentary, 0, now(),
                 n.centre)::outage.event, n.members) as state
    from next n
  ), judged as (
    select d.*, coalesce(d.state - '{lit,confidence}'::text[] is distinct from d.old_told - '{lit,confidence}'::text[]
                         or abs((d.state ->> 'confidence')::real - (d.old_told ->> 'confidence')::real) >= 0.05, true)
             as is_revision
    from drafted d
  ), told as materialized (
    select j.*, coalesce(j.old_version, 0) + j.is_revision::integer as version,
           case when j.is_revision then now() else j.old_revised_at end as revised_at
    from judged j
  ), withdrawn as (
    delete from outage.event e
    where e.event_id = any (in_old_ids) and e.event_id not in (select t.old_id from told t where t.old_id is not null)
    returning e.event_id, e.version + 1 as version
  ), kept as (
    insert into outage.event as e (event_id, kind, parent_id, level, element, circuit_id, started_at, ended_at,
                                   restored_at, customers, dark, served, lit, confidence, momentary, version,
                                   revised_at, centre)
    overriding system value
    select t.event_id, t.kind, t.parent, t.level, t.element, t.circuit_id, t.started_at, t.ended_at, t.restored_at,
           t.customers, t.dark, t.served, t.lit, t.confidence, t.momentary, t.version, t.revised_at, t.centre
    from told t
    where t.is_revision or t.state is distinct from t.old_state or t.centre is distinct from t.old_centre
    on conflict (event_id) do update
    set (level, element, circuit_id, started_at, ended_at, restored_at, customers, dark, served, lit, confidence,
         momentary, version, revised_at, centre)
      = (excluded.level, excluded.element, excluded.circuit_id, excluded.started_at, excluded.ended_at,
         excluded.restored_at, excluded.customers, excluded.dark, excluded.served, excluded.lit,
         excluded.confidence, excluded.momentary, excluded.version, excluded.revised_at, excluded.centre)
    returning e.event_id
  ), noted as (
    insert into outage.event_version (event_id, version, revised_at, reasons, state)
    select t.event_id, t.version, now(), outage.event_reasons(t.old_told, t.state), t.state
    from told t where t.is_revision
    union all
    select w.event_id, w.version, now(), array['withdrawn: its records tell it otherwise'], null from withdrawn w
    returning 1
  ), has as materialized (
    select t.event_id, x.outage_id from told t cross join lateral unnest(t.members) x(outage_id)
  ), left_ as (
    delete from outage.event_member m
    using (select * from had except select * from has) g
    where m.event_id = g.event_id and m.outage_id = g.outage_id
    returning 1
  ), joined as (
    insert into outage.event_member (event_id, outage_id)
    select * from has except select * from had
    returning 1
  )
  select array_agg(x.event_id) into l_ids
  from (select t.event_id from told t union select w.event_id from withdrawn w) x;
  delete from outage.event_draft;
  return coalesce(l_ids, '{}');
end
$$;
comment on function outage.apply_drafts(bigint[]) is
  'Make the drafts the events, in place of those named; every change is a version with its reasons.';
grant execute on function outage.apply_drafts(bigint[]) to bptm_job;
