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
  l_is_same boolean;   -- nothing but the quota is asked
begin
  select v.* into strict p from programme.preview v where v.preview_id = in_preview_id;
  select g.grandfathering into strict l_policy from programme.programme g where g.programme_id = p.programme_id;
  l_is_same := row(p.ruleset_id, p.zone_layer_ids, p.circuit_list_ids, p.generator_list_id) is not distinct from
    row(p.ruleset_before_id, p.zone_layer_before_ids, p.circuit_list_before_ids, p.generator_list_before_id);

  with after as materialized (
    select j.premise_id, j.application_id, programme.outcome(j.codes) as outcome
    from (
      select j.premise_id, j.application_id, j.codes
      from programme.judged(true, null, p.programme_id, p.ruleset_id, p.zone_layer_ids, p.circuit_list_ids, p.generator_list_id, p.decided_on) j
      offset 0   -- as programme.screen has it
    ) j
  ), before as materialized (
    select j.premise_id, programme.outcome(j.codes) as outcome
    from (
      select j.premise_id, j.codes
      from programme.judged(true, null, p.programme_id, p.ruleset_before_id, p.zone_layer_before_ids, p.circuit_list_before_ids,
        p.generator_list_before_id, p.decided_on) j
      where not l_is_same
      offset 0
    ) j
    union all
    select a.premise_id, a.outcome from after a where l_is_same
  ), hardware as (
    select distinct f.premise_id from fleet.assignment f where f.assigned_to is null or f.assigned_to > now()
  ), changed as (
    insert into programme.preview_change (preview_id, premise_id, before, after, application_id, has_hardware, is_kept)
    select p.preview_id, a.premise_id, coalesce(b.outcome, 'ineligible'), a.outcome, a.application_id, h.premise_id is not null,
           h.premise_id is not null or a.application_id is not null and l_policy = 'kept' and p.ruleset_id is distinct from p.ruleset_before_id
    from after a left join before b using (premise_id) left join hardware h using (premise_id)
    where coalesce(b.outcome, 'ineligible') <> a.outcome
    returning before, after, direction, application_id, has_hardware, is_kept
  ), season as (
    select s.quota, s.reserved, coalesce(p.quota, s.quota) as places,
           (select count(*) from programme.application w where w.programme_id = p.programme_id and w.state = 'waitlisted') as waiting
    from programme.season(p.programme_id) s
  )
  select jsonb_build_object(
           'premises', (select count(*) from after),
           'eligible_before', (select count(*) from before where outcome = 'eligible'),
           'eligible_after', (select count(*) from after where outcome = 'eligible'),
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
