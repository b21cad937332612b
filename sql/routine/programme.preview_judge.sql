-- Make a preview that runs: judge every premise by what was in force and by its drafts, with
-- programme.judged, and keep whose outcome differs. Error: state-refused when it was cancelled meanwhile.
create or replace function programme.preview_judge(in_preview_id bigint)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set work_mem = '256MB'
set enable_nestloop = off      -- as programme.screen has it
set enable_mergejoin = off
as $$
declare
  p programme.preview;
  l_policy text;
  l_after programme.side;
  l_before programme.side;
  l_sides programme.side[];
begin
  select v.* into strict p from programme.preview v where v.preview_id = in_preview_id;
  select g.grandfathering into strict l_policy from programme.programme g where g.programme_id = p.programme_id;
  l_after := row(1, p.ruleset_id, p.zone_layer_ids, p.circuit_list_ids, p.generator_list_id);
  l_before := row(1, p.ruleset_before_id, p.zone_layer_before_ids, p.circuit_list_before_ids, p.generator_list_before_id);
  l_sides := array[l_after];
  if l_before is distinct from l_after then   -- else nothing but the quota is asked
    l_before.n := 2;
    l_sides := l_sides || l_before;
  end if;

  with judged as (
    select j.side, j.premise_id, j.application_id, programme.outcome(j.codes) as outcome
    from (
      select j.side, j.premise_id, j.application_id, j.codes
      from programme.judged(true, null, p.programme_id, l_sides, p.decided_on) j
      offset 0   -- as programme.screen has it
    ) j
  ), compared as materialized (
    select j.premise_id, j.application_id, max(j.outcome) filter (where j.side = 1) as after,
           coalesce(max(j.outcome) filter (where j.side = l_before.n), 'ineligible') as before
    from judged j
    group by j.premise_id, j.application_id
  ), hardware as (
    select distinct f.premise_id from fleet.assignment f where f.assigned_to is null or f.assigned_to > now()
  ), changed as (
    insert into programme.preview_change (preview_id, premise_id, before, after, application_id, has_hardware, is_kept)
    select p.preview_id, o.premise_id, o.before, o.after, o.application_id, h.premise_id is not null,
           h.premise_id is not null or o.application_id is not null and l_policy = 'kept' and p.ruleset_id is distinct from p.ruleset_before_id
    from compared o left join hardware h using (premise_id)
    where o.before <> o.after
    returning before, after, direction, application_id, has_hardware, is_kept
  ), season as (
    select s.quota, s.reserved, coalesce(p.quota, s.quota) as places,
           (select count(*) from programme.application w where w.programme_id = p.programme_id and w.state = 'waitlisted') as waiting
    from programme.season(p.programme_id) s
  )
  select jsonb_build_object(
           'premises', (select count(*) from compared),
           'eligible_before', (select count(*) from compared o where o.before = 'eligible'),
           'eligible_after', (select count(*) from compared o where o.after = 'eligible'),
           'in', count(*) filter (where c.direction = 'in'),
           'out', count(*) filter (where c.direction = 'out'),
           'other', count(*) filter (where c.direction = 'other'),
           'applications', count(c.application_id),
           'hardware', count(*) filter (where c.has_hardware),
           'hardware_out', count(*) filter (where c.has_hardware and c.direction = 'out'),
           'kept', count(*) filter (where c.is_kept),
           'places', (select s.places from season s), 'reserved', (select s.reserved from season s),
           'waiting', (select s.waiting from season s),
           'promoted', (select greatest(0, least(coalesce(s.places - s.reserved, s.waiting), s.waiting)) from season s))
  into p.counts
  from changed c;
  update programme.preview v set counts = p.counts, state = 'done', ended_at = clock_timestamp()
  where v.preview_id = in_preview_id and v.state = 'running';
  if not found then
    raise exception using errcode = 'BP001', message = 'state-refused';
  end if;
end
$$;
comment on function programme.preview_judge(bigint) is
  'Judge every premise by what was in force and by the drafts of a preview, and keep whose outcome differs.';
grant execute on function programme.preview_judge(bigint) to bptm_import;
